"""Imputation: the second half of a bar, or the lower half of a picture, made from the first.

Two ways to ask a VAE for what is missing, beside what needs no model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from vaesynth.geometry import LoopGeometry

from .losses.stft import MultiResolutionSTFT
from .metrics import item_metrics, psnr
from .model import Model
from .studies import Geometry, decode, distances, encode, features

ROUNDS = 4
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
    so on for a few rounds (Rezende, Mohamed & Wierstra 2014, appendix F, with means for draws); the same with
    the known half repeated instead, as no encoder has learnt from half a bar; of all these latents the one
    counts whose decoded known half is nearest. `searched`: from there, z goes down the gradient of the
    distance on the known half, with the prior's pull. Beside them, with no model, `repeated` (the known half
    again, mirrored in pictures) and `nearest` (the half of that training item whose known half is nearest);
    and `reconstructed` from the whole item: the best that the model can.

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
    again = first(x) if isinstance(geometry, LoopGeometry) else first(x).flip(-2)
    again = again[..., : silence.shape[-2], : silence.shape[-1]]
    known = joined(first(x), silence)
    starts = (known, joined(first(x), again))
    encoded = _encoded(model, starts, (first, second, joined), geometry)
    candidates = {
        "encoded": second(decode(model, encoded)),
        "searched": second(decode(model, _searched(model, x, encoded, first, geometry))),
        "repeated": again,
        "reconstructed": second(decode(model, encode(model, x).mean)),
    }
    nearest = _nearest(x, train, first, geometry)
    if nearest is not None:
        candidates["nearest"] = second(nearest)
    figures = {name: _measures(half, second(x), geometry) for name, half in candidates.items()}
    filled = {name: joined(first(x), half) for name, half in candidates.items()}
    return {"items": len(x)} | figures, Imputed(known, filled)


Part = Callable[[Tensor], Tensor]
Join = Callable[[Tensor, Tensor], Tensor]


def _halves(geometry: Geometry) -> tuple[Part, Part, Join]:
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
    model: Model, starts: Sequence[Tensor], parts: tuple[Part, Part, Join], geometry: Geometry
) -> Tensor:
    """Of the latents after each round of encoding, from each start, each item's whose known half is nearest.

    Items with a start's guess in their missing half → `(items, latent_dim)`.
    """
    first, second, joined = parts
    found, away = [], []
    for item in starts:
        known = first(item)
        for _ in range(ROUNDS + 1):
            found.append(encode(model, item).mean)
            decoded = decode(model, found[-1])
            away.append(_away(first(decoded), known, geometry))
            item = joined(known, second(decoded))
    nearest = torch.stack(away).argmin(0)
    return torch.stack(found)[nearest, torch.arange(len(nearest))]


def _away(decoded: Tensor, known: Tensor, geometry: Geometry) -> Tensor:
    """How far known halves are from what was decoded, `(items,)`."""
    if isinstance(geometry, LoopGeometry):
        return MultiResolutionSTFT(stereo=False).items(decoded, known)
    return 10 * (decoded - known).square().flatten(1).mean(1)


def _searched(model: Model, x: Tensor, start: Tensor, first: Part, geometry: Geometry) -> Tensor:
    """Latents whose decoded known half is nearest, items apart: `(items, latent_dim)`."""
    z = start.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([z], RATE)
    for _ in range(STEPS):
        with torch.enable_grad():
            distance = _away(first(model.decode(z)), first(x), geometry).sum()
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
