"""The paper's networks: fully connected autoencoders of raw samples or pixels, variational and plain.

The paper's figures fix the data (30,000 samples, 70 × 70 grey pixels) and the epochs; layer widths, latent
size, optimiser and noise are choices of ours, listed in `docs/paper.md`.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from ..losses.elbo import KlSettings, Noise, gaussian_log_likelihood
from ..model import Batch, Model, Posterior
from ..ranges import require_positive, require_within


@dataclass(frozen=True)
class DenseSettings:
    """Settings of `DenseVae`.

    Attributes:
        hidden: widths of the encoder's hidden layers; the decoder has them in reverse.
        latent_dim: dimensions of z.
        variational: False gives the plain autoencoder: no sampling, no KL, squared error alone.
        output: `tanh` for audio, `sigmoid` for images.
        grey: images are modelled by their luminance alone, and decoded with three equal channels.
        noise: the observation noise σ is `learnt` with the network, or stays `fixed`.
        deviation: σ, or where it starts.
        kl: how the KL term enters.
    """

    hidden: tuple[int, ...] = (512, 256)
    latent_dim: int = 8
    variational: bool = True
    output: Literal["tanh", "sigmoid"] = "tanh"
    grey: bool = False
    noise: Noise = "learnt"
    deviation: float = 0.1
    kl: KlSettings = field(default_factory=KlSettings)

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, 1, math.inf, "hidden", "latent_dim")
        require_positive(self, "deviation")


class DenseVae(Model):
    """Dense encoder → latent mean and log-variance → dense decoder, on flattened loops or images of any
    geometry.
    """

    def __init__(self, settings: DenseSettings, geometry: LoopGeometry | ImageGeometry) -> None:
        super().__init__()
        self.settings, self.geometry, self.latent_dim = settings, geometry, settings.latent_dim
        self.variational = settings.variational
        loop = isinstance(geometry, LoopGeometry)
        if (settings.output == "tanh") != loop:
            raise SettingError(
                f"settings.output is {settings.output}, expected tanh for loops, sigmoid for images"
            )
        if isinstance(geometry, LoopGeometry):
            self.shape: tuple[int, ...] = (geometry.channels, geometry.frames)
        else:
            self.shape = (1 if settings.grey else 3, geometry.height, geometry.width)
        values = math.prod(self.shape)
        self.encoder = _perceptron((values, *settings.hidden))
        self.to_posterior = nn.Linear(settings.hidden[-1], 2 * settings.latent_dim)
        self.decoder = _perceptron((settings.latent_dim, *reversed(settings.hidden)))
        self.to_output = nn.Linear(settings.hidden[0], values)
        self.output = nn.Tanh() if settings.output == "tanh" else nn.Sigmoid()
        # Posterior deviations start small: a decoder that sees only noise first learns to ignore z.
        nn.init.zeros_(self.to_posterior.weight[settings.latent_dim :])
        nn.init.constant_(self.to_posterior.bias[settings.latent_dim :], -4.0)
        self.log_deviation = nn.Parameter(
            torch.tensor(math.log(settings.deviation)),
            requires_grad=settings.noise == "learnt" and settings.variational,
        )

    def modelled(self, x: Tensor) -> Tensor:
        """`(batch, values)` of what is modelled: the samples, or the pixels, averaged over the colours where
        grey.
        """
        if self.settings.grey and isinstance(self.geometry, ImageGeometry):
            x = x.mean(1, keepdim=True)
        return x.flatten(1)

    def encode(self, x: Tensor) -> Posterior:
        """See `Model`. The plain autoencoder's posterior is a point: its variance is e⁻²⁰, and never
        sampled.
        """
        mean, log_variance = self.to_posterior(self.encoder(self.modelled(x))).chunk(2, 1)
        return Posterior(
            mean, log_variance.clamp(-20, 10) if self.settings.variational else 0 * log_variance - 20
        )

    def decode(self, z: Tensor) -> Tensor:
        """See `Model`."""
        y: Tensor = self.output(self.to_output(self.decoder(z))).reshape(-1, *self.shape)
        return y.expand(-1, 3, -1, -1) if len(self.shape) == 3 and self.shape[0] == 1 else y

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Equation (1), negated, in nats an item; both terms apart."""
        posterior = self.encode(batch.x)
        target = self.modelled(batch.x)
        if not self.settings.variational:
            error = (target - self.modelled(self.decode(posterior.mean))).square().mean()
            return {"loss": error, "mean_squared_error": error}
        decoded = self.modelled(self.decode(posterior.sample()))
        reconstruction = -gaussian_log_likelihood(target, decoded, self.log_deviation).mean()
        charged, kl = self.settings.kl.term(posterior, step)
        # Divided by the number of values: the learning rate then means the same for any geometry.
        return {
            "loss": (reconstruction + charged) / target.shape[1],
            "negative_log_likelihood": reconstruction,
            "kl": kl,
            "negative_elbo": reconstruction + kl,
            "deviation": self.log_deviation.detach().exp(),
            "mean_squared_error": (target - decoded).square().mean(),
        }


def _perceptron(widths: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers)
