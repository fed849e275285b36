"""What every model of the training side is: an encoder, a decoder and its losses."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from vaesynth.geometry import ImageGeometry, LoopGeometry


@dataclass(frozen=True)
class Posterior:
    """q(z|x) = N(mean, exp(log_variance)), both `(batch, latent_dim)`."""

    mean: Tensor
    log_variance: Tensor

    def sample(self) -> Tensor:
        """A reparameterised draw (Kingma & Welling 2014, section 2.4)."""
        return self.mean + torch.exp(0.5 * self.log_variance) * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, I)) in nats, each item and dimension, `(batch, latent_dim)` (the same, appendix B)."""
        return 0.5 * (self.mean**2 + self.log_variance.exp() - 1 - self.log_variance)


@dataclass(frozen=True)
class Batch:
    """Items of a data set.

    Attributes:
        x: audio `(batch, channels, frames)` in [-1, 1] or images `(batch, 3, height, width)` in [0, 1].
        info: one dictionary an item: its JSON record in the data set (name, source, licence, hits …).
    """

    x: Tensor
    info: Sequence[Mapping[str, Any]]


class Model(nn.Module, ABC):
    """A variational autoencoder of loops or images.

    The exported latent space is that of `encode` and `decode`: its prior is N(0, I), whatever happens inside.
    """

    geometry: LoopGeometry | ImageGeometry
    latent_dim: int
    latent_groups: Mapping[str, tuple[int, int]] = {}

    @property
    def exact(self) -> Sequence[str]:
        """Submodules whose weights are too fine for half precision, by their dotted names."""
        return ()

    @property
    def voices(self) -> Sequence[str]:
        """Names of the stems; none where the model has no stems."""
        return ()

    @abstractmethod
    def encode(self, x: Tensor) -> Posterior:
        """Posterior of `x` (audio `(batch, channels, frames)` or images `(batch, 3, height, width)`)."""

    @abstractmethod
    def decode(self, z: Tensor) -> Tensor:
        """Audio in [-1, 1] or images in [0, 1] of the latents `z` `(batch, latent_dim)`; deterministic."""

    def decode_stems(self, z: Tensor) -> Tensor:
        """Stems `(batch, voices, channels, frames)` that sum to `decode(z)`; only if `voices` are named."""
        raise TypeError(f"{type(self).__name__} has no stems")

    def decode_with_stems(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """`decode(z)` and `decode_stems(z)`, at the cost of one where a model can."""
        stems = self.decode_stems(z)
        return stems.sum(1), stems

    @abstractmethod
    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Named scalar parts; `loss` is what the optimiser minimises, the others are logged."""

    def settle(self, batches: Iterable[Batch], records: Iterable[Mapping[str, Any]]) -> None:
        """Fit what is fitted once, when training ends, such as a prior on the posteriors of training items.

        Args:
            batches: one pass over (a share of) the training items.
            records: those of all training items, which cost little to read.
        """
        return

    def adversary(self) -> nn.Module | None:
        """The discriminator, where the model has one: its parameters get an optimiser of their own."""
        return None

    def adversary_losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """As `losses`, for the discriminator."""
        raise TypeError(f"{type(self).__name__} has no discriminator")
