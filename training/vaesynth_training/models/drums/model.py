"""The structured drum VAE: audio → (groove, kit) → hits and one-shots → stems → audio."""

import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import Tensor

from vaesynth.errors import SettingError
from vaesynth.geometry import NATIVE_LOOP, ImageGeometry, LoopGeometry
from vaesynth.metadata import REST

from ...losses.stft import FFT_SIZES, MultiResolutionSTFT, side_distance, side_share
from ...model import Batch, Model, Posterior
from ...ranges import require_within
from . import settling
from .alignment import aligned
from .augment import recoloured, rotated
from .critic import GrooveCritic
from .encoder import BarEncoder, Heard, as_heard
from .groove import TIMES, GrooveDecoder
from .kit import KitDecoder
from .memory import MOST, Few, Memory
from .place import mixed, placed
from .prior import GroupPrior
from .refinement import refined
from .supervision import nats_of_hits, nats_of_kits, with_hits
from .voices import KIT_DIM, PEAK, VOICES

MOST_WIDENED = 2.0
"""Largest gain of the sides in one settling."""

MOST_KNOWN = 50_000
"""Records that are looked at in one settling."""


@dataclass(frozen=True)
class DrumSettings:
    """Settings of the drum model.

    Attributes:
        groove_dim: latents of the groove, more than the 16 of its times.
        bands, partials, hidden: noise bands and sinusoids of a one-shot; width of the voice decoders.
        channels: width of the encoder.
        kl_weight: β of the surrogate: one unit of spectral distance stands for 1 / β nats.
        free_nats: for each latent, KL below this costs nothing (Kingma et al. 2016, appendix C.8).
        kl_warm_up: steps until the KL has its full weight, a tenth of which it begins with.
        hits_weight: of the hits' negative log-likelihood where a bar has its hits beside it.
        listen_steps: at first, so many steps learn from bars that bring their hits nothing but these, at a
            third of the cost: sound says little about a groove before most of its hits are right.
        kit_weight: of the negative log-likelihood of the kits' latents while it listens, where bars bring
            them.
        width_weight: of the log-magnitude difference of the sides.
        resolutions: STFT sizes compared in a step, drawn anew each time; all are met over time.
        decoded: bars of a batch that are decoded in a step, drawn anew each time. All are encoded.
        rotated: share of bars that start on another beat. The prior is fitted to bars as they are.
        recoloured: share of the bars without hits, produced ones, that are heard through another equaliser.
    """

    groove_dim: int = 34
    bands: int = 40
    partials: int = 4
    hidden: int = 224
    channels: int = 160
    kl_weight: float = 2e-4
    free_nats: float = 0.05
    kl_warm_up: int = 2_000
    hits_weight: float = 0.004
    listen_steps: int = 0
    kit_weight: float = 0.02
    width_weight: float = 0.3
    resolutions: int = 2
    decoded: int = 5
    rotated: float = 0.5
    recoloured: float = 0.5

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, TIMES + 1, inf, "groove_dim")
        require_within(self, 1, inf, "bands", "partials", "hidden", "channels", "decoded")
        require_within(self, 1, len(FFT_SIZES), "resolutions")
        require_within(self, 0, 1, "rotated", "recoloured")
        require_within(self, 0, inf, "kl_weight", "free_nats", "kl_warm_up", "hits_weight", "listen_steps")
        require_within(self, 0, inf, "kit_weight", "width_weight")


class DrumVae(Model):
    """One bar of drums with stems; latent groups `groove` and `kit`."""

    def __init__(self, settings: DrumSettings, geometry: LoopGeometry | ImageGeometry) -> None:
        super().__init__()
        if geometry != NATIVE_LOOP:
            raise SettingError(f"drums: geometry is {geometry}, expected one bar of {NATIVE_LOOP}")
        self.settings, self.geometry = settings, geometry
        groove = settings.groove_dim
        self.latent_dim = groove + KIT_DIM
        self.latent_groups: Mapping[str, tuple[int, int]] = {
            "groove": (0, groove),
            "kit": (groove, self.latent_dim),
        }
        self.encoder = BarEncoder(groove, settings.channels)
        self.groove_decoder = GrooveDecoder(groove)
        self.kit_decoder = KitDecoder(VOICES, settings.bands, settings.partials, settings.hidden)
        self.prior = GroupPrior((groove, KIT_DIM))
        self.memory = Memory(self.latent_dim, geometry.channels, geometry.frames)
        self.distance = MultiResolutionSTFT(stereo=False)

    @property
    def voices(self) -> Sequence[str]:
        """The kit's, and `REST` where loops are remembered."""
        return (*(v.name for v in VOICES), *((REST,) if len(self.memory) else ()))

    @property
    def exact(self) -> Sequence[str]:
        """What times hits, for a row of the grid is 1 ms and half precision would put some hits on the next;
        what latents far out are stretched by.
        """
        return "groove_decoder", "prior.flows"

    def encode(self, x: Tensor) -> Posterior:
        """Posterior of bars `(batch, 2, 96000)`."""
        found = self._found(x)
        return self.prior.normalise(found.mean, found.log_variance)

    def _found(self, x: Tensor) -> Posterior:
        """Posterior in the network's own latents: hits moved to their attacks, the groove fitted to these."""
        heard: Heard = self.encoder(x)
        return _joined(self._read(as_heard(aligned(x, heard.written))), heard)

    def _read(self, pattern: Tensor) -> Posterior:
        """Posterior of the groove of patterns, fitted to each."""
        guess, log_variance = self.encoder.groove(pattern)
        return Posterior(refined(self.groove_decoder, pattern, guess), log_variance)

    def decode(self, z: Tensor) -> Tensor:
        """Bars `(batch, 2, 96000)`, peak at -1 dBFS."""
        return self._levelled_stems(z)[1]

    def decode_stems(self, z: Tensor) -> Tensor:
        """Stems `(batch, voices, 2, 96000)` that sum to the bar."""
        return self.decode_with_stems(z)[1]

    def decode_with_stems(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The bar and its stems."""
        stems, bar = self._levelled_stems(z)
        # A centred voice is the same on both sides.
        return bar, torch.stack([s if s.shape[1] == 2 else torch.cat([s, s], 1) for s in stems], 1)

    def _levelled_stems(self, z: Tensor) -> tuple[list[Tensor], Tensor]:
        """Stems, as `_played` has them, with what is remembered, and the bar."""
        stems, bar = self._played(self.prior.denormalise(z))
        return levelled([*stems, self.memory(z)]) if len(self.memory) else (stems, bar)

    def _played(self, w: Tensor) -> tuple[list[Tensor], Tensor]:
        """What the network's own latents `w` play, without a memory: the stems, each `(batch, 2, 96000)`,
        or `(batch, 1, 96000)` of a centred voice, and the bar, `(batch, 2, 96000)`.
        """
        groove, kit = self._split(w)
        amplitude, place = self.groove_decoder(groove)
        return levelled(placed(amplitude, place, self.kit_decoder(kit)))

    def _split(self, w: Tensor) -> tuple[Tensor, ...]:
        return torch.split(w, [self.settings.groove_dim, KIT_DIM], 1)

    def settle(self, batches: Iterable[Batch], records: Iterable[Mapping[str, Any]]) -> None:
        """Fit the prior's flows, so that N(0, I) decodes to such bars as were learnt from.

        It is fitted to what `settling` makes of what is heard and of what the records tell.

        The one-shots' sides get the gain that makes the decoded bars as wide as the bars are, on average: a
        distance of logarithms learns the median of what it cannot tell, and the median is narrow. A few bars
        are remembered besides, at their latents' means, as `Memory` tells.
        """
        self.memory.forget()
        heard: list[Posterior] = []
        heard_records: list[Mapping[str, Any]] = []
        few, wanted, decoded = Few(MOST), 0.0, 0.0
        with torch.no_grad():
            for batch in batches:
                found = self._found(batch.x)
                heard.append(found)
                heard_records += batch.info
                few.add(batch)
                wanted += float(side_share(batch.x).sum())
                decoded += float(side_share(self._played(found.mean)[1]).sum())
            if not heard:
                return
            if decoded > 0:
                self.kit_decoder.widen(min((wanted / decoded) ** 0.5, MOST_WIDENED))
            self._fit_prior(settling.joined(heard), heard_records, records)
            if bars := few.bars():
                z = torch.cat([self.encode(bar).mean for bar in bars])
                self.memory.learn(z, torch.cat(bars) - torch.cat([self.decode(one[None]) for one in z]))

    def _fit_prior(
        self,
        heard: Posterior,
        heard_records: Sequence[Mapping[str, Any]],
        records: Iterable[Mapping[str, Any]],
    ) -> None:
        means, log_variances = self._split(heard.mean), self._split(heard.log_variance)
        groove, kit = (Posterior(*group) for group in zip(means, log_variances, strict=True))
        known = list(itertools.islice(records, MOST_KNOWN))
        played = settling.played(known)
        enough = len(played) >= settling.ENOUGH
        self.prior.fit(
            [
                settling.grooves(played, groove, heard_records, self._read),
                settling.kits(known, kit),
            ],
            critics=[GrooveCritic(self.groove_decoder, played) if enough else None, None],
        )

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Spectral distance, KL of both groups, and the hits' likelihood where bars bring their hits."""
        s = self.settings
        batch = recoloured(rotated(batch, s.rotated), s.recoloured)
        heard: Heard = self.encoder(batch.x)
        # The first guess has to do: what decodes must not learn to need the steps after it.
        posterior = _joined(Posterior(*self.encoder.groove(as_heard(heard.written))), heard)
        w = posterior.sample()
        each = posterior.kl()
        parts = {
            "kl_groove": each[:, : s.groove_dim].sum(1).mean(),
            "kl_kit": each[:, s.groove_dim :].sum(1).mean(),
        }
        warm = min(1.0, step / max(s.kl_warm_up, 1))
        kl = s.kl_weight * (0.1 + 0.9 * warm) * each.mean(0).clamp_min(s.free_nats)
        loss = kl[: s.groove_dim].sum()
        known = with_hits(batch)
        if step >= s.listen_steps or not known:
            parts |= self._sound(batch.x, w)
            loss = loss + parts["distance"] + s.width_weight * parts["width"] + kl[s.groove_dim :].sum()
        if known:
            kept = self.groove_decoder.pattern(w[known, : s.groove_dim])
            supervision = nats_of_hits([batch.info[i] for i in known], heard.of(known), kept)
            parts |= supervision
            nats = torch.stack(list(supervision.values())).sum()
            loss = loss + s.hits_weight * len(known) / len(batch.x) * nats
        told = [i for i in known if batch.info[i].get("kit_latents")]
        if told and step < s.listen_steps:
            kit = Posterior(heard.kit[told], heard.kit_log_variance[told])
            parts["kit"] = nats_of_kits([batch.info[i] for i in told], kit)
            loss = loss + s.kit_weight * len(told) / len(batch.x) * parts["kit"]
        return {"loss": loss, **parts}

    def _sound(self, x: Tensor, w: Tensor) -> dict[str, Tensor]:
        """Distances in sound of some bars `x` from what their latents `w` decode to.

        In single precision even where the rest is not: bfloat16 knows places in the bar to 8 ms.
        """
        some = torch.randperm(len(w))[: self.settings.decoded]
        with torch.autocast(x.device.type, enabled=False):
            groove, kit = self._split(w[some].float())
            amplitude, place = self.groove_decoder(groove)
            bar = mixed(amplitude, place, self.kit_decoder(kit))
        (_, audio), target = levelled([bar]), x[some]
        sizes = [FFT_SIZES[int(i)] for i in torch.randperm(len(FFT_SIZES))[: self.settings.resolutions]]
        return {
            "distance": self.distance.items(audio, target, sizes).mean(),
            "width": side_distance(audio, target),
        }


def levelled(stems: list[Tensor]) -> tuple[list[Tensor], Tensor]:
    """Stems `(batch, channels, frames)`, and their sum, with the gain that brings the sum to its peak."""
    bar = functools.reduce(torch.add, stems)
    gain = PEAK / bar.abs().amax((1, 2), keepdim=True).clamp_min(1e-3)
    return [gain * stem for stem in stems], gain * bar


def _joined(groove: Posterior, heard: Heard) -> Posterior:
    """The posterior of groove and kit."""
    return Posterior(
        torch.cat([groove.mean, heard.kit], 1), torch.cat([groove.log_variance, heard.kit_log_variance], 1)
    )
