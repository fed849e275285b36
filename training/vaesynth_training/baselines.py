"""The linear baseline: probabilistic PCA, which is the best that a VAE with linear maps can be.

Tipping & Bishop 1999, "Probabilistic principal component analysis"; that its ELBO is the linear VAE's
optimum: Lucas et al. 2019, "Don't blame the ELBO!". As a `Model` it takes the same road through evaluation
and export as any other.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from vaesynth.geometry import ImageGeometry, LoopGeometry

from .closed_form import ClosedForm
from .data import Data
from .losses.elbo import gaussian_log_likelihood
from .model import Batch, Posterior
from .ranges import require_within

MIN_VARIANCE = 1e-6
"""Of the observation noise, 60 dB below full scale: as few items as dimensions would leave none."""


@dataclass(frozen=True)
class PcaSettings:
    """Settings of `LinearPca`.

    Attributes:
        latent_dim: components.
        oversampling: further directions that the randomised search carries along.
        rounds: power iterations; each reads the data twice.
    """

    latent_dim: int = 64
    oversampling: int = 16
    rounds: int = 2

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, 1, math.inf, "latent_dim", "oversampling")
        require_within(self, 0, math.inf, "rounds")


class LinearPca(ClosedForm):
    """x = mean + W z + σ ε, with z and ε standard normal; outputs are clipped to the legal range."""

    mean: Tensor
    directions: Tensor
    variances: Tensor
    log_deviation: Tensor

    def __init__(self, settings: PcaSettings, geometry: LoopGeometry | ImageGeometry) -> None:
        super().__init__()
        self.settings, self.geometry, self.latent_dim = settings, geometry, settings.latent_dim
        loop = isinstance(geometry, LoopGeometry)
        if isinstance(geometry, LoopGeometry):
            self.shape: tuple[int, ...] = (geometry.channels, geometry.frames)
        else:
            self.shape = (3, geometry.height, geometry.width)
        self.low = -1.0 if loop else 0.0
        values = math.prod(self.shape)
        self.register_buffer("mean", torch.zeros(values))
        self.register_buffer("directions", torch.zeros(settings.latent_dim, values))  # orthonormal rows
        self.register_buffer("variances", torch.ones(settings.latent_dim))  # along them
        self.register_buffer("log_deviation", torch.tensor(0.0))

    def encode(self, x: Tensor) -> Posterior:
        """The exact posterior (Tipping & Bishop, equation 6)."""
        signal = self._signal()
        mean = (x.flatten(1) - self.mean) @ self.directions.T * (signal.sqrt() / self.variances)
        variance = torch.exp(2 * self.log_deviation) / self.variances
        return Posterior(mean, variance.log().expand_as(mean))

    def decode(self, z: Tensor) -> Tensor:
        """See `Model`."""
        y = self.mean + (z * self._signal().sqrt()) @ self.directions
        return y.reshape(-1, *self.shape).clamp(self.low, 1.0)

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """The negative ELBO, in nats an item, and its two terms."""
        posterior = self.encode(batch.x)
        likelihood = gaussian_log_likelihood(batch.x, self.decode(posterior.sample()), self.log_deviation)
        reconstruction, kl = -likelihood.mean(), posterior.kl().sum(1).mean()
        return {"loss": reconstruction + kl, "negative_log_likelihood": reconstruction, "kl": kl}

    def _signal(self) -> Tensor:
        """Variance of each component beyond the noise; a component without data has none."""
        return (self.variances - torch.exp(2 * self.log_deviation)).clamp_min(0)

    @torch.no_grad()
    def fit(self, data: Data, seed: int) -> None:
        """Randomised singular vectors (Halko, Martinsson & Tropp 2011, algorithm 4.4), with the data
        streamed.

        Memory: latent_dim + oversampling items, and as many numbers an item.
        """
        items, values = data.items("train"), math.prod(self.shape)
        rank = min(items, self.latent_dim + self.settings.oversampling)
        mean, squares = torch.zeros(values, dtype=torch.float64), 0.0
        for rows in self._rows(data, torch.zeros(values)):
            mean += rows.sum(0, dtype=torch.float64) / items
        self.mean.copy_(mean)
        directions = torch.randn(rank, values, generator=torch.Generator().manual_seed(seed))
        for _ in range(self.settings.rounds + 1):
            scores = torch.cat([rows @ directions.T for rows in self._rows(data, self.mean)])
            basis = torch.linalg.qr(scores.double())[0].float()
            directions, done, squares = torch.zeros(rank, values), 0, 0.0
            for rows in self._rows(data, self.mean):
                directions += basis[done : done + len(rows)].T @ rows
                squares += float(rows.square().sum(dtype=torch.float64))
                done += len(rows)
        powers, vectors = torch.linalg.eigh((directions @ directions.T).double())
        kept = min(rank, self.latent_dim, max(items - 1, 1))
        powers, vectors = powers.flip(0)[:kept].clamp_min(0), vectors.flip(1)[:, :kept]
        self.directions.zero_()
        self.directions[:kept] = (vectors.float().T @ directions) / powers.sqrt().clamp_min(1e-12).float()[
            :, None
        ]
        rest = max(squares - float(powers.sum()), 0.0) / items / max(values - kept, 1)
        noise = max(rest, MIN_VARIANCE)
        self.log_deviation.fill_(0.5 * math.log(noise))
        self.variances.fill_(noise)
        self.variances[:kept] = (powers / items).float().clamp_min(noise)

    @staticmethod
    def _rows(data: Data, mean: Tensor) -> Iterator[Tensor]:
        """The training items, centred, 16 at a time: `(items, values)`."""
        for batch in data.once("train", 16):
            yield batch.x.flatten(1) - mean
