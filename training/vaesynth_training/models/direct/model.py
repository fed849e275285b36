"""A VAE of bars whose decoder knows nothing of drums: the measure of what the structured one is worth."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

import torch
from torch import Tensor

from vaesynth.errors import SettingError
from vaesynth.geometry import NATIVE_LOOP, ImageGeometry, LoopGeometry

from ...losses.stft import FFT_SIZES, MultiResolutionSTFT, side_distance
from ...model import Batch, Model, Posterior
from ...ranges import require_within
from ..drums.augment import rotated
from ..drums.prior import GroupPrior
from ..drums.voices import PEAK
from .heads import BandsHead, IstftHead
from .trunk import FrameDecoder, FrameEncoder


@dataclass(frozen=True)
class DirectSettings:
    """Settings of `DirectVae`; those of the loss mean what they mean for the drum model.

    Attributes:
        head: `istft` (magnitudes and phases) or `bands` (samples of a filter bank's bands), both with noise.
        latent_dim: dimensions of z.
        channels: width of the decoder.
        wave_weight: of the error of the samples, as a share of the bar's own level; it ties the phases down.
        kl_weight, free_nats, kl_warm_up: β of the surrogate, nats of each latent that cost nothing, steps
            until the KL has its full weight, a tenth of which it begins with.
        width_weight, resolutions, rotated: of the sides, STFT sizes a step, share of bars begun elsewhere.
    """

    head: Literal["istft", "bands"] = "istft"
    latent_dim: int = 64
    channels: int = 224
    wave_weight: float = 0.1
    kl_weight: float = 2e-4
    free_nats: float = 0.05
    kl_warm_up: int = 500
    width_weight: float = 0.3
    resolutions: int = 2
    rotated: float = 0.5

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, 1, inf, "latent_dim", "channels")
        require_within(self, 1, len(FFT_SIZES), "resolutions")
        require_within(self, 0, 1, "rotated")
        require_within(self, 0, inf, "wave_weight", "kl_weight", "free_nats", "kl_warm_up", "width_weight")


class DirectVae(Model):
    """One bar of drums, stereo, without stems; one latent group for all."""

    def __init__(self, settings: DirectSettings, geometry: LoopGeometry | ImageGeometry) -> None:
        super().__init__()
        if geometry != NATIVE_LOOP:
            raise SettingError(f"direct: geometry is {geometry}, expected one bar of {NATIVE_LOOP}")
        self.settings, self.geometry, self.latent_dim = settings, geometry, settings.latent_dim
        self.encoder = FrameEncoder(settings.latent_dim)
        self.decoder = FrameDecoder(settings.latent_dim, settings.channels)
        self.head = {"istft": IstftHead, "bands": BandsHead}[settings.head](settings.channels)
        self.prior = GroupPrior((settings.latent_dim,))
        self.distance = MultiResolutionSTFT(stereo=False)

    def encode(self, x: Tensor) -> Posterior:
        """Posterior of bars `(batch, 2, 96000)`."""
        return self.prior.normalise(*self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Bars `(batch, 2, 96000)`, peak at -1 dBFS."""
        return self._decode(self.prior.denormalise(z))

    def _decode(self, w: Tensor) -> Tensor:
        bar: Tensor = self.head(self.decoder(w))
        return bar * (PEAK / bar.abs().amax((1, 2), keepdim=True).clamp_min(1e-3))

    def settle(self, batches: Iterable[Batch], records: Iterable[Mapping[str, Any]]) -> None:
        """Fit the prior's flow to the training bars' posteriors, so that N(0, I) decodes to such bars."""
        with torch.no_grad():
            heard = [self.encoder(batch.x) for batch in batches]
        if heard:
            mean, log_variance = (torch.cat(parts) for parts in zip(*heard, strict=True))
            self.prior.fit([(Posterior(mean, log_variance), torch.ones(len(mean)))])

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Spectral distance, error of the samples, distance of the sides, and KL."""
        s = self.settings
        x = rotated(batch, s.rotated).x
        posterior = Posterior(*self.encoder(x))
        audio = self._decode(posterior.sample())
        sizes = [FFT_SIZES[int(i)] for i in torch.randperm(len(FFT_SIZES))[: s.resolutions]]
        each = posterior.kl()
        parts = {
            "distance": self.distance.items(audio, x, sizes).mean(),
            "width": side_distance(audio, x),
            "wave": ((audio - x).square().sum((1, 2)) / x.square().sum((1, 2)).clamp_min(1e-3)).sqrt().mean(),
            "kl": each.sum(1).mean(),
        }
        warm = min(1.0, step / max(s.kl_warm_up, 1))
        kl = s.kl_weight * (0.1 + 0.9 * warm) * each.mean(0).clamp_min(s.free_nats).sum()
        loss = parts["distance"] + s.width_weight * parts["width"] + s.wave_weight * parts["wave"] + kl
        return {"loss": loss, **parts}
