"""One-shots from envelopes: band noise and gliding partials (the harmonic-plus-noise idea of DDSP, Engel et al. 2020).

Every envelope is piecewise linear between knots that lie dense at the attack and sparse in the tail, so a hit costs a few
hundred numbers and the synthesis a few small matrix products: cheap enough for one CPU thread, and free of pre-echo.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from .voices import HOP, SAMPLE_RATE, Voice

KNOT_MS = (0, 1, 2, 3.5, 5, 8, 12, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1150, 1600)
"""Times of the envelope knots in milliseconds."""

CARRIER_SECONDS = 0.5
"""Length of the noise carriers; longer tails repeat them."""


def band_edges(bands: int, low: float = 40.0, high: float = 22_000.0) -> list[float]:
    """`bands` + 1 edges in Hz, equally spaced on the mel scale (O'Shaughnessy 1987)."""
    def mel(f: float) -> float:
        return 2595 * math.log10(1 + f / 700)
    step = (mel(high) - mel(low)) / bands
    return [700 * (10 ** ((mel(low) + i * step) / 2595) - 1) for i in range(bands + 1)]


def noise_carriers(bands: int, frames: int, seed: int = 0) -> Tensor:
    """Seamless band-limited noises `(bands, frames)`, unit RMS each, that together cover the spectrum once."""
    generator = torch.Generator().manual_seed(seed)
    edges = torch.tensor(band_edges(bands))
    frequency = torch.fft.rfftfreq(frames, 1 / SAMPLE_RATE)
    position = torch.bucketize(frequency.clamp(edges[0].item(), edges[-1].item() - 1), edges, right=True) - 1
    phase = 2 * math.pi * torch.rand(len(frequency), generator=generator)
    spectrum = torch.polar(torch.ones(len(frequency)), phase)
    spectrum = spectrum * (frequency >= edges[0]) * (frequency < edges[-1])
    masks = functional.one_hot(position.clamp(0, bands - 1), bands).T
    carriers = torch.fft.irfft(spectrum * masks, frames)
    return carriers / carriers.square().mean(1, keepdim=True).sqrt()


class OneShotSynth(nn.Module):
    """Envelopes → stereo one-shots.

    Args:
        voices: names and lengths of the voices.
        bands: number of noise bands.
        partials: gliding sinusoids for each voice.
    """

    knots: Tensor
    signs: Tensor

    def __init__(self, voices: tuple[Voice, ...], bands: int = 40, partials: int = 4) -> None:
        super().__init__()
        self.voices, self.bands, self.partials = voices, bands, partials
        knots = [round(ms * SAMPLE_RATE / 1000) for ms in KNOT_MS]
        self.knot_frames = knots
        frames = round(CARRIER_SECONDS * SAMPLE_RATE)
        self.carrier_frames = frames
        self.carriers = nn.Parameter(noise_carriers(bands, frames))
        generator = torch.Generator().manual_seed(1)
        signs = torch.randint(0, 2, (2, len(voices), bands), generator=generator) * 2.0 - 1
        # Shared carriers with their own signs for each voice: voices that sound together do not add in phase.
        self.register_buffer("signs", signs)
        lengths = [v.hops * HOP for v in voices]
        self.longest = max(lengths)
        fade = torch.zeros(len(voices), self.longest)
        for i, n in enumerate(lengths):
            fade[i, :n] = 1
            fade[i, n // 2:n] = torch.linspace(1, 0, n - n // 2)
        self.register_buffer("fade", fade)

    @property
    def knots_count(self) -> int:
        """Number of envelope knots."""
        return len(self.knot_frames)

    def forward(self, noise: Tensor, width: Tensor, pan: Tensor, amplitude: Tensor, frequency: Tensor, phase: Tensor) -> Tensor:
        """Stereo one-shots.

        Args:
            noise: band gains `(batch, voices, bands, knots)`, linear, ≥ 0.
            width: side share of the noise `(batch, voices, bands)` in [0, 1].
            pan: side share of the whole `(batch, voices)` in [-1, 1].
            amplitude: of the partials `(batch, voices, partials, knots)`, linear.
            frequency: of the partials in Hz, same shape.
            phase: initial phase of the partials in radians `(batch, voices, partials)`.

        Returns:
            `(batch, voices, 2, longest)`; each voice is silent after its own length.
        """
        gains = torch.stack([noise * self.signs[0, :, :, None], noise * (self.signs[1] * width)[..., None]], 1)
        gain, level, hertz = gains.unbind(-1), amplitude.unbind(-1), frequency.unbind(-1)
        carriers = self._carriers()
        pieces, turns = [], phase
        for k, carrier in enumerate(carriers):
            start, n = self.knot_frames[k], carrier.shape[1]
            active = [i for i, v in enumerate(self.voices) if v.hops * HOP > start]
            low, high = active[0], active[-1] + 1
            # A linear ramp from each knot to the next. The noise's is applied after the bands are summed.
            tau = torch.arange(n, device=noise.device, dtype=noise.dtype) / n
            first, last = gain[k][:, :, low:high], gain[k + 1][:, :, low:high]
            bed = first @ carrier
            bed = bed + ((last - first) @ carrier) * tau
            f0, f1 = hertz[k][:, low:high, :, None], hertz[k + 1][:, low:high, :, None]
            a0, a1 = level[k][:, low:high, :, None], level[k + 1][:, low:high, :, None]
            turn = 2 * math.pi * n / SAMPLE_RATE
            angle = turns[:, low:high, :, None] + (turn * f0) * tau + (0.5 * turn * (f1 - f0)) * (tau * tau)
            tones = ((a0 + (a1 - a0) * tau) * torch.sin(angle)).sum(2)
            turns = turns + 0.5 * turn * (hertz[k] + hertz[k + 1])
            mid, side = bed.unbind(1)
            piece = torch.stack([mid + tones, side], 1)
            pieces.append(functional.pad(piece, (0, 0, low, len(self.voices) - high)))
        mid, side = (torch.cat(pieces, 3) * self.fade).unbind(1)
        side = side + pan[..., None] * mid
        return torch.stack([mid + side, mid - side], 2)

    def _carriers(self) -> list[Tensor]:
        """The carriers from knot to knot, each `(bands, frames)`; they repeat beyond their length."""
        repeats = -(-self.longest // self.carrier_frames)
        whole = self.carriers.repeat(1, repeats)[:, :self.longest]
        return list(whole.split([b - a for a, b in zip(self.knot_frames[:-1], self.knot_frames[1:], strict=True)], 1))
