"""Audio → posterior of the drum model: a listener hears onsets of voices, then sums up groove and kit."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...losses.stft import circular_pad
from ...mel import filter_edges, triangles
from .groove import REACH, STEPS, GrooveEncoder, Pattern
from .voices import SAMPLE_RATE, VOICES

FRAME = 250
"""Samples between spectra: a twelfth of a step of the pattern, about 5 ms."""

FRAMES = 384
"""Spectra of a bar."""

HIGHEST = 20_000
"""Hz, up to which it hears."""

AFTER = (0, 1, 2, 4, 8, 16, 32, 64)
"""Spectra after a hit that tell what was hit: 0 to 330 ms."""

QUICK = 2
"""Short spectra for each of them."""


def mel_matrix(bands: int, bins: int, low: float, high: float) -> Tensor:
    """Triangular mel filters `(bands, bins)` over the bins of a spectrum up to half the sample rate."""
    filters = triangles(filter_edges(bands, low, high), torch.linspace(0, SAMPLE_RATE / 2, bins))
    return filters / filters.sum(1, keepdim=True).clamp_min(1e-3)


class Spectra(nn.Module):
    """Circular log spectra of mid and side, `(batch, channels, FRAMES)`.

    The DFT is a convolution, so that ONNX can run it.
    """

    filters: Tensor
    side_filters: Tensor
    quick_filters: Tensor

    def __init__(
        self,
        n_fft: int = 1024,
        bands: int = 80,
        side_bands: int = 16,
        low_fft: int = 4096,
        low_bins: int = 40,
        quick_fft: int = 256,
        quick_bands: int = 12,
    ) -> None:
        super().__init__()
        self.n_fft, self.low_fft, self.quick_fft = n_fft, low_fft, quick_fft
        # A long window for the low end, where 47 Hz a bin cannot tell kicks apart; a short one for timing.
        bins, quick_bins = (math.ceil(HIGHEST * n / SAMPLE_RATE) for n in (n_fft, quick_fft))
        self.bins = {n_fft: bins, low_fft: low_bins, quick_fft: quick_bins}
        for n in self.bins:
            self.register_buffer(f"window_{n}", torch.hann_window(n) * (4 / n), persistent=False)
            turn = 2 * math.pi * torch.arange(n) / n
            self.register_buffer(f"cosine_{n}", turn.cos(), persistent=False)
        for name, count, n, low in (
            ("filters", bands, n_fft, 30),
            ("side_filters", side_bands, n_fft, 100),
            ("quick_filters", quick_bands, quick_fft, 100),
        ):
            # Bins that no filter hears would only make the file longer.
            filters = mel_matrix(count, n // 2 + 1, low, HIGHEST)[:, : self.bins[n]]
            self.register_buffer(name, filters.contiguous(), persistent=False)
        self.channels = bands + side_bands + low_bins + QUICK * quick_bands

    def _power(self, x: Tensor, n: int, hop: int) -> Tensor:
        """Power of so many bins of windows of `n`, `(batch, bins, windows)`."""
        pad = (n - hop) // 2
        x = circular_pad(x, pad, n - hop - pad)
        if torch.compiler.is_exporting():
            real, imaginary = functional.conv1d(x, self._basis(n), stride=hop).chunk(2, 1)
        else:
            # The same by FFT, three times as fast in PyTorch; the convolution is for ONNX.
            frames = x[:, 0].unfold(1, n, hop) * self.get_buffer(f"window_{n}")
            spectra = torch.fft.rfft(frames, dim=2)[..., : self.bins[n]].transpose(1, 2)
            real, imaginary = spectra.real, spectra.imag
        return real * real + imaginary * imaginary

    def _basis(self, n: int) -> Tensor:
        """Windowed cosines and sines `(2 * bins, 1, n)`, looked up in one turn: a file need not hold them."""
        window, cosine = self.get_buffer(f"window_{n}"), self.get_buffer(f"cosine_{n}")
        place = torch.arange(self.bins[n])[:, None] * torch.arange(n)
        places = torch.cat([place, place + 3 * n // 4])
        return (cosine[places % n] * window)[:, None]

    def forward(self, audio: Tensor) -> Tensor:
        """Spectra of `audio` `(batch, 2, frames)`, about -1 to 1."""
        left, right = audio[:, :1], audio[:, 1:]
        mid, side = (left + right) / 2, (left - right) / 2
        mid_power, side_power = (self._power(x, self.n_fft, FRAME) for x in (mid, side))
        low = self._power(mid, self.low_fft, 4 * FRAME).repeat_interleave(4, 2)
        quick = self.quick_filters @ self._power(mid, self.quick_fft, FRAME // QUICK)
        quick = quick.reshape(quick.shape[0], -1, FRAMES, QUICK).transpose(2, 3).flatten(1, 2)
        parts = [self.filters @ mid_power, self.side_filters @ side_power, low, quick]
        return torch.cat([(torch.log10(p + 1e-8) + 5) / 3 for p in parts], 1)


class Block(nn.Module):
    """ConvNeXt block on a circular time axis (Liu et al. 2022; Siuzdak, Vocos, 2023)."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.reach = 3 * dilation
        self.depthwise = nn.Conv1d(channels, channels, 7, dilation=dilation, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.wide = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.2))

    def forward(self, x: Tensor) -> Tensor:
        y = self.depthwise(circular_pad(x, self.reach, self.reach)).transpose(1, 2)
        y = self.narrow(functional.gelu(self.wide(self.norm(y)), approximate="tanh"))
        scaled: Tensor = self.scale * y
        return x + scaled.transpose(1, 2)


class Heard(NamedTuple):
    """What the encoder makes of bars.

    Attributes:
        kit, kit_log_variance: of the kit's posterior, in the network's own latents, `(batch, kit_dim)`.
        onsets: logits of each voice being struck, `(batch, voices, FRAMES)`.
        written: the pattern that it has written down: hit logits, velocities and offsets.
    """

    kit: Tensor
    kit_log_variance: Tensor
    onsets: Tensor
    written: Pattern

    def of(self, items: list[int]) -> "Heard":
        """What was heard in some of the bars."""
        logit, velocity, offset = (part[items] for part in self.written)
        return Heard(
            self.kit[items], self.kit_log_variance[items], self.onsets[items], (logit, velocity, offset)
        )


class BarEncoder(nn.Module):
    """Audio `(batch, 2, 96000)` → what is played, and the kit's posterior.

    It hears onsets and writes down the pattern that is played, from which `groove` reads the groove; the kit
    is what sounds where each voice is struck.
    """

    def __init__(
        self, groove_dim: int, channels: int = 160, dilations: tuple[int, ...] = (1, 2, 4, 8, 16, 24, 1)
    ) -> None:
        super().__init__()
        voices = len(VOICES)
        self.spectra = Spectra()
        self.entry = nn.Conv1d(self.spectra.channels, channels, 4, stride=2)
        self.blocks = nn.Sequential(*(Block(channels, d) for d in dilations))
        self.onsets = nn.Conv1d(channels, 2 * voices, 1)
        nn.init.constant_(self.onsets.bias, -3.0)  # type: ignore[arg-type]
        self.isolation = nn.Conv1d(channels, voices, 1)
        per_step = FRAMES // 2 // STEPS
        self.reach = per_step
        self.around = nn.Conv1d(channels + 2 * voices, 2 * channels, 3 * per_step, stride=per_step)
        self.cells = nn.Sequential(Block(2 * channels, 4), nn.Conv1d(2 * channels, 3 * voices, 1))
        self.groove = GrooveEncoder(groove_dim)
        self.summary = nn.Sequential(
            nn.Linear(2 * channels + 1, 256), nn.SiLU(), nn.Linear(256, 192), nn.SiLU()
        )
        self.timbre = nn.Sequential(
            nn.Linear(len(AFTER) * self.spectra.channels, 256), nn.SiLU(), nn.Linear(256, 256)
        )
        self.voice_heads = nn.ModuleList(nn.Linear(192, 2 * v.latent_dim) for v in VOICES)
        self.voice_tags = nn.Parameter(0.1 * torch.randn(voices, 256))
        for head in self.voice_heads:
            assert isinstance(head, nn.Linear)
            # Small deviations at first: a decoder that hears noise for latents learns to do without them.
            nn.init.constant_(head.bias[head.out_features // 2 :], -3.0)

    def forward(self, audio: Tensor) -> Heard:
        """What is heard in `audio` `(batch, 2, 96000)`."""
        spectra = self.spectra(audio)
        x = self.blocks(self.entry(circular_pad(spectra, 1, 1)))
        twice = self.onsets(x)
        onsets = twice.unflatten(1, (2, -1)).permute(0, 2, 3, 1).flatten(2)
        written = self._write(torch.cat([x, twice.sigmoid()], 1))
        struck = twice.unflatten(1, (2, -1)).amax(1)
        weights = torch.softmax(2 * struck + self.isolation(x), 2)
        voices = weights @ x.transpose(1, 2)
        whole = x.mean(2, keepdim=True).transpose(1, 2).expand(-1, len(VOICES), -1)
        summary = torch.cat([voices, whole, struck.sigmoid().amax(2)[..., None]], 2)
        first, silu, second, last = self.summary
        struck_now = torch.softmax(2 * onsets, 2)
        rings = [struck_now @ torch.roll(spectra, -frames, 2).transpose(1, 2) for frames in AFTER]
        timbre = self.timbre(torch.cat(rings, 2))
        summary = last(second(silu(first(summary) + timbre + self.voice_tags)))
        heads = [head(summary[:, i]).chunk(2, 1) for i, head in enumerate(self.voice_heads)]
        kit, log_variance = (torch.cat(parts, 1) for parts in zip(*heads, strict=True))
        return Heard(kit, log_variance.clamp(-8, 2), onsets, written)

    def _write(self, x: Tensor) -> Pattern:
        cells = self.cells(functional.gelu(self.around(circular_pad(x, self.reach, self.reach))))
        raw = cells.unflatten(1, (3, -1))
        return raw[:, 0] - 2.0, raw[:, 1].sigmoid(), REACH * raw[:, 2].tanh()


def as_heard(written: Pattern) -> Tensor:
    """A written pattern as `GrooveEncoder` takes it, `(batch, voices, STEPS, 3)`."""
    logit, velocity, offset = written
    hit = logit.sigmoid()
    return torch.stack([hit, hit * velocity, hit * offset], 3)
