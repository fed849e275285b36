"""The kit half of the drum model: latents of a kit → the envelopes of its one-shots → the one-shots."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .synth import OneShotSynth
from .voices import VOICES, Voice, voice_slices


class VoiceDecoder(nn.Module):
    """Latents of one voice → the envelopes of its one-shot, around a mean hit that is learnt with them."""

    def __init__(self, voice: Voice, bands: int, partials: int, knots: int, hidden: int) -> None:
        super().__init__()
        self.sizes = (bands * knots, bands, 1, partials * knots, partials * knots, partials)
        self.shapes = ((bands, knots), (bands,), (), (partials, knots), (partials, knots), (partials,))
        self.net = nn.Sequential(
            nn.Linear(voice.latent_dim, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, sum(self.sizes)),
        )
        # Level and pitch are nearly linear in the latents: a straight path learns them sooner.
        self.straight = nn.Linear(voice.latent_dim, sum(self.sizes), bias=False)
        nn.init.zeros_(self.straight.weight)
        decay = torch.linspace(0, 1, knots)
        octaves = torch.linspace(math.log2(voice.lowest), math.log2(voice.highest), partials)
        start = (
            (-4.5 - 3 * decay).expand(bands, knots),
            torch.full((bands,), -3.0),
            torch.zeros(1),
            (-2.5 - 4 * decay).expand(partials, knots),
            octaves[:, None].expand(partials, knots),
            torch.zeros(partials),
        )
        last = self.net[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.copy_(torch.cat([s.reshape(-1) for s in start]))

    def forward(self, z: Tensor) -> list[Tensor]:
        """Raw noise gains, width, pan, amplitudes, frequencies (octaves) and phases.

        `z` is `(batch, latent_dim)`.
        """
        parts = (self.net(z) + self.straight(z)).split(self.sizes, 1)
        return [p.reshape(-1, *s) for p, s in zip(parts, self.shapes, strict=True)]


class KitDecoder(nn.Module):
    """`kit` latents `(batch, kit_dim)` → one-shots.

    For each voice `(batch, 2, frames)`; `(batch, 1, frames)` where it is centred.
    """

    side_gain: Tensor

    def __init__(
        self, voices: tuple[Voice, ...] = VOICES, bands: int = 40, partials: int = 4, hidden: int = 224
    ) -> None:
        super().__init__()
        self.synth = OneShotSynth(voices, bands, partials)
        self.slices = voice_slices(voices)
        self.voice_decoders = nn.ModuleList(
            VoiceDecoder(v, bands, partials, self.synth.knots_count, hidden) for v in voices
        )
        self.register_buffer("side_gain", torch.ones(()))

    def alone(self, voice: int) -> "KitDecoder":
        """The decoder of one voice, with this one's weights, of which the noise carriers are not trained."""
        one = KitDecoder((self.synth.voices[voice],), self.synth.bands, self.synth.partials, hidden=1)
        one.voice_decoders[0] = self.voice_decoders[voice]
        one.synth.carriers = nn.Parameter(self.synth.carriers.detach(), requires_grad=False)
        one.synth.signs = self.synth.signs[:, voice : voice + 1]
        one.side_gain = self.side_gain
        return one

    def widen(self, gain: float) -> None:
        """Multiply the sides of all one-shots, `(left - right) / 2`, by `gain`, up to the level of the mids;
        mids stay as they are.
        """
        self.side_gain.mul_(gain)

    def forward(self, z: Tensor) -> list[Tensor]:
        """One-shots of `z`; deterministic."""
        return self.sound(self.envelopes(z))

    def envelopes(self, z: Tensor) -> list[list[Tensor]]:
        """For each voice what its `VoiceDecoder` makes of its part of `z` `(batch, kit_dim)`.

        Raw noise gains `(batch, bands, knots)`, width `(batch, bands)`, pan `(batch,)`, amplitudes and
        frequencies in octaves `(batch, partials, knots)`, and phases `(batch, partials)`.
        """
        return [d(z[:, s]) for d, s in zip(self.voice_decoders, self.slices, strict=True)]

    def sound(self, each: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """One-shots of `envelopes`, for each voice `(batch, channels, frames)` at 48 kHz, as of the class."""
        noise, width, pan, amplitude, octave, phase = (torch.stack(p, 1) for p in zip(*each, strict=True))
        # Clamps keep a wild latent finite: 18.8 kHz is the highest partial, +12 dB the loudest band.
        shots: list[Tensor] = self.synth(
            noise.clamp(-14.0, 1.4).exp(),
            (self.side_gain * width.sigmoid()).clamp(0.0, 1.0),
            (self.side_gain * pan.tanh()).clamp(-1.0, 1.0),
            amplitude.clamp(-14.0, 1.4).exp(),
            torch.exp2(octave.clamp(4.3, 14.2)),
            phase,
        )
        return shots
