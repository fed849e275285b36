"""A discriminator of images, its augmentation and its losses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2


class ImageDiscriminator(nn.Module):
    """Real or decoded: one logit a place, for places of several sizes (texture), and one for the whole face.

    The image enters as 2 × 2 blocks in channels, so the finest pixels are seen at the price of half the side.
    Resolutions from the second finest to the second coarsest each have logits by place: the finer ones see
    little but the grain of skin and hair, and judge it from the first steps on.
    """

    def __init__(self, side: int, channels: Sequence[int], groups: int = 4) -> None:
        """A discriminator of square images.

        Args:
            side: height and width of the largest images.
            channels: of its resolutions, from side / 2 down, finest first.
            groups: items whose spread is compared (minibatch standard deviation, Karras et al. 2018).
        """
        super().__init__()
        self.groups = groups
        sides = [str(side >> (i + 1)) for i in range(len(channels))]
        # Every resolution down to the patch logits' own can be the finest: smaller images enter further down.
        self.stems = nn.ModuleDict(
            {
                name: nn.Conv2d(12, width, 3, padding=1)
                for name, width in zip(sides[:-2], channels, strict=False)
            }
        )
        self.downs, self.skips = nn.ModuleDict(), nn.ModuleDict()
        for name, a, b in zip(sides[1:], channels, channels[1:], strict=False):
            self.downs[name] = nn.Conv2d(a, b, 3, stride=2, padding=1)
            self.skips[name] = nn.Conv2d(a, b, 1, bias=False)
        self.patches = nn.ModuleDict(
            {
                name: nn.Conv2d(width, 1, 3, padding=1)
                for name, width in zip(sides[1:-1], channels[1:-1], strict=True)
            }
        )
        self.mix = nn.Conv2d(channels[-1] + 1, channels[-1], 3, padding=1)
        cells = int(sides[-1]) ** 2
        self.head = nn.Sequential(
            nn.Linear(channels[-1] * cells, 128), nn.LeakyReLU(SLOPE), nn.Linear(128, 1)
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, a=SLOPE)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def features(self, x: Tensor) -> list[Tensor]:
        """Activations of each resolution, finest first, for images `(batch, 3, s, s)` in [0, 1].

        s is `side`, or that halved, while the decoder has not grown to `side` yet.
        """
        finest = x.shape[-1] // 2
        x = F.leaky_relu(self.stems[str(finest)](2 * F.pixel_unshuffle(x, 2) - 1), SLOPE)
        out = [x]
        for side, down in self.downs.items():
            if int(side) < finest:
                x = (F.leaky_relu(down(x), SLOPE) + self.skips[side](F.avg_pool2d(x, 2))) * 0.5**0.5
                out.append(x)
        return out

    def logits(self, features: Sequence[Tensor]) -> list[Tensor]:
        """From `features`: places of each size `(batch, n)`, finest first, then the whole `(batch, 1)`."""
        places = [
            self.patches[str(f.shape[-1])](f).flatten(1) for f in features if str(f.shape[-1]) in self.patches
        ]
        x = features[-1]
        x = torch.cat([x, self._spread(x)], 1)
        return [*places, self.head(F.leaky_relu(self.mix(x), SLOPE).flatten(1))]

    def forward(self, x: Tensor) -> list[Tensor]:
        """`logits` of images `(batch, 3, side, side)` in [0, 1]."""
        return self.logits(self.features(x))

    def _spread(self, x: Tensor) -> Tensor:
        batch, _, h, w = x.shape
        size = next(g for g in range(min(self.groups, batch), 0, -1) if batch % g == 0)
        y = x.view(size, batch // size, *x.shape[1:])
        deviation = (y.var(0, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
        return deviation.repeat(size).view(batch, 1, 1, 1).expand(batch, 1, h, w)


@dataclass(frozen=True)
class Augmentation:
    """One draw of differentiable augmentation (Zhao et al. 2020): images and their copies change alike.

    Attributes:
        colour: `(batch, 3, 1, 1, 1)`: brightness added, saturation and contrast multiplied.
        corner: `(batch, 2)` row and column at which the image is cut from its copy with a border of `reach`.
        hole: `(batch, 1, side, side)`: 0 where the image is cut out, else 1.
        reach: largest shift in pixels.
    """

    colour: Tensor
    corner: Sequence[tuple[int, int]]
    hole: Tensor
    reach: int

    @classmethod
    def draw(cls, batch: int, side: int, strength: float, device: torch.device) -> "Augmentation":
        """A draw for `(batch, 3, side, side)`.

        At a `strength` of 1: brightness ±0.25, saturation 0 to 2, contrast 0.5 to 1.5, shift to 1/8 of the
        side and a hole of 1/3 of it; 0 changes nothing.
        """
        ranges = strength * torch.tensor([0.25, 1.0, 0.5], device=device).view(3, 1, 1, 1)
        colour = torch.tensor([0.0, 1.0, 1.0], device=device).view(3, 1, 1, 1)
        colour = colour + ranges * (2 * torch.rand(batch, 3, 1, 1, 1, device=device) - 1)
        reach, hole_side = round(strength * side / 8), round(strength * side / 3)
        corner = [(int(a), int(b)) for a, b in torch.randint(0, 2 * reach + 1, (batch, 2))]
        hole = torch.ones(batch, 1, side, side, device=device)
        for i, (a, b) in enumerate(
            torch.randint(-(hole_side // 2), side - hole_side // 2, (batch, 2)).tolist()
        ):
            hole[i, :, max(a, 0) : a + hole_side, max(b, 0) : b + hole_side] = 0
        return cls(colour, corner, hole, reach)

    def __call__(self, x: Tensor) -> Tensor:
        """Changed images, `(batch, 3, side, side)`; what was outside or in the hole is mid-grey."""
        side = x.shape[-1]
        brightness, saturation, contrast = self.colour.unbind(1)
        x = x - 0.5
        grey, level = x.mean(1, keepdim=True), x.mean((1, 2, 3), keepdim=True)
        x = (
            contrast * saturation * x
            + contrast * (1 - saturation) * grey
            + (1 - contrast) * level
            + brightness
        )
        x = F.pad(x, (self.reach,) * 4)
        x = torch.stack([y[:, a : a + side, b : b + side] for y, (a, b) in zip(x, self.corner, strict=True)])
        return (x * self.hole + 0.5).contiguous(memory_format=torch.channels_last)


def generator_loss(logits: Sequence[Tensor]) -> Tensor:
    """Non-saturating logistic loss (Goodfellow et al. 2014), mean over the kinds of logits."""
    return torch.stack([F.softplus(-v).mean() for v in logits]).mean()


def discriminator_loss(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Logistic loss of a discriminator, mean over the kinds of logits."""
    return torch.stack(
        [F.softplus(-r).mean() + F.softplus(f).mean() for r, f in zip(real, fake, strict=True)]
    ).mean()


def gradient_penalty(discriminator: Callable[[Tensor], Sequence[Tensor]], x: Tensor) -> Tensor:
    """R1, the mean squared norm of the gradient at real items (Mescheder, Geiger & Nowozin 2018)."""
    x = x.detach().requires_grad_(True)
    logits = discriminator(x)
    total = torch.stack([v.mean(1).sum() for v in logits]).sum()
    (gradient,) = torch.autograd.grad(total, x, create_graph=True)
    return gradient.square().flatten(1).sum(1).mean()


def feature_distance(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Learnt similarity (Larsen et al. 2016).

    Squared distance of activations over the mean square of the real ones, mean over resolutions.
    """
    return torch.stack(
        [
            (r.detach() - f).square().mean() / r.detach().square().mean().clamp_min(1e-4)
            for r, f in zip(real, fake, strict=True)
        ]
    ).mean()
