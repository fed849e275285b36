"""Gaussian likelihood of images by octave bands."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def haar(x: Tensor, levels: int) -> list[Tensor]:
    """Orthonormal Haar transform: the low band `(batch, 3, s, s)`, then details `(batch, 9, s, s)` and finer.

    Args:
        x: images `(batch, 3, side, side)`, side a multiple of 2**levels.
        levels: octaves to take off.
    """
    out: list[Tensor] = []
    for _ in range(levels):
        a, b, c, d = F.pixel_unshuffle(x, 2).reshape(len(x), 3, 4, *(s // 2 for s in x.shape[2:])).unbind(2)
        out.append(torch.cat([a - b + c - d, a + b - c - d, a - b - c + d], 1) / 2)
        x = (a + b + c + d) / 2
    return [x, *reversed(out)]


def band_error(x: Tensor, y: Tensor, deviations: Sequence[float], weights: Sequence[float]) -> Tensor:
    """Weighted Gaussian negative log-likelihood of `x` given `y`, in nats a low-band coefficient.

    The transform is orthonormal: with the bands' sizes over the low band's as weights, and the same noise
    everywhere, it would be the pixels' own likelihood (without its constants). Smaller weights for fine bands
    leave those to an adversary.

    Args:
        x, y: images `(batch, 3, side, side)`.
        deviations: noise of each band, coarsest first, as standard deviation of the pixels of an image that
            is just large enough to hold the band.
        weights: of each band's mean.
    """
    levels = len(weights) - 1
    loss = x.new_zeros(())
    for i, (band, deviation, weight) in enumerate(zip(haar(x - y, levels), deviations, weights, strict=True)):
        scale = 2 ** (levels - i)
        loss = loss + weight * band.square().mean() / (2 * (deviation * scale) ** 2)
    return loss
