"""The latent sheet behind the pad of loops: for the most audible and musical change, not for latent variance.

1. Decode the training items' posterior means and describe what comes out (`descriptors`).
2. Of all pairs of descriptors that hardly depend on each other, take those that explain most of how the items
   differ and that the latents control (`axes`).
3. Every item has its place by its ranks in the two; the sheet is woven through the items' latents (`sheet`),
   corrected until the decoded descriptors follow the axes, and bent through the shown examples.
4. The result is measured as a player meets it: by decoding it (`quality`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vaesynth.latent_map import LatentMap

from . import sheet as weaving
from .axes import axis_pairs, gradient
from .descriptors import Described, Descriptors
from .quality import Decode, Latents, Quality, assess, describe
from .sheet import Floats

GRID = 33
CALIBRATION = 9
"""Nodes a side at which the correction is measured."""
CALIBRATION_ROUNDS = 4
MAX_CANDIDATES = 384
FEW_CANDIDATES = 96
"""A handful of items is filled up with mixtures of them to this many."""
SHOWN = 16
SHOW_ALL = 20
"""Up to so many items are all shown: a musician's own loops must be on the pad."""
TRIED_PAIRS = 6
NEIGHBOURS_SHARE, MOST_NEIGHBOURS = 1 / 12, 32
"""Each node is a mean of this share of the items, of so many at most."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A sheet, its axes, and which items it shows where.

    Attributes:
        map: what goes into the model file.
        axes: the two descriptors.
        shown: index of an item → its pad position (x, y); the sheet holds its latent exactly there.
        quality: as measured.
        candidates: the latents it was built from, `(n, latent_dim)`.
        described: what they decode to.
    """

    map: LatentMap
    axes: tuple[str, str]
    shown: dict[int, tuple[float, float]]
    quality: Quality
    candidates: Latents
    described: Described


def build(
    decode: Decode,
    descriptors: Descriptors,
    means: Latents,
    size: int = GRID,
    scores: Sequence[float | None] | None = None,
    seed: int = 0,
) -> Plane:
    """The best sheet for a decoder.

    Args:
        decode: latents `(n, latent_dim)` → items.
        descriptors: what to measure.
        means: posterior means of the training items `(n, latent_dim)`; points of the prior stand in for none.
        size: nodes a side.
        scores: how well each item is reconstructed, larger is better, where known; of a large set the best
            make the sheet.
        seed: of the choice of items and of mixtures.
    """
    rng = np.random.default_rng(seed)
    latents, items = candidates(means, rng, scores)
    described = describe(decode, descriptors, latents)
    best: Plane | None = None
    for pair in axis_pairs(descriptors, described, latents)[:TRIED_PAIRS]:
        places = np.stack([weaving.ranks(described.values[name]) for name in pair], 1)
        neighbours = int(np.clip(len(latents) * NEIGHBOURS_SHARE, 3, MOST_NEIGHBOURS))
        woven = weaving.weave(latents.astype(np.float64), places, size, neighbours)
        woven = _calibrate(woven, decode, descriptors, described, latents, pair)
        chosen = _choose_shown(places, items, scores)
        at = weaving.seats(places[chosen], size)
        woven = weaving.pass_through(woven, latents[chosen].astype(np.float64), at)
        labels = [descriptors.words[name][0] for name in pair]
        sheet = LatentMap(woven.astype(np.float32), *labels)
        line = np.linspace(-1, 1, size)
        shown = {
            int(items[i]): (float(line[c]), float(line[r])) for i, (r, c) in zip(chosen, at, strict=True)
        }
        quality = assess(sheet, decode, descriptors, described, pair)
        plane = Plane(sheet, pair, shown, quality, latents, described)
        if best is None or quality.merit > best.quality.merit:
            best = plane
        if quality.good:
            break
    assert best is not None  # there is always a pair
    return best


def candidates(
    means: Latents, rng: np.random.Generator, scores: Sequence[float | None] | None = None
) -> tuple[Latents, npt.NDArray[np.intp]]:
    """Latents to build from, and the item that each one is (-1: none).

    Of a large set those are taken that are told best, where enough is known: what comes back as something
    else lies beside all real items. A few items are joined by mixtures of two of them, one alone by its
    surroundings.
    """
    count, dim = means.shape
    if count > MAX_CANDIDATES:
        rows = np.sort(_best(scores, rng.permutation(count)))
        return means[rows], rows
    extra = max(0, FEW_CANDIDATES - count)
    if count == 0:
        return rng.standard_normal((MAX_CANDIDATES, dim)).astype(np.float32), np.full(
            MAX_CANDIDATES, -1, np.intp
        )
    noise = rng.standard_normal((extra, dim))
    if count == 1:
        mixed = 0.8 * means[0] + 0.6 * noise  # a circle round the one item, at the prior's length
    else:
        a, b = np.array([rng.permutation(count)[:2] for _ in range(extra)], int).reshape(-1, 2).T
        t = rng.uniform(0.2, 0.8, (extra, 1))
        mixed = (1 - t) * means[a] + t * means[b]
        wanted = (1 - t) * _length(means[a]) + t * _length(means[b])
        mixed = mixed * wanted / np.maximum(_length(mixed), 1e-9) + 0.1 * noise
    owner = np.concatenate([np.arange(count), np.full(extra, -1)])
    return np.concatenate([means, mixed]).astype(np.float32), owner.astype(np.intp)


def _best(scores: Sequence[float | None] | None, order: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """`MAX_CANDIDATES` items with the highest scores; the first of `order` where fewer scores are known."""
    known = np.array([-np.inf if s is None else s for s in scores or ()], float)
    if np.isfinite(known).sum() >= MAX_CANDIDATES:
        order = np.argsort(-known, kind="stable")
    return order[:MAX_CANDIDATES]


def _length(z: npt.NDArray[np.floating]) -> Floats:
    return np.asarray(np.linalg.norm(z, axis=-1, keepdims=True), np.float64)


def _calibrate(
    woven: Floats,
    decode: Decode,
    descriptors: Descriptors,
    described: Described,
    latents: Latents,
    pair: tuple[str, str],
) -> Floats:
    """Push the sheet along the descriptors' gradients until what it decodes to follows the axes.

    Works in ranks: at x the first descriptor shall be the (x + 1) / 2 quantile of the items'.
    """
    size = len(woven)
    centre = latents.mean(0, dtype=np.float64)
    gradients = np.stack([gradient(latents, weaving.ranks(described.values[name])) for name in pair])
    push = gradients.T @ np.linalg.pinv(gradients @ gradients.T, rcond=1e-3)
    limit = 0.7 * float(np.linalg.norm(latents - centre, axis=1).mean())
    target = weaving.nodes(CALIBRATION).reshape(-1, 2)
    offset = np.zeros((len(target), woven.shape[2]))
    lengths = _length(woven - centre)
    best, best_rho = woven, -2.0
    for _ in range(CALIBRATION_ROUNDS):
        moved = woven + weaving.resample(offset.reshape(CALIBRATION, CALIBRATION, -1), size)
        moved = centre + weaving.stretched(moved - centre, lengths)
        probe = LatentMap(moved.astype(np.float32))
        found = describe(decode, descriptors, np.stack([probe.point(x, y) for x, y in target]))
        measured = np.stack([_as_rank(found.values[n], described.values[n]) for n in pair], 1)
        rho = min(weaving.spearman(measured[:, i], target[:, i]) for i in (0, 1))
        if rho > best_rho:
            best, best_rho = moved, rho
        offset = offset + 0.6 * (target - measured) @ push.T
        offset *= np.minimum(1, limit / np.maximum(_length(offset), 1e-9))
    return best


def _as_rank(values: Floats, among: Floats) -> Floats:
    """Where values lie among others, -1 to 1."""
    ordered = np.sort(among)
    return np.asarray(np.interp(values, ordered, np.linspace(-1, 1, len(ordered))), np.float64)


def _choose_shown(
    places: Floats,
    items: npt.NDArray[np.intp],
    scores: Sequence[float | None] | None,
    count: int = SHOWN,
) -> list[int]:
    """Candidates to show: all real items of a small set, else well reconstructed ones that are spread out."""
    real = np.flatnonzero(items >= 0)
    if len(real) <= SHOW_ALL:
        return [int(i) for i in real]
    if scores is not None:
        known = np.array([s if (s := scores[items[i]]) is not None else -np.inf for i in real])
        good = real[known >= np.median(known[np.isfinite(known)])] if np.isfinite(known).any() else real
        real = good if len(good) >= count else real
    return [int(real[i]) for i in weaving.spread_out(places[real], count)]
