"""Latent traversals: what each dimension does, heard and seen one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .model import Model
from .studies import Geometry, decode, features

REACH = 2.0
"""Standard deviations of the prior, to both sides."""


@dataclass(frozen=True)
class Traversal:
    """Walks along single dimensions.

    Attributes:
        labels: one a walk.
        decoded: one `(steps, …)` tensor a walk.
    """

    labels: list[str] = field(default_factory=list)
    decoded: list[Tensor] = field(default_factory=list)


def traversal(
    model: Model, start: Tensor, nats: Sequence[float], count: int, steps: int, geometry: Geometry
) -> tuple[dict[str, Any], Traversal]:
    """Walk from -2 to 2 along the dimensions that hold the most nats, all others as at `start`.

    Args:
        model: any.
        start: latent of the item that is changed, `(latent_dim,)`.
        nats: KL of each dimension.
        count: dimensions to walk along.
        steps: points on each walk.
        geometry: of what is decoded.

    Returns:
        Figures and what was decoded. `change` is the distance (see `studies.features`) between a walk's ends,
        `evenness` the largest step against the mean one, 1 where the dimension acts evenly.
    """
    chosen = sorted(range(len(nats)), key=lambda d: -nats[d])[:count]
    walks, rows = Traversal(), []
    for dimension in chosen:
        z = start.repeat(steps, 1)
        z[:, dimension] = torch.linspace(-REACH, REACH, steps)
        decoded = decode(model, z)
        seen = features(decoded, geometry)
        change = (seen[1:] - seen[:-1]).square().mean(1).sqrt()
        group = _group(dimension, model.latent_groups)
        rows.append(
            {
                "dimension": dimension,
                "group": group,
                "nats": round(float(nats[dimension]), 4),
                "change": float((seen[-1] - seen[0]).square().mean().sqrt()),
                "evenness": float(change.max() / change.mean().clamp_min(1e-9)),
            }
        )
        walks.labels.append(f"{group or 'z'} {dimension}")
        walks.decoded.append(decoded)
    return {"reach": REACH, "steps": steps, "dimensions": rows}, walks


def _group(dimension: int, groups: Mapping[str, tuple[int, int]]) -> str | None:
    return next((name for name, (start, stop) in groups.items() if start <= dimension < stop), None)
