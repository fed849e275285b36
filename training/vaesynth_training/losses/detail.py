"""How much fine detail there is at each place, whatever it looks like in particular."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW, STRIDE = 8, 4
FLOOR = (1 / 255) ** 2
"""Energy of one level of an 8-bit image: less than that is nothing to match."""


def detail_levels(x: Tensor, octaves: int) -> list[Tensor]:
    """Local amplitude of fine detail of the mean of R, G and B.

    Second differences along rows, along columns and across both, squared, averaged over windows: what a
    squared error of pixels blurs away, since it can only match detail whose phase it knows. Those of every
    other pixel are blind to a lattice of single pixels, so that no such lattice can stand in for detail.
    Amplitudes, not their logarithms: what counts most is where there is most, eyes, hair and edges, not skin.

    Args:
        x: images `(batch, 3, side, side)`; side at least 8 times 2**(octaves - 1).
        octaves: how many sizes are looked at, each half of the one before.

    Returns:
        For each octave `(batch, 5, n, n)`, finest first.
    """
    grey = x.mean(1, keepdim=True)
    out: list[Tensor] = []
    for octave in range(octaves):
        if octave:
            grey = F.avg_pool2d(grey, 2)
        inner = 2 * grey[..., 2:-2, 2:-2]
        kinds = (
            grey[..., 2:-2, 1:-3] + grey[..., 2:-2, 3:-1] - inner,
            grey[..., 1:-3, 2:-2] + grey[..., 3:-1, 2:-2] - inner,
            grey[..., 2:-2, :-4] + grey[..., 2:-2, 4:] - inner,
            grey[..., :-4, 2:-2] + grey[..., 4:, 2:-2] - inner,
            grey[..., 1:-3, 1:-3] - grey[..., 1:-3, 2:-2] - grey[..., 2:-2, 1:-3] + inner / 2,
        )
        energy = F.avg_pool2d(torch.cat(kinds, 1).square(), WINDOW, STRIDE)
        out.append((energy + FLOOR).sqrt())
    return out


def detail_distance(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Mean absolute difference of `detail_levels` over the real mean, of pairs or of batch means."""
    return torch.stack([(r - f).abs().mean() / r.mean() for r, f in zip(real, fake, strict=True)]).mean()
