"""Imputation: the second half of a bar, or the lower half of a picture, made from the first.

Two ways to ask a VAE for what is missing, beside what needs no model.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from vaesynth.geometry import LoopGeometry

from .losses.stft import MultiResolutionSTFT
from .metrics import item_metrics, psnr
from .model import Model
from .studies import Geometry, decode, distances, encode, features

ROUNDS = 8
STEPS, RATE = 40, 0.05
PRIOR_WEIGHT = 0.01
"""Weight of mean z² in the search: what the known half leaves open, the prior decides."""


@dataclass(frozen=True)
class Imputed:
    """Items with their missing half filled in: way → `(items, …)`; `known` has silence or black there."""

    known: Tensor
    filled: dict[str, Tensor] = field(default_factory=dict)


def imputation(model: Model, x: Tensor, train: Tensor, geometry: Geometry) -> tuple[dict[str, Any], Imputed]:
    """Fill the second half of items in several ways, and measure that half against the truth.

    `encoded`: the item is encoded with the missing half silent, the half is taken from what is decoded, and
    so on for a few rounds (Rezende, Mohamed & Wierstra 2014, appendix F, with means for draws). `searched`:
    z goes down the gradient of the distance on the known half, with the prior's pull. Beside them, with no
    model, `repeated` (the known half again, mirrored in pictures) and `nearest` (the half of that training
    item whose known half is nearest); and `reconstructed` from the whole item: the best that the model can.

    Args:
        model: any.
        x: items, `(n, …)`.
        train: items to look for the nearest in.
        geometry: of the items.

    Returns:
        Way → measures of the missing half, averaged over the items; and the filled items.
    """
    first, second, joined = _halves(geometry)
    silence = torch.zeros_like(second(x))
    known = joined(first(x), silence)
    encoded = _encoded(model, x, known, first, second, joined)
    again = first(x) if isinstance(geometry, LoopGeometry) else first(x).flip(-2)
    candidates = {
        "encoded": second(decode(model, encoded)),
        "searched": second(decode(model, _searched(model, x, encoded, first, geometry))),
        "repeated": again[..., : silence.shape[-2], : silence.shape[-1]],
        "reconstructed": second(decode(model, encode(model, x).mean)),
    }
    nearest = _nearest(x, train, first, geometry)
    if nearest is not None:
        candidates["nearest"] = second(nearest)
    figures = {name: _measures(half, second(x), geometry) for name, half in candidates.items()}
    filled = {name: joined(first(x), half) for name, half in candidates.items()}
    return {"items": len(x)} | figures, Imputed(known, filled)


Part = Callable[[Tensor], Tensor]


def _halves(geometry: Geometry) -> tuple[Part, Part, Callable[[Tensor, Tensor], Tensor]]:
    """What takes the known half of items, what takes the missing half, and what joins the two."""
    if isinstance(geometry, LoopGeometry):
        axis, middle = -1, geometry.frames - geometry.frames // 2
    else:
        axis, middle = -2, geometry.height - geometry.height // 2

    def first(x: Tensor) -> Tensor:
        return x.narrow(axis, 0, middle)

    def second(x: Tensor) -> Tensor:
        return x.narrow(axis, middle, x.shape[axis] - middle)

    return first, second, lambda a, b: torch.cat([a, b], axis)


def _encoded(
    model: Model, x: Tensor, known: Tensor, first: Part, second: Part, joined: Callable[..., Tensor]
) -> Tensor:
    """Latents after some rounds of encoding what is known with what was decoded: `(items, latent_dim)`."""
    item = known
    for _ in range(ROUNDS):
        item = joined(first(x), second(decode(model, encode(model, item).mean)))
    return encode(model, item).mean


def _searched(model: Model, x: Tensor, start: Tensor, first: Part, geometry: Geometry) -> Tensor:
    """Latents whose decoded known half is nearest, items apart: `(items, latent_dim)`."""
    spectral = MultiResolutionSTFT(stereo=False)
    z = start.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([z], RATE)
    for _ in range(STEPS):
        with torch.enable_grad():
            decoded = first(model.decode(z))
            if isinstance(geometry, LoopGeometry):
                distance = spectral.items(decoded, first(x)).sum()
            else:
                distance = 10 * (decoded - first(x)).square().flatten(1).mean(1).sum()
            (z.grad,) = torch.autograd.grad(distance + PRIOR_WEIGHT * z.square().mean(1).sum(), [z])
        optimiser.step()
    return z.detach()


def _nearest(x: Tensor, train: Tensor, first: Part, geometry: Geometry) -> Tensor | None:
    """For each item the other one whose known half is nearest; None where an item has no other."""
    half = _half(geometry, first(x))
    away = distances(features(first(x), half), features(first(train), half))
    away[torch.stack([(train == item).flatten(1).all(1) for item in x])] = float("inf")
    return train[away.argmin(1)] if bool(away.amin(1).isfinite().all()) else None


def _half(geometry: Geometry, x: Tensor) -> Geometry:
    if isinstance(geometry, LoopGeometry):
        return replace(geometry, frames=x.shape[-1], beats=max(1, geometry.beats // 2))
    return replace(geometry, height=x.shape[-2])


def _measures(half: Tensor, truth: Tensor, geometry: Geometry) -> dict[str, float]:
    if isinstance(geometry, LoopGeometry):
        measures = item_metrics(half, truth, _half(geometry, truth))
    else:
        measures = {"psnr": psnr(half, truth)}
    return {name: round(float(values.mean()), 4) for name, values in measures.items()}
