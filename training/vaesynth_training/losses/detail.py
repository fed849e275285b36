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

    Each of the bands of `filters` squared, averaged over windows: what a squared error of pixels blurs away,
    since it can only match detail whose phase it knows. A regular lattice of pixels is energy in some of the
    bands and none in others, so that none can stand in for hair, which is energy in all.
    Amplitudes, not their logarithms: what counts most is where there is most, eyes, hair and edges, not skin.

    Args:
        x: images `(batch, 3, side, side)`; side at least 8 times 2**(octaves - 1).
        octaves: how many sizes are looked at, each half of the one before.

    Returns:
        For each octave `(batch, 13, n, n)`, finest first.
    """
    grey = x.mean(1, keepdim=True)
    out: list[Tensor] = []
    for octave in range(octaves):
        if octave:
            grey = F.avg_pool2d(grey, 2)
        energy = F.avg_pool2d(F.conv2d(grey, filters(grey)).square(), WINDOW, STRIDE)
        out.append((energy + FLOOR).sqrt())
    return out


def filters(like: Tensor) -> Tensor:
    """`(13, 1, 4, 4)`: what there is of 4 × 4 pixels beside their mean and slopes.

    Products of the orthogonal polynomials of four points, degree 0 to 3, along rows and columns.
    """
    points = like.new_tensor([[1, 1, 1, 1], [-3, -1, 1, 3], [1, -1, -1, 1], [-1, 3, -3, 1]])
    points = points / points.norm(dim=1, keepdim=True)
    both = torch.einsum("ai,bj->abij", points, points)
    flat = torch.tensor([[degree + other < 2 for other in range(4)] for degree in range(4)])
    return both[~flat][:, None]


def detail_distance(real: Sequence[Tensor], fake: Sequence[Tensor], counted: Tensor | None = None) -> Tensor:
    """Mean absolute difference of `detail_levels` over the real mean, of pairs or of batch means.

    Args:
        real, fake: as `detail_levels` gives them.
        counted: what each pixel counts, `(side, side)`; all the same for none.
    """
    parts = []
    for r, f in zip(real, fake, strict=True):
        weights = 1.0 if counted is None else F.adaptive_avg_pool2d(counted[None], r.shape[-1])
        parts.append(((r - f).abs() * weights).mean() / (r * weights).mean())
    return torch.stack(parts).mean()


class UsualDetail:
    """Mean and spread of the detail of photos and of draws at each place, over the last batches.

    Single batches would not do: a few draws differ from a few photos by chance, and to pull each handful to
    the mean makes all draws alike. Photos differ: one has a plain background, the next one leaves. Here draws
    have to have as much detail as photos on average and to differ from one another by as much, at each place
    and in the whole. Spread is the mean absolute deviation: a mean square would be reached at the least cost
    by a blot here and there.
    """

    def __init__(self, horizon: int = 50) -> None:
        """`horizon`: batches that the averages go back."""
        self.horizon = horizon
        self.batches = 0
        self.means: list[list[Tensor]] = [[], []]
        self.spreads: list[list[Tensor]] = [[], []]

    def distance(self, real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
        """Take up `detail_levels` of a batch each; distance of the means, and that of the spreads.

        The gradient is as if this batch of `fake` were all that there is, at the averages' own place. They
        begin again when sizes change.
        """
        both = [_with_wholes(levels) for levels in (real, fake)]
        if [x.shape[1:] for x in both[0]] != [m.shape for m in self.means[0]]:
            self.batches = 0
        self.batches += 1
        now = [[x.mean(0) for x in kind] for kind in both]
        self.means = [self._follow(*pair) for pair in zip(self.means, now, strict=True)]
        apart = [
            [(x - m).abs().mean(0) for x, m in zip(kind, means, strict=True)]
            for kind, means in zip(both, self.means, strict=True)
        ]
        self.spreads = [self._follow(*pair) for pair in zip(self.spreads, apart, strict=True)]
        return sum(
            (
                detail_distance(kept[0], [k + q - q.detach() for k, q in zip(kept[1], new[1], strict=True)])
                for kept, new in ((self.means, now), (self.spreads, apart))
            ),
            real[0].new_zeros(()),
        )

    def _follow(self, kept: list[Tensor], new: list[Tensor]) -> list[Tensor]:
        if self.batches == 1:
            return [q.detach() for q in new]
        share = 1 / min(self.batches, self.horizon)
        return [torch.lerp(k, q.detach(), share) for k, q in zip(kept, new, strict=True)]


def _with_wholes(levels: Sequence[Tensor]) -> list[Tensor]:
    """Of each octave the places, `(batch, 13, n · n)`, then the mean over them, `(batch, 13, 1)`."""
    return [x.flatten(2) for x in levels] + [x.mean((2, 3))[..., None] for x in levels]
