"""Parts of the image VAE: the closed-form linear backbone and the convolutional networks round it."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2
LEAST_NOISE = 0.01
"""Of the linear backbone: fewer items than components would leave none, and learn nothing but themselves."""


def activation(x: Tensor) -> Tensor:
    """Leaky ReLU of every network here."""
    return F.leaky_relu(x, SLOPE)


def convolution(inputs: int, outputs: int, size: int, stride: int = 1, gain: float = 1.0) -> nn.Conv2d:
    """A padded convolution of odd `size`; weights as He et al. 2015 for `activation`, times `gain`."""
    conv = nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2)
    nn.init.kaiming_normal_(conv.weight, a=SLOPE)
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    with torch.no_grad():
        conv.weight.mul_(gain)
    return conv


class LinearBackbone(nn.Module):
    """Probabilistic PCA (Tipping & Bishop 1999): posterior and decoder in closed form.

    x = W z + μ + s·ε with z ~ N(0, I), so the aggregate posterior of the data it was fitted to has
    zero mean and unit covariance. W is `signal` times orthonormal `directions`. It is fitted once and then
    stays as it is; networks learn what it leaves.
    """

    mean: Tensor
    directions: Tensor
    signal: Tensor
    noise: Tensor

    def __init__(self, values: int, latent_dim: int) -> None:
        """`values`: numbers in one item; `latent_dim`: components kept."""
        super().__init__()
        self.register_buffer("mean", torch.full((values,), 0.5))
        self.register_buffer("directions", torch.zeros(latent_dim, values))
        self.register_buffer("signal", torch.zeros(latent_dim))
        self.register_buffer("noise", torch.tensor(0.1))

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Maximum likelihood (the same, section 3.2) for items `(items, values)`, items ≥ 2.

        Directions beyond the rank of the data stay zero: their latents are the prior.
        """
        values = x.shape[1]
        mean = x.double().mean(0)
        variances, directions = principal(x.double() - mean)
        kept = min(len(self.signal), int((variances > 1e-9 * variances[0].clamp_min(1e-12)).sum()))
        noise = (variances[kept:].sum() / max(values - kept, 1)).clamp_min(LEAST_NOISE**2)
        self.mean.copy_(mean)
        self.directions.zero_()[:kept] = directions[:kept].to(self.directions)
        self.signal.zero_()[:kept] = (variances[:kept].clamp_min(float(noise)) - noise).sqrt().to(self.signal)
        self.noise.copy_(noise.sqrt())

    @property
    def log_variance(self) -> Tensor:
        """Of the posterior, common to all items, `(latent_dim,)`."""
        return -torch.log1p((self.signal / self.noise).square())

    def encode(self, x: Tensor) -> Tensor:
        """Posterior mean `(batch, latent_dim)` of items `(batch, values)`."""
        gain = self.signal / (self.signal.square() + self.noise.square())
        return gain * F.linear(x - self.mean, self.directions)

    def decode(self, z: Tensor) -> Tensor:
        """Items `(batch, values)` of latents `(batch, latent_dim)`."""
        return (self.signal * z) @ self.directions + self.mean


def principal(x: Tensor, most: int | None = None) -> tuple[Tensor, Tensor]:
    """Variances of centred items `(items, values)` along principal directions, and these, largest first.

    Args:
        x: the items.
        most: so many directions; all for none.
    """
    wide = len(x) < x.shape[1]
    squares, vectors = torch.linalg.eigh(x @ x.T if wide else x.T @ x)
    squares, vectors = squares.flip(0).clamp_min(0)[:most], vectors.flip(1)[:, :most]
    directions = (vectors.T @ x) / squares.sqrt().clamp_min(1e-12)[:, None] if wide else vectors.T
    return squares / len(x), directions


def ridge_regression(x: Tensor, y: Tensor, ridge: float) -> tuple[Tensor, Tensor]:
    """Weights `(outputs, inputs)` and biases `(outputs,)` that tell `y` `(items, outputs)` from `x` best.

    Args:
        x: inputs `(items, inputs)`.
        y: what is to be told.
        ridge: of the squared weights, for each item.
    """
    centre, usual = x.mean(0), y.mean(0)
    inputs = (x - centre).double()
    square = inputs.T @ inputs + ridge * len(x) * torch.eye(x.shape[1]).to(inputs)
    solved = torch.linalg.solve(square, inputs.T @ (y - usual).double()).to(x)
    return solved.T, usual - centre @ solved


class Encoder(nn.Module):
    """Strided convolutions from an image to corrections of the backbone's posterior, zero at first."""

    def __init__(self, side: int, channels: Sequence[int], latent_dim: int) -> None:
        """`side`: height and width of its input; halved once for each entry of `channels`."""
        super().__init__()
        self.convs = nn.ModuleList(
            convolution(a, b, 3, stride=2) for a, b in zip((3, *channels), channels, strict=False)
        )
        self.head = nn.Linear(channels[-1] * (side >> len(channels)) ** 2, 2 * latent_dim)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Corrections of mean and log variance, `(batch, latent_dim)`, of images `(batch, 3, side, side)`."""
        x = 4 * (x - 0.5)
        for conv in self.convs:
            x = activation(conv(x))
        mean, log_variance = self.head(x.flatten(1)).chunk(2, 1)
        return mean, log_variance


class Stage(nn.Module):
    """One resolution of the decoder: a residual block, with a bias for each place and channel gains from z.

    Faces are aligned, so places mean something: the bias map costs no arithmetic and tells the convolutions
    where they are.
    """

    def __init__(self, inputs: int, channels: int, side: int, latent_dim: int, up: bool, image: int) -> None:
        """`up`: its input has half the `side`; `image`: channels of an image that it sees as well, or 0."""
        super().__init__()
        self.up = up
        self.look = convolution(image, channels, 3, gain=0.5) if image else None
        self.mix = convolution(inputs, channels, 1, gain=0.7)
        self.place = nn.Parameter(torch.zeros(1, channels, side, side))
        self.gain = nn.Linear(latent_dim, channels)
        self.first = convolution(channels, channels, 3)
        self.second = convolution(channels, channels, 3, gain=0.3)
        nn.init.normal_(self.gain.weight, std=0.2 / latent_dim**0.5)
        nn.init.ones_(self.gain.bias)

    def forward(self, x: Tensor, z: Tensor, image: Tensor | None = None) -> Tensor:
        """Features `(batch, channels, side, side)` for `(batch, inputs, s, s)`, z and an image of `side`."""
        x = self.mix(x)
        if self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = x + self.place
        if self.look is not None and image is not None:
            x = x + self.look(image)
        y = self.first(activation(x)) * self.gain(z)[:, :, None, None]
        y = self.second(activation(y))
        out: Tensor = x + y
        return out


class Decoder(nn.Module):
    """Latents and a picture that is already there, the base, to the image.

    Each stage doubles the side. From the stage at half the base's side on, each adds detail of twice its
    own side to the image so far by a sub-pixel convolution (Shi et al. 2016): most arithmetic is spent at low
    resolution, and training can begin with small images and grow (Karras et al. 2018; sums as in their 2020).
    These stages see the image so far.
    """

    def __init__(
        self,
        first_side: int,
        base_side: int,
        channels: Sequence[int],
        seed_channels: int,
        latent_dim: int,
    ) -> None:
        """`first_side`: of the first stage, `base_side`: of the base; both powers of two."""
        super().__init__()
        self.first_side, self.base_side, self.seed_channels = first_side, base_side, seed_channels
        self.seed = nn.Linear(latent_dim, seed_channels * first_side**2)
        nn.init.normal_(self.seed.weight, std=latent_dim**-0.5)
        self.stages, self.details = nn.ModuleDict(), nn.ModuleDict()
        inputs, side = seed_channels, first_side
        for width in channels:
            # The first that sees the base has half its side: four pixels in one place.
            image = 12 if 2 * side == base_side else 3 if side >= base_side else 0
            self.stages[str(side)] = Stage(inputs, width, side, latent_dim, side > first_side, image)
            if image:
                self.details[str(side)] = convolution(width, 12, 3, gain=0.0)
            inputs, side = width, side * 2

    def forward(self, z: Tensor, base: Tensor, grown: int, finest: float = 1.0) -> Tensor:
        """Images `(batch, 3, grown, grown)`, unbounded.

        Args:
            z: latents `(batch, latent_dim)`.
            base: pictures `(batch, 3, base_side, base_side)`.
            grown: side of the images wanted; stages beyond it rest.
            finest: gain of the last stage's detail.
        """
        x = self.seed(z).view(-1, self.seed_channels, self.first_side, self.first_side)
        image = base
        for key, stage in self.stages.items():
            side = int(key)
            if side == grown:
                break
            if key not in self.details:
                x = stage(x, z)
                continue
            small = 2 * side == self.base_side
            x = stage(x, z, 4 * (F.pixel_unshuffle(image, 2) if small else image) - 2)
            if not small:
                image = F.interpolate(image, scale_factor=2.0, mode="bilinear", align_corners=False)
            detail = F.pixel_shuffle(self.details[key](activation(x)), 2)
            image = image + (finest * detail if 2 * side == grown and finest != 1 else detail)
        return image
