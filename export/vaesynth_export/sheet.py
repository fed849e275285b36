"""Building a latent sheet: items have places on the pad, and a smooth surface runs through their latents."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MAX_STRETCH = 8.0
"""Averages are stretched back to the length of what they average, but no more than this."""


def nodes(size: int) -> Floats:
    """Pad positions `(size, size, 2)` of a sheet's nodes as (x, y): rows from y = -1, columns from x = -1."""
    line = np.linspace(-1, 1, size)
    x, y = np.meshgrid(line, line)
    return np.stack([x, y], -1)


def ranks(values: Floats) -> Floats:
    """Ranks of `(n,)` values, spread over [-1, 1]."""
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return np.asarray(2 * order / max(len(values) - 1, 1) - 1, np.float64)


def spearman(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation; 0 where one of them is constant. Ties share their mean rank."""
    x, y = (_mean_ranks(v.ravel()) for v in (a, b))
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x**2).sum() * (y**2).sum())
    return float((x * y).sum() / scale) if scale > 0 else 0.0


def _mean_ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], np.float64)


def weave(latents: Floats, places: Floats, size: int, neighbours: int) -> Floats:
    """A smooth sheet through items that have places.

    Each node is a weighted mean of the items near it; the kernel is as wide as `neighbours` of them need.
    A mean of independent latents is shorter than any of them and decodes to a blur; so it is stretched, from
    the items' common centre, to the mean length of what it averages, as slerp does for two.

    Args:
        latents: `(n, latent_dim)`.
        places: `(n, 2)` as (x, y) in [-1, 1].
        size: nodes a side.
        neighbours: items that determine a node.

    Returns:
        `(size, size, latent_dim)`.
    """
    centre = latents.mean(0)
    around = latents - centre
    lengths = np.linalg.norm(around, axis=1)
    at = nodes(size).reshape(-1, 2)
    distance = np.linalg.norm(at[:, None] - places[None], axis=2)
    k = min(neighbours, len(latents)) - 1
    width = np.maximum(np.partition(distance, k, axis=1)[:, k], 1.0 / size)
    # Subtracting the nearest distance keeps the weights from vanishing far from every item.
    exponent = (distance**2 - distance.min(1, keepdims=True) ** 2) / width[:, None] ** 2
    weights = np.exp(-2 * exponent)
    weights /= weights.sum(1, keepdims=True)
    sheet = _smooth((weights @ around).reshape(size, size, -1))
    wanted = _smooth((weights @ lengths).reshape(size, size, 1))
    return np.asarray(centre + stretched(sheet, wanted), np.float64)


def stretched(sheet: Floats, lengths: Floats) -> Floats:
    """Vectors `(rows, columns, latent_dim)` at lengths `(rows, columns, 1)`, at most `MAX_STRETCH`-fold."""
    now = np.maximum(np.linalg.norm(sheet, axis=-1, keepdims=True), 1e-9)
    return np.asarray(sheet * np.minimum(lengths / now, MAX_STRETCH), np.float64)


def _smooth(sheet: Floats) -> Floats:
    """Binomial smoothing over the nodes; edges keep to themselves."""
    for axis in (0, 1):
        padded = np.concatenate([sheet.take([0], axis), sheet, sheet.take([-1], axis)], axis)
        before, after = (padded.take(range(i, i + sheet.shape[axis]), axis) for i in (0, 2))
        sheet = 0.5 * sheet + 0.25 * (before + after)
    return sheet


def resample(coarse: Floats, size: int) -> Floats:
    """A coarse sheet `(n, n, d)`, bilinear, at `size` nodes a side."""
    line = np.linspace(0, len(coarse) - 1, size)
    hats = np.maximum(0, 1 - np.abs(line[:, None] - np.arange(len(coarse))))
    return np.asarray(np.einsum("ri,cj,ijd->rcd", hats, hats, coarse, optimize=True), np.float64)


def pass_through(sheet: Floats, latents: Floats, at: npt.NDArray[np.intp]) -> Floats:
    """The sheet bent so that it holds given latents exactly at given nodes, and smoothly less so round them.

    Gaussian radial basis functions, as wide as the shown points are apart, solved for the residuals.

    Args:
        sheet: `(size, size, latent_dim)`.
        latents: `(n, latent_dim)`.
        at: `(n, 2)` as (row, column), all different.
    """
    if not len(latents):
        return sheet
    size = len(sheet)
    grid = nodes(size)
    centres = grid[at[:, 0], at[:, 1]]
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    nearest = np.where(np.eye(len(at), dtype=bool), np.inf, apart).min(1) if len(at) > 1 else np.array([0.6])
    width = float(np.clip(0.6 * np.median(nearest), 2.0 / size, 0.35))

    def kernel(distance: Floats) -> Floats:
        return np.asarray(np.exp(-0.5 * (distance / width) ** 2), np.float64)

    residuals = latents - sheet[at[:, 0], at[:, 1]]
    weights = np.linalg.solve(kernel(apart), residuals)
    reach = np.linalg.norm(grid[:, :, None] - centres, axis=-1)
    bent = sheet + kernel(reach) @ weights
    bent[at[:, 0], at[:, 1]] = latents  # exactly, whatever rounding did
    return np.asarray(bent, np.float64)


def seats(places: Floats, size: int, apart: int = 3) -> npt.NDArray[np.intp]:
    """A node `(row, column)` for each place `(n, 2)`: the nearest that keeps `apart` nodes from those taken.

    Where there is no such room, the distance is reduced until there is.
    """
    columns = (places[:, 0] + 1) / 2 * (size - 1)
    rows = (places[:, 1] + 1) / 2 * (size - 1)
    all_rows, all_columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    taken: list[tuple[int, int]] = []
    for row, column in zip(rows, columns, strict=True):
        distance = (all_rows - row) ** 2 + (all_columns - column) ** 2
        for room in range(apart, 0, -1):
            free = np.ones((size, size), bool)
            for r, c in taken:
                free &= np.maximum(np.abs(all_rows - r), np.abs(all_columns - c)) >= room
            if free.any():
                break
        best = int(np.argmin(np.where(free, distance, np.inf)))
        taken.append((best // size, best % size))
    return np.array(taken, np.intp).reshape(-1, 2)


def spread_out(places: Floats, count: int) -> npt.NDArray[np.intp]:
    """Indices of `count` places far apart: the most central one, then always the farthest from those."""
    if not len(places):
        return np.zeros(0, np.intp)
    chosen = [int(np.argmin((places**2).sum(1)))]
    nearest = np.linalg.norm(places - places[chosen[0]], axis=1)
    while len(chosen) < min(count, len(places)):
        nearest[chosen] = -1
        chosen.append(int(np.argmax(nearest)))
        nearest = np.minimum(nearest, np.linalg.norm(places - places[chosen[-1]], axis=1))
    return np.array(chosen, np.intp)
