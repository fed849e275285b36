"""Other planes behind the pad than the model's own: four loops in its corners, own loops in their places."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .latent_map import Latent, LatentMap

REACH = 0.35
"""How far, in pad units, an own loop bends the plane around it."""


class Plane(Protocol):
    """What the pad needs of a plane (`LatentMap` is one)."""

    def point(self, x: float, y: float) -> Latent:
        """Latent `(latent_dim,)` at pad position (x, y) in [-1, 1]."""


def pinned(corners: Sequence[Latent]) -> LatentMap:
    """The plane between four latents `(latent_dim,)`.

    Args:
        corners: bottom left, bottom right, top left, top right.
    """
    return LatentMap(np.asarray(corners, np.float32).reshape(2, 2, -1))


class AnchoredPlane:
    """A plane that passes exactly through given latents, and is itself further than `REACH` from all of them.

    The way from the plane to each latent is spread by Wendland's compactly supported function of smoothness 2
    (Adv. Comput. Math. 4, 1995), which is positive definite: any distinct places can be met at once. Of two
    latents at one place their mean is met.

    Args:
        base: the plane.
        places: pad positions (x, y), `(n, 2)`.
        latents: `(n, latent_dim)`.
    """

    def __init__(self, base: LatentMap, places: npt.ArrayLike, latents: npt.ArrayLike) -> None:
        self._base = base
        self._places = np.asarray(places, np.float64).reshape(-1, 2)
        wanted = np.asarray(latents, np.float64).reshape(len(self._places), -1)
        missing = wanted - np.array([base.point(x, y) for x, y in self._places]).reshape(wanted.shape)
        apart = np.linalg.norm(self._places[:, None] - self._places[None], axis=-1)
        self._weights = np.linalg.lstsq(_wendland(apart / REACH), missing, rcond=None)[0]

    def point(self, x: float, y: float) -> Latent:
        """Latent `(latent_dim,)` at pad position (x, y); positions outside [-1, 1] are clamped."""
        x, y = (min(1.0, max(-1.0, v)) for v in (x, y))
        bend = _wendland(np.linalg.norm(self._places - (x, y), axis=1) / REACH) @ self._weights
        return np.asarray(self._base.point(x, y) + bend, np.float32)


def _wendland(r: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(1 - r)⁴ (4 r + 1) within the unit circle, 0 beyond."""
    near = np.clip(1 - r, 0, None)
    return np.asarray(near**4 * (4 * r + 1))
