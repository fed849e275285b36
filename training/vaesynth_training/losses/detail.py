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


class UsualDetail:
    """Mean and spread of the detail of photos and of draws at each place, over the last batches.

    Single batches would not do: a few draws differ from a few photos by chance, and to pull each handful to
    the mean makes all draws alike. Photos differ: one has a plain background, the next one leaves. Here draws
    have to have as much detail as photos on average and to differ from one another by as much, at each place
    and in the whole.
    """

    def __init__(self, horizon: int = 50) -> None:
        """`horizon`: batches that the moments go back."""
        self.horizon = horizon
        self.batches = 0
        self.real: list[Tensor] = []
        self.fake: list[Tensor] = []

    def distance(self, real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
        """Take up `detail_levels` of a batch each; distance of the means, and that of the deviations.

        The gradient is as if this batch of `fake` were all that there is, at the moments' own place. Moments
        begin again when sizes change.
        """
        moments = [_moments(levels) for levels in (real, fake)]
        if [m.shape for m in moments[0]] != [m.shape for m in self.real]:
            self.batches, (self.real, self.fake) = 0, ([m.detach() for m in kind] for kind in moments)
        self.batches += 1
        share = 1 / min(self.batches, self.horizon)
        self.real, self.fake = (
            [torch.lerp(k, m.detach(), share) for k, m in zip(kept, new, strict=True)]
            for kept, new in zip((self.real, self.fake), moments, strict=True)
        )
        found = [k + m - m.detach() for k, m in zip(self.fake, moments[1], strict=True)]
        means, deviations = ([_mean_and_deviation(m)[i] for m in self.real] for i in (0, 1))
        return detail_distance(means, [_mean_and_deviation(m)[0] for m in found]) + detail_distance(
            deviations, [_mean_and_deviation(m)[1] for m in found]
        )


def _moments(levels: Sequence[Tensor]) -> list[Tensor]:
    """First and second moments `(2, 5, places)` of each octave by place, and of its mean over all places."""
    wholes = [level.mean((2, 3))[..., None] for level in levels]
    places = [level.flatten(2) for level in levels]
    return [torch.stack([x.mean(0), x.square().mean(0)]) for x in (*places, *wholes)]


def _mean_and_deviation(moments: Tensor) -> tuple[Tensor, Tensor]:
    return moments[0], (moments[1] - moments[0].square()).clamp_min(FLOOR).sqrt()
