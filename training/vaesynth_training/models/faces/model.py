"""The image VAE of faces: an appearance model in closed form, and networks that learn what it cannot say.

Posterior and decoder both start as probabilistic PCA of shape and texture at 64 × 64, whose aggregate
posterior is N(0, I) by construction. A convolutional encoder corrects the posterior, a convolutional decoder
adds all that is not linear to the texture, before it is moved to the face's own shape. The reasons are in
`docs/design/faces.md`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from ...closed_form import FittedStart
from ...losses.adversarial import (
    Augmentation,
    ImageDiscriminator,
    discriminator_loss,
    feature_distance,
    generator_loss,
    gradient_penalty,
)
from ...losses.bands import band_error
from ...losses.detail import UsualDetail, detail_distance, detail_levels
from ...losses.elbo import KlSettings
from ...model import Batch, Posterior
from ...ranges import require_positive, require_within
from .appearance import MOVED_NODES, AppearanceModel, weights
from .congealing import SIDE
from .layers import Decoder, Encoder
from .warp import Field, look_up

LOW_SIDE, FIRST_SIDE = 32, 8
"""Sides of the likelihood's low band and of the decoder's first stage."""
MOST = 2_048
"""Images after which no more are taken into the appearance model: its time grows with their square."""
DREAM_OCTAVES = 2
"""Octaves below 64 × 64 in which draws are to have the detail of photos; copies have their originals."""


def reduce(x: Tensor, side: int) -> Tensor:
    """Square images `(batch, 3, side · n, side · n)` averaged down to `(batch, 3, side, side)`."""
    return F.avg_pool2d(x, x.shape[-1] // side) if x.shape[-1] > side else x


@dataclass(frozen=True)
class FacesSettings:
    """The network and its objective.

    Attributes:
        latent_dim: components of the appearance model (the backbone) and width of z.
        encoder_channels: of its strided convolutions.
        seed_channels: of the first feature map made from z.
        decoder_channels: of its stages at 8, 16, 32 … pixels; the last runs at half the image's side.
        discriminator_channels: of the adversary's resolutions … 16, 8, 4; the first is half the image's side.
        kl: how the KL term enters (nats over the values of the small image).
        band_weights: in the reconstruction term, of the low band (32 × 32) and of each finer octave.
        band_deviations: noise assumed in the finer octaves; the low band takes the backbone's own.
        prior_deviation: of N(0, I) in the backbone's own latents: below 1 the rarest faces are left out,
            which the decoder knows least (truncation, Brock et al. 2019); above 1 draws are more individual.
        finest: gain of the finest octave where images are decoded for use. What is learnt of detail whose
            phase z does not tell is too weak in the mean; losses see it as it is.
        detail: weight of the distance in local amplitude of fine detail, of copies; 0 switches it off.
        dream_detail: the same of draws of the prior: how much on average, and how it differs among them.
        adversary: weight of the adversarial term; 0 switches it off.
        features: weight of the distance in the discriminator's activations.
        penalty: weight of R1; charged every `penalty_every` steps, times as many.
        augmentation: strength of what the discriminator's images undergo, from 0 to 1.
        grow_step: before this step images are learnt at half their side.
        jitter: standard deviation of the training images' change in brightness and colour.
    """

    latent_dim: int = 256
    encoder_channels: tuple[int, ...] = (24, 48, 64, 96)
    seed_channels: int = 32
    decoder_channels: tuple[int, ...] = (96, 80, 56, 16)
    discriminator_channels: tuple[int, ...] = (32, 48, 96, 128, 128)
    kl: KlSettings = field(default_factory=KlSettings)
    band_weights: tuple[float, ...] = (1.0, 0.35, 0.04)
    band_deviations: tuple[float, ...] = (0.04, 0.03)
    prior_deviation: float = 1.0
    finest: float = 1.0
    detail: float = 0.6
    dream_detail: float = 0.0
    adversary: float = 0.0
    features: float = 1.0
    penalty: float = 0.1
    penalty_every: int = 8
    augmentation: float = 0.4
    grow_step: int = 0
    jitter: float = 0.02

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, 1, math.inf, "latent_dim", "encoder_channels", "seed_channels")
        require_within(self, 1, math.inf, "decoder_channels", "discriminator_channels", "penalty_every")
        require_within(self, 0, math.inf, "band_weights", "finest", "detail", "dream_detail", "adversary")
        require_within(self, 0, math.inf, "features", "penalty", "grow_step", "jitter")
        require_within(self, 0, 1, "augmentation")
        require_positive(self, "band_deviations", "prior_deviation")


class FacesVae(FittedStart):
    """See the module. The prior of z is N(0, I)."""

    geometry: ImageGeometry

    def __init__(self, settings: FacesSettings, geometry: ImageGeometry | LoopGeometry) -> None:
        """A model of square images.

        Raises:
            SettingError: `geometry` is not square images of the side that the stages make.
        """
        super().__init__()
        made = FIRST_SIDE << len(settings.decoder_channels)
        if made < SIDE or geometry != ImageGeometry(made, made):
            raise SettingError(
                f"geometry is {geometry}, expected a square of {FIRST_SIDE} pixels doubled for each "
                f"of at least 3 decoder_channels, here {made}"
            )
        assert isinstance(geometry, ImageGeometry)
        self.settings = settings
        self.geometry = geometry
        self.latent_dim = settings.latent_dim
        self.appearance = AppearanceModel(settings.latent_dim)
        self.encoder = Encoder(SIDE, settings.encoder_channels, settings.latent_dim)
        self.decoder = Decoder(
            FIRST_SIDE, SIDE, settings.decoder_channels, settings.seed_channels, settings.latent_dim
        )
        self.fields = nn.ModuleDict({str(side): Field(MOVED_NODES, side) for side in {SIDE, made}})
        self.discriminator: ImageDiscriminator | None = None
        if settings.adversary > 0:
            self.discriminator = ImageDiscriminator(made, settings.discriminator_channels)
        self._fakes: tuple[Tensor, Tensor] | None = None
        self._usual = UsualDetail()
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch lacks the overload

    @torch.no_grad()
    def begin(self, batches: Iterable[Batch]) -> None:
        """Fit the appearance model to the training images, held at 64 × 64."""
        small: list[Tensor] = []
        for batch in batches:
            small.append(reduce(batch.x, SIDE))
            if sum(map(len, small)) >= MOST:
                break
        self.appearance.fit(torch.cat(small)[:MOST])

    def encode(self, x: Tensor) -> Posterior:
        """Posterior of images `(batch, 3, height, width)` in [0, 1]."""
        inner, scale = self.posterior(x), self.settings.prior_deviation
        return Posterior(inner.mean / scale, inner.log_variance - 2 * math.log(scale))

    def posterior(self, x: Tensor) -> Posterior:
        """`encode` in the backbone's own latents, whose aggregate posterior is N(0, I)."""
        base, texture = self.appearance.encode(reduce(x, SIDE))
        mean, log_variance = self.encoder(texture)
        return Posterior(base + mean, self.appearance.linear.log_variance + log_variance)

    def decode(self, z: Tensor) -> Tensor:
        """Images `(batch, 3, height, width)` in [0, 1] of the latents `z` `(batch, latent_dim)`."""
        s = self.settings
        return self.draw(s.prior_deviation * z, self.geometry.height, s.finest).clamp(0, 1)

    def draw(self, z: Tensor, side: int, finest: float = 1.0) -> Tensor:
        """Images `(batch, 3, side, side)`, unbounded, of the backbone's own latents `(batch, latent_dim)`."""
        texture, moved = self.appearance.decode(z)
        image: Tensor = self.decoder(z, texture, side, finest)
        return look_up(image, self.fields[str(side)](moved))

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """The surrogate of the negative ELBO and the adversarial terms; see `FacesSettings`."""
        s = self.settings
        side = self.geometry.height
        if step < s.grow_step and side > SIDE:
            side //= 2
        x = reduce(self._augment(batch.x) if self.training else batch.x, side)
        x = x.contiguous(memory_format=torch.channels_last)
        octaves = (side // LOW_SIDE).bit_length() - 1
        posterior = self.posterior(x)
        copies = self.draw(posterior.sample(), side)
        deviations = (float(self.appearance.linear.noise), *s.band_deviations[:octaves])
        counted = weights(side).to(x)
        scale = counted.sqrt()
        reconstruction = band_error(scale * x, scale * copies, deviations, s.band_weights[: octaves + 1])
        charged, kl = s.kl.term(posterior, step)
        values = 3 * LOW_SIDE**2
        parts = {"reconstruction": reconstruction, "kl": kl, "mse": (x - copies).square().mean()}
        loss = reconstruction + charged / values
        if not self.training:  # what follows teaches, and measures nothing that validation asks for
            return {"loss": loss, **parts}
        coarser = DREAM_OCTAVES if s.dream_detail > 0 else 0
        wanted = detail_levels(x, octaves + coarser) if s.detail > 0 or coarser else []
        if s.detail > 0:
            parts["detail"] = detail_distance(wanted[:octaves], detail_levels(copies, octaves), counted)
            loss = loss + s.detail * parts["detail"]
        if self.discriminator is not None or s.dream_detail > 0:
            half = max(len(x) // 2, 1)
            dreams = self.draw(s.prior_deviation * torch.randn(half, self.latent_dim, device=x.device), side)
            if s.dream_detail > 0:  # draws have no originals: as much as photos usually have
                found = detail_levels(dreams, octaves + coarser)
                parts["dream_detail"] = self._usual.distance(wanted, found)
                loss = loss + s.dream_detail * parts["dream_detail"]
            if self.discriminator is not None:
                loss = loss + self._contest(self.discriminator, x, copies, dreams, parts)
        return {"loss": loss, **parts}

    def _contest(
        self, judge: ImageDiscriminator, x: Tensor, copies: Tensor, dreams: Tensor, parts: dict[str, Tensor]
    ) -> Tensor:
        """Add what `judge` makes of copies of `x` and of draws to `parts`; returns its share of the loss."""
        s, count, half = self.settings, len(x), len(dreams)
        change = Augmentation.draw(count + half, x.shape[-1], s.augmentation, x.device)
        with torch.no_grad():
            real = judge.features(change(torch.cat([x, x[:half]]))[:count])
        seen = judge.features(change(torch.cat([copies, dreams])))
        parts["features"] = feature_distance(real, [f[:count] for f in seen])
        logits = judge.logits(seen)  # copies and draws of the prior count alike
        players = [generator_loss([v[at] for v in logits]) for at in (slice(count), slice(count, None))]
        parts["adversarial"] = torch.stack(players).mean()
        self._fakes = (x, torch.cat([copies[: count - half], dreams]).detach())
        return s.adversary * parts["adversarial"] + s.features * parts["features"]

    def adversary(self) -> nn.Module | None:
        """The discriminator, unless its weight is 0."""
        return self.discriminator

    def adversary_losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Logistic loss on the images of the last `losses` (half copies, half draws of the prior), and R1."""
        if self.discriminator is None:
            return super().adversary_losses(batch, step)
        if self._fakes is None:
            raise RuntimeError("adversary_losses is called before losses")
        x, fakes = self._fakes
        self._fakes = None
        both = torch.cat([x, fakes])
        both = Augmentation.draw(len(both), x.shape[-1], self.settings.augmentation, x.device)(both)
        real = both[: len(x)]
        logits = self.discriminator(both)
        real_logits, fake_logits = zip(*(v.chunk(2) for v in logits), strict=True)
        loss = discriminator_loss(real_logits, fake_logits)
        parts = {
            "discriminator": loss,
            "real": torch.sigmoid(real_logits[-1]).mean(),
            "fake": torch.sigmoid(fake_logits[-1]).mean(),
            "real_grain": torch.sigmoid(real_logits[0]).mean(),
            "fake_grain": torch.sigmoid(fake_logits[0]).mean(),
        }
        if step % self.settings.penalty_every == 0:
            penalty = gradient_penalty(self.discriminator, real)
            loss = loss + self.settings.penalty / 2 * self.settings.penalty_every * penalty
            parts["penalty"] = penalty
        return {"loss": loss, **parts}

    def _augment(self, x: Tensor) -> Tensor:
        """Mirror every other image and shift its brightness and colour a little."""
        mirror = torch.rand(len(x), 1, 1, 1, device=x.device) < 0.5
        x = torch.where(mirror, x.flip(3), x)
        gain = 1 + self.settings.jitter * torch.randn(len(x), 3, 1, 1, device=x.device)
        gain = gain * (1 + 2 * self.settings.jitter * torch.randn(len(x), 1, 1, 1, device=x.device))
        return (x * gain).clamp(0, 1)
