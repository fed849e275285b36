"""What a sheet is worth, as a player meets it: by decoding it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vaesynth.latent_map import LatentMap

from . import sheet as weaving
from .descriptors import Described, Descriptors, Items
from .sheet import Floats

Latents = npt.NDArray[np.float32]
Decode = Callable[[Latents], Items]

WANTED_RHO, WANTED_STEP, WANTED_SPREAD, WANTED_TERRITORY = 0.8, 4.0, 0.6, 0.95
"""A sheet that reaches these is taken without trying other axes. The last is what the items reach."""
RASTER = 21
"""Points a side at which a sheet is measured."""
_BATCH = 8


@dataclass(frozen=True)
class Quality:
    """What a sheet is worth, measured by decoding it.

    Attributes:
        rho: Spearman's ρ between each axis and its descriptor over the sheet.
        spread: mean distance of points on the sheet over that of the items.
        territory: share of points as near to an item as 95 % of the items are to their nearest other.
        step: largest step between neighbours on an 11 × 11 raster over the median step.
    """

    rho: tuple[float, float]
    spread: float
    territory: float
    step: float

    @property
    def worst_rho(self) -> float:
        """The smaller of the two."""
        return min(self.rho)

    @property
    def good(self) -> bool:
        """Whether it follows its axes, changes evenly, shows much of what the items have and little else."""
        return min(self._shares) >= 1.0

    @property
    def merit(self) -> float:
        """How far the wanted values are reached; what exceeds them counts for nothing."""
        return sum(min(1.0, share) for share in self._shares)

    @property
    def _shares(self) -> tuple[float, ...]:
        even = WANTED_STEP / max(self.step, 1e-9)
        near = self.territory / WANTED_TERRITORY
        return self.worst_rho / WANTED_RHO, even, self.spread / WANTED_SPREAD, near


def assess(
    sheet: LatentMap,
    decode: Decode,
    descriptors: Descriptors,
    described: Described,
    axes: tuple[str, str],
) -> Quality:
    """Measure a sheet at `RASTER` × `RASTER` points; `described` are the items that it was built from."""
    at = weaving.nodes(RASTER).reshape(-1, 2)
    found = describe(decode, descriptors, np.stack([sheet.point(x, y) for x, y in at]))
    rho = tuple(weaving.spearman(found.values[name], at[:, i]) for i, name in enumerate(axes))
    every = max(1, RASTER // 10)
    raster = found.embedding.reshape(RASTER, RASTER, -1)[::every, ::every]
    steps = np.concatenate([np.linalg.norm(np.diff(raster, axis=i), axis=-1).ravel() for i in (0, 1)])
    own = _distances(described.embedding, described.embedding)
    apart = float(own[np.triu_indices(len(own), 1)].mean()) + 1e-12
    np.fill_diagonal(own, np.inf)
    near = _distances(found.embedding, described.embedding).min(1)
    pairs = _distances(found.embedding, found.embedding)
    return Quality(
        (rho[0], rho[1]),
        float(pairs[np.triu_indices(len(pairs), 1)].mean()) / apart,
        float((near <= np.percentile(own.min(1), 95) + 1e-9).mean()),
        float(steps.max() / (np.median(steps) + 1e-12)),
    )


def _distances(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.sqrt(np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T, 0)))


def describe(decode: Decode, descriptors: Descriptors, latents: npt.NDArray[np.floating]) -> Described:
    """Decode and describe in small batches, so that only descriptors of many items are held."""
    parts = [
        descriptors.describe(decode(np.asarray(latents[i : i + _BATCH], np.float32)))
        for i in range(0, len(latents), _BATCH)
    ]
    return Described(
        np.concatenate([p.embedding for p in parts]),
        {name: np.concatenate([p.values[name] for p in parts]) for name in parts[0].values},
    )
