"""How far a latent is from the loops that the model has learnt."""

import math
from dataclasses import dataclass

import numpy as np

from .latent_map import Latent
from .metadata import ModelMetadata


@dataclass(frozen=True)
class Novelty:
    """The nearest training loop and how far it is.

    Attributes:
        name: of the nearest example in the model file.
        distance: 0 at the example, 1 as far from it as examples usually are from each other.
    """

    name: str
    distance: float


class Neighbourhood:
    """The examples of a model file as points in latent space, measured in posterior deviations.

    Args:
        metadata: of the model.
    """

    def __init__(self, metadata: ModelMetadata) -> None:
        values = metadata.values
        examples = values.get("examples", ())
        self._names = [str(e["name"]) for e in examples]
        self._scale = np.maximum(np.asarray(values["latent_std"], np.float32), 1e-6)
        latents = np.array([e["z"] for e in examples], np.float32).reshape(len(self._names), len(self._scale))
        self._points = np.asarray(latents / self._scale, np.float32)
        self._unit = self._usual_distance()

    def nearest(self, z: Latent) -> Novelty | None:
        """The nearest example to a latent `(latent_dim,)`; None for a model without examples, and for one of
        another model, as while that takes over."""
        if not self._names or len(z) != len(self._scale):
            return None
        away = np.linalg.norm(self._points - z / self._scale, axis=1)
        index = int(away.argmin())
        return Novelty(self._names[index], float(away[index]) / self._unit)

    def _usual_distance(self) -> float:
        """Median distance of two examples."""
        if len(self._names) < 2:
            return math.sqrt(self._points.shape[1])
        apart = np.linalg.norm(self._points[:, None] - self._points[None], axis=-1)
        return max(float(np.median(apart[np.triu_indices(len(apart), 1)])), 1e-6)
