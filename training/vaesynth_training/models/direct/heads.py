"""Frames → stereo sound: an inverse STFT with a noise branch, or filter-bank bands with one."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...losses.stft import circular_pad
from ..drums.encoder import Block, mel_matrix
from .trunk import BAR_FRAMES

N_FFT = 768
"""Window of the inverse STFT in samples, 16 ms; windows overlap by half."""

BANDS = 16
"""Bands of the filter bank, each 1.5 kHz wide."""

TAPS = 16
"""Taps of each phase of its prototype filter."""


def half_bases(n: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines that give the first half of a windowed inverse DFT, each `(n // 2 + 1, n // 2)`.

    With time counted from the window's middle the cosines are even and the sines odd: the second half is the
    first one's mirror image, with the sines' sign turned, at no further cost.
    """
    time = torch.arange(n // 2) + 0.5 - n / 2
    bins = torch.arange(n // 2 + 1)
    angle = 2 * math.pi * bins[:, None] * time / n
    window = 0.5 + 0.5 * torch.cos(2 * math.pi * time / n)
    scale = torch.full((n // 2 + 1, 1), 2.0)
    scale[[0, -1]] = 1.0
    return scale * angle.cos() * window, -scale * angle.sin() * window


def overlap_add(cosines: Tensor, sines: Tensor) -> Tensor:
    """Halves of windows `(…, windows, hop)` → loops `(…, windows * hop)`; the last window meets the first."""
    first, second = cosines + sines, (cosines - sines).flip(-1)
    return (first + second.roll(1, -2)).flatten(-2)


class IstftHead(nn.Module):
    """Two windows a frame: magnitude and phase of the mid (Vocos, Siuzdak 2023), noise, and what is side.

    The noise is a constant of the graph; the frames say how loud it is in each of some bands, which is how
    hats and snares are told without learning their phases.
    """

    noise: Tensor
    spread: Tensor
    cosines: Tensor
    sines: Tensor

    def __init__(self, channels: int, bands: int = 32) -> None:
        super().__init__()
        self.bins, self.bands, self.windows = N_FFT // 2 + 1, bands, 2 * BAR_FRAMES
        self.out = nn.Linear(channels, 2 * (2 * self.bins + 3 * bands))
        cosines, sines = half_bases(N_FFT)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        filters = mel_matrix(bands, self.bins, 30, 24_000)
        self.register_buffer("spread", filters / filters.sum(0).clamp_min(1e-3), persistent=False)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(2, self.windows, self.bins, generator=generator)
        self.register_buffer("noise", noise, persistent=False)
        with torch.no_grad():
            self.out.weight.mul_(0.3)
            bias = self.out.bias.view(2, -1)
            bias.zero_()
            bias[:, : self.bins] = -8.0
            bias[:, 2 * self.bins : 2 * self.bins + bands] = -8.0

    def forward(self, x: Tensor) -> Tensor:
        """Bars `(batch, 2, 96000)` of frames `(batch, channels, BAR_FRAMES)`."""
        raw = self.out(x.transpose(1, 2)).reshape(-1, self.windows, self.out.out_features // 2)
        sizes = [self.bins, self.bins, self.bands, self.bands, self.bands]
        level, phase, hiss, width, hiss_width = raw.split(sizes, 2)
        magnitude = level.clamp(-14.0, 2.0).exp()
        gain = (hiss.clamp(-14.0, 2.0) @ self.spread).exp()
        parts = []
        for tone, noise in ((phase.cos(), self.noise[0]), (phase.sin(), self.noise[1])):
            tone, still = magnitude * tone, gain * noise
            # The side's noise is that of half a bar later: as good as another one.
            other = gain * noise.roll(BAR_FRAMES, 0)
            side = (width.tanh() @ self.spread) * tone + (hiss_width.sigmoid() @ self.spread) * other
            parts.append(torch.stack([tone + still, side], 1))
        mid, side = overlap_add(parts[0] @ self.cosines, parts[1] @ self.sines).unbind(1)
        return torch.stack([mid + side, mid - side], 1)


def filter_bank(bands: int, taps: int) -> Tensor:
    """Synthesis filters `(bands, bands * taps)` of a nearly perfect cosine-modulated bank (Nguyen 1994)."""
    length = bands * taps
    time = torch.arange(length) - (length - 1) / 2
    cutoff = 0.5 / bands * 1.13
    prototype = cutoff * torch.sinc(cutoff * time) * torch.kaiser_window(length, False, 9.0)
    band = torch.arange(bands)[:, None]
    sign = 1 - 2 * (band % 2)
    return 2 * prototype * torch.cos((2 * band + 1) * math.pi / (2 * bands) * time + sign * math.pi / 4)


class BandsHead(nn.Module):
    """Six steps a frame, eight samples of each band a step, plus noise of each band; summed by a filter bank
    (RAVE, Caillon & Esling 2021).
    """

    noise: Tensor
    kernel: Tensor

    def __init__(self, channels: int, steps: int = 6, width: int = 64) -> None:
        super().__init__()
        self.steps, self.width = steps, width
        self.length = 96_000 // BANDS // (BAR_FRAMES * steps)
        self.up = nn.Linear(channels, steps * width)
        self.block = Block(width, 1)
        self.out = nn.Conv1d(width, 2 * BANDS * (self.length + 1), 3)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(2, BANDS, BAR_FRAMES * steps, self.length, generator=generator)
        self.register_buffer("noise", noise, persistent=False)
        # Phase r of the output sums tap r, r + BANDS, … of all bands: one convolution at the bands' rate.
        kernel = filter_bank(BANDS, TAPS).reshape(BANDS, TAPS, BANDS).permute(2, 0, 1).flip(2)
        self.register_buffer("kernel", BANDS * kernel, persistent=False)
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()  # type: ignore[union-attr]
            self.out.bias[-2 * BANDS :] = -6.0  # type: ignore[index]

    def forward(self, x: Tensor) -> Tensor:
        """Bars `(batch, 2, 96000)` of frames `(batch, channels, BAR_FRAMES)`."""
        frames = self.up(x.transpose(1, 2)).reshape(-1, BAR_FRAMES * self.steps, self.width).transpose(1, 2)
        raw = self.out(circular_pad(self.block(functional.gelu(frames)), 1, 1))
        tones, hiss = raw.tensor_split([2 * BANDS * self.length], 1)
        tones = tones.reshape(-1, 2, BANDS, self.length, BAR_FRAMES * self.steps).transpose(3, 4)
        level = hiss.clamp(-14.0, 2.0).exp().reshape(-1, 2, BANDS, BAR_FRAMES * self.steps, 1)
        bands = (tones + level * self.noise).reshape(-1, BANDS, 96_000 // BANDS)
        phases = functional.conv1d(circular_pad(bands, TAPS // 2, TAPS - 1 - TAPS // 2), self.kernel)
        mid, side = phases.transpose(1, 2).reshape(-1, 2, 96_000).unbind(1)
        return torch.stack([mid + side, mid - side], 1)
