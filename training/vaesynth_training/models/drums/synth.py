"""One-shots from envelopes: band noise and gliding partials, as in DDSP (Engel et al. 2020).

Every envelope is piecewise linear between knots that lie dense at the attack and sparse in the tail, so a hit
costs a few hundred numbers, and there is no pre-echo. A one-shot is made block by block, in blocks so short
that none has a knot within. There an envelope is a start and a slope, and the synthesis a few matrix
products, cheap enough for one CPU thread.
"""

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...mel import hertz_to_mel, mel_to_hertz
from .voices import HOP, SAMPLE_RATE, Voice

KNOT_MS = (0, 1, 2, 3.5, 5, 8, 12, 18, 25, 35, 50, 70, 100, 140, 200, 280, 400, 560, 800, 1150, 1600)
"""Times of the envelope knots in milliseconds."""

CARRIER_SECONDS = 0.5
"""Length of the noise carriers; longer tails repeat them."""


ATTACK_HOPS, ATTACK_BLOCK = 5, 24
"""The first hops have knots within: they are made in blocks of so many frames, the rest in whole hops."""

ATTACK_BLOCKS = ATTACK_HOPS * HOP // ATTACK_BLOCK


def band_edges(bands: int, low: float = 40.0, high: float = 22_000.0) -> list[float]:
    """`bands` + 1 edges in Hz, equally spaced on the mel scale."""
    first = hertz_to_mel(low)
    step = (hertz_to_mel(high) - first) / bands
    return [mel_to_hertz(first + i * step) for i in range(bands + 1)]


def noise_carriers(bands: int, frames: int, seed: int = 0) -> Tensor:
    """Seamless band-limited noises `(bands, frames)` of unit RMS that together cover the spectrum once."""
    generator = torch.Generator().manual_seed(seed)
    edges = torch.tensor(band_edges(bands))
    frequency = torch.fft.rfftfreq(frames, 1 / SAMPLE_RATE)
    position = torch.bucketize(frequency.clamp(edges[0].item(), edges[-1].item() - 1), edges, right=True) - 1
    phase = 2 * math.pi * torch.rand(len(frequency), generator=generator)
    spectrum = torch.polar(torch.ones(len(frequency)), phase)
    spectrum = spectrum * (frequency >= edges[0]) * (frequency < edges[-1])
    masks = functional.one_hot(position.clamp(0, bands - 1), bands).T
    carriers = torch.fft.irfft(spectrum * masks, frames)
    scaled: Tensor = carriers / carriers.square().mean(1, keepdim=True).sqrt()
    return scaled


def interpolation(knots: Sequence[int], points: Tensor) -> Tensor:
    """Matrix `(points, knots)` that takes values at the knots to values at `points`, linear in between."""
    places = torch.tensor(knots, dtype=torch.float64)
    after = torch.bucketize(points.double(), places, right=True).clamp(1, len(knots) - 1)
    share = ((points - places[after - 1]) / (places[after] - places[after - 1])).float()[:, None]
    one_hot = functional.one_hot(torch.stack([after - 1, after]), len(knots)).float()
    matrix: Tensor = (1 - share) * one_hot[0] + share * one_hot[1]
    return matrix


def slopes(edges: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Values at the edges of blocks along `dim` → each block's first value, and its rise to the next."""
    blocks = edges.shape[dim] - 1
    start = edges.narrow(dim, 0, blocks)
    return start, edges.narrow(dim, 1, blocks) - start


def ramp(frames: int, like: Tensor) -> Tensor:
    """Time within a block of so many frames, in blocks: 0 to just below 1."""
    return torch.arange(frames, device=like.device, dtype=like.dtype) / frames


class OneShotSynth(nn.Module):
    """Envelopes → stereo one-shots.

    Args:
        voices: names and lengths of the voices.
        bands: number of noise bands.
        partials: gliding sinusoids for each voice.
    """

    signs: Tensor
    fade: Tensor
    knots_to_edges: Tensor
    block_seconds: Tensor
    partial_fade: Tensor

    def __init__(self, voices: tuple[Voice, ...], bands: int = 40, partials: int = 4) -> None:
        super().__init__()
        self.voices, self.bands, self.partials = voices, bands, partials
        self.knot_frames = [round(ms * SAMPLE_RATE / 1000) for ms in KNOT_MS]
        frames = round(CARRIER_SECONDS * SAMPLE_RATE)
        self.carrier_hops = frames // HOP
        self.carriers = nn.Parameter(noise_carriers(bands, frames))
        generator = torch.Generator().manual_seed(1)
        signs = torch.randint(0, 2, (2, len(voices), bands), generator=generator) * 2.0 - 1
        # Shared carriers with their own signs for each voice: voices that sound together do not add in phase.
        self.register_buffer("signs", signs)
        lengths = [v.hops * HOP for v in voices]
        fade = torch.zeros(len(voices), max(lengths))
        for i, n in enumerate(lengths):
            fade[i, :n] = 1
            fade[i, n // 2 : n] = torch.linspace(1, 0, n - n // 2)
        attack = ATTACK_HOPS * HOP
        self.edges = [*range(0, attack, ATTACK_BLOCK), *range(attack, max(lengths) + 1, HOP)]
        edges = torch.tensor(self.edges)
        # The fade acts on the envelopes at the edges of blocks; within, it bends by less than 1e-4.
        self.register_buffer("fade", functional.pad(fade[:, edges[:-1]], (0, 1)), persistent=False)
        # Partials that end before their voice fade over their last quarter.
        self.partial_hops = [min(v.partial_hops or v.hops, v.hops) for v in voices]
        early = torch.tensor([[n < v.hops] for v, n in zip(voices, self.partial_hops, strict=True)])
        left = 1 - edges / (HOP * torch.tensor(self.partial_hops)[:, None])
        partial_fade = torch.where(early, (4 * left).clamp(0, 1), 1.0)
        self.register_buffer("partial_fade", self.fade * partial_fade, persistent=False)
        self.register_buffer("knots_to_edges", interpolation(self.knot_frames, edges), persistent=False)
        self.register_buffer("block_seconds", edges.diff() / SAMPLE_RATE, persistent=False)

    @property
    def knots_count(self) -> int:
        """Number of envelope knots."""
        return len(self.knot_frames)

    def forward(
        self, noise: Tensor, width: Tensor, pan: Tensor, amplitude: Tensor, frequency: Tensor, phase: Tensor
    ) -> list[Tensor]:
        """Stereo one-shots.

        Args:
            noise: band gains `(batch, voices, bands, knots)`, linear, ≥ 0.
            width: side share of the noise `(batch, voices, bands)` in [0, 1].
            pan: side share of the whole `(batch, voices)` in [-1, 1].
            amplitude: of the partials `(batch, voices, partials, knots)`, linear.
            frequency: of the partials in Hz, same shape.
            phase: initial phase of the partials in radians `(batch, voices, partials)`.

        Returns:
            For each voice `(batch, 2, its frames)`; `(batch, 1, its frames)` where it is centred.
        """
        sides = torch.stack([1 + pan, 1 - pan], 2)
        beds = self._noise(noise, width, sides)
        tones = self._tones(amplitude, frequency, phase)
        shots = []
        for i, (voice, bed) in enumerate(zip(self.voices, beds, strict=True)):
            tone = tones[i][:, None] if voice.centred else sides[:, i, :, None, None] * tones[i][:, None]
            sounding, rest = bed[:, :, : self.partial_hops[i]], bed[:, :, self.partial_hops[i] :]
            shots.append(torch.cat([sounding + tone, rest], 2) if rest.shape[2] else bed + tone)
        return [shot.flatten(2) for shot in shots]

    def _noise(self, noise: Tensor, width: Tensor, sides: Tensor) -> list[Tensor]:
        """The voices' band noise, each `(batch, channels, hops, HOP)`."""
        side = self.signs[1] * width
        left_right = sides[..., None] * self.signs[0, :, None] + torch.stack([side, -side], 2)
        gains = (noise[:, :, None] * left_right[..., None]).transpose(3, 4)
        middle = (noise * self.signs[0, :, :, None]).transpose(2, 3)[:, :, None]
        # For each voice (batch, channels, blocks, 2 * bands): the gains as a block starts, then their slopes.
        envelopes = []
        for i, voice in enumerate(self.voices):
            edges = ATTACK_BLOCKS + voice.hops - ATTACK_HOPS + 1
            faded = self.knots_to_edges[:edges] * self.fade[i, :edges, None]
            steps = (
                torch.stack(slopes(faded, 0), 1).flatten(0, 1) @ (middle if voice.centred else gains)[:, i]
            )
            envelopes.append(steps.reshape(-1, voice.channels, edges - 1, 2 * self.bands))
        attack = torch.cat([e[:, :, :ATTACK_BLOCKS] for e in envelopes], 1)
        channels = [v.channels for v in self.voices]
        beds = self._on_carriers(attack, self._carriers(0, ATTACK_HOPS, ATTACK_BLOCK), channels)
        pieces = [[bed] for bed in beds]
        # The carriers repeat. All that sounds over the same stretch of them, early or late in its one-shot,
        # shares a product, so that each stretch is needed once: in the exported file, too.
        cuts = sorted({0, ATTACK_HOPS, self.carrier_hops} | {v.hops % self.carrier_hops for v in self.voices})
        found: dict[tuple[int, int], Tensor] = {}
        for first, last in itertools.pairwise(cuts):
            users, rows = [], []
            for i, voice in enumerate(self.voices):
                for hop in range(first, voice.hops, self.carrier_hops):
                    if hop >= ATTACK_HOPS:
                        start = ATTACK_BLOCKS + hop - ATTACK_HOPS
                        users.append((i, hop))
                        rows.append(envelopes[i][:, :, start : start + last - first])
            if rows:  # a single short voice does not need all of the carriers
                channels = [self.voices[i].channels for i, _ in users]
                beds = self._on_carriers(torch.cat(rows, 1), self._carriers(first, last, HOP), channels)
                found |= zip(users, beds, strict=True)
        for i, hop in sorted(found):
            pieces[i].append(found[i, hop])
        return [torch.cat(p, 2) for p in pieces]

    def _carriers(self, first: int, last: int, frames: int) -> Tensor:
        """Hops `first` to `last` in blocks of `frames`: the carriers, then the carriers rising from 0 to 1.

        `(blocks, 2 * bands, frames)`, to be weighed by starts and slopes.
        """
        hops = self.carriers[:, first * HOP : last * HOP]
        blocks = hops.reshape(self.bands, -1, frames).transpose(0, 1)
        return torch.cat([blocks, blocks * ramp(frames, blocks)], 1)

    @staticmethod
    def _on_carriers(rows: Tensor, carriers: Tensor, channels: list[int]) -> tuple[Tensor, ...]:
        """Envelopes `(batch, all channels, blocks, 2 * bands)` → noises `(batch, channels, hops, HOP)`."""
        count, blocks, frames = rows.shape[1], carriers.shape[0], carriers.shape[2]
        noise = rows.permute(2, 0, 1, 3).flatten(1, 2) @ carriers
        noise = noise.reshape(blocks, -1, count, frames).permute(1, 2, 0, 3)
        return torch.split(noise.reshape(-1, count, blocks * frames // HOP, HOP), channels, 1)

    def _tones(self, amplitude: Tensor, frequency: Tensor, phase: Tensor) -> list[Tensor]:
        """The voices' partials, each `(batch, partial_hops, HOP)`."""
        level, growth = slopes((amplitude @ self.knots_to_edges.T) * self.partial_fade[:, None], 3)
        hertz, glide = slopes(frequency @ self.knots_to_edges.T, 3)
        cycles, bend = hertz * self.block_seconds, glide * self.block_seconds / 2
        # Whole cycles are dropped before they add up: single precision would be lost on them.
        begin = torch.cat([phase[..., None] / (2 * math.pi), (cycles + bend)[..., :-1]], 3)
        begin = torch.cumsum(begin - begin.floor(), 3)
        angle = 2 * math.pi * torch.stack([begin - begin.floor(), cycles, bend], 4)
        blocks = torch.cat([torch.stack([level, growth], 4), angle], 4).transpose(2, 3)
        counts = [n - ATTACK_HOPS for n in self.partial_hops]
        attack = _sinusoids(blocks[:, :, :ATTACK_BLOCKS].flatten(1, 2), ATTACK_BLOCK)
        attacks = attack.reshape(-1, len(self.voices), ATTACK_HOPS, HOP).unbind(1)
        rest = [blocks[:, i, ATTACK_BLOCKS : ATTACK_BLOCKS + n] for i, n in enumerate(counts)]
        rests = torch.split(_sinusoids(torch.cat(rest, 1), HOP), counts, 1)
        return [torch.cat(parts, 1) for parts in zip(attacks, rests, strict=True)]


def _sinusoids(blocks: Tensor, frames: int) -> Tensor:
    """Sums of gliding sinusoids `(batch, blocks, frames)`.

    Args:
        blocks: `(batch, blocks, partials, 5)`: amplitude and its slope; the angle at the start, and how it
            grows linearly and with the square of time, all by the end of the block.
        frames: of a block.
    """
    time = ramp(frames, blocks)
    level, angle = torch.split(blocks, [2, 3], 3)
    waves = torch.sin(angle @ torch.stack([torch.ones_like(time), time, time * time]))
    flat, rising = (level.transpose(2, 3) @ waves).unbind(2)
    return flat + rising * time
