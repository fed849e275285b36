"""Paths between latents."""

from typing import Literal

import torch
from torch import Tensor

Path = Literal["lerp", "slerp"]


def lerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The straight line from `a` (t = 0) to `b` (t = 1): `(len(t), latent_dim)`."""
    return a + t[:, None] * (b - a)


def slerp(a: Tensor, b: Tensor, t: Tensor) -> Tensor:
    """The arc from `a` to `b`: `(len(t), latent_dim)` (Shoemake 1985; for latents White 2016).

    Draws from a Gaussian prior lie near a sphere; the arc stays near it, where the straight line cuts
    through.
    """
    cosine = (a @ b) / (a.norm() * b.norm()).clamp_min(1e-9)
    angle = torch.acos(cosine.clamp(-1, 1))
    if angle.sin() < 1e-4:
        return lerp(a, b, t)
    first, second = torch.sin((1 - t) * angle), torch.sin(t * angle)
    return (first[:, None] * a + second[:, None] * b) / angle.sin()


def path(a: Tensor, b: Tensor, steps: int, kind: Path) -> Tensor:
    """`steps` latents from `a` to `b`, both `(latent_dim,)` and included: `(steps, latent_dim)`."""
    t = torch.linspace(0, 1, steps)
    return lerp(a, b, t) if kind == "lerp" else slerp(a, b, t)
