"""Measures of decoded loops and images: what `evaluate`, validation and model cards report."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from vaesynth.geometry import ImageGeometry, LoopGeometry

from .losses.stft import MultiResolutionSTFT, magnitudes
from .mel import filter_edges, triangles
from .model import Posterior

ACTIVE_VARIANCE = 0.01
_spectral = MultiResolutionSTFT(stereo=False)


def item_metrics(
    decoded: Tensor, target: Tensor, geometry: LoopGeometry | ImageGeometry
) -> dict[str, Tensor]:
    """The measures of reconstruction by name, each `(batch,)`; all tensors on the CPU.

    Args:
        decoded, target: audio `(batch, channels, frames)` or images `(batch, 3, height, width)`.
        geometry: which of the two it is.
    """
    if isinstance(geometry, LoopGeometry):
        return {
            "mr_stft": _spectral.items(decoded, target),
            "onset_correlation": onset_correlation(decoded, target, geometry.sample_rate),
        }
    return {"psnr": psnr(decoded, target), "ssim": ssim(decoded, target)}


HEADLINE = {"loop": "mr_stft", "image": "psnr"}
"""Kind → the measure that a card names first. `mr_stft`: smaller is better; `psnr`: larger."""


def mel_filters(sample_rate: int, n_fft: int, bands: int, low: float = 30.0) -> Tensor:
    """Triangular filters `(bands, n_fft // 2 + 1)`, equally spaced in mel (HTK) from `low` Hz upwards."""
    edges = filter_edges(bands, low, sample_rate / 2)
    bins = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1)
    filters = triangles(edges, bins)
    # A band narrower than a bin would be empty: it then listens to the bin nearest to its centre.
    nearest = (edges[1:-1, None] - bins).abs().argmin(1)
    filters[torch.arange(bands), nearest] = torch.maximum(
        filters[torch.arange(bands), nearest], (filters.sum(1) == 0).float()
    )
    return filters


def mel_spectrogram(
    x: Tensor, sample_rate: int, n_fft: int = 1024, hop: int = 256, bands: int = 80
) -> Tensor:
    """Power in dB `(batch, bands, windows)`, floored at -80 dB, of mono loops `(batch, frames)`; circular."""
    n_fft = min(n_fft, 1 << (x.shape[-1].bit_length() - 1))
    power = mel_filters(sample_rate, n_fft, bands).to(x) @ magnitudes(x, n_fft, hop).square()
    return 10 * power.clamp_min(1e-8).log10()


def onset_envelope(x: Tensor, sample_rate: int) -> Tensor:
    """Onset strength every 5 ms, `(batch, windows)`, of loops `(batch, channels, frames)`; circular.

    Mean over mel bands of the rise in dB since the window before (spectral flux; Böck & Widmer 2013).
    """
    hop = max(1, round(0.005 * sample_rate))
    n_fft = 1 << round(math.log2(0.021 * sample_rate))
    level = mel_spectrogram(x.mean(1), sample_rate, n_fft, hop, 64)
    return (level - level.roll(1, -1)).clamp_min(0).mean(1)


def onset_correlation(decoded: Tensor, target: Tensor, sample_rate: int) -> Tensor:
    """Pearson correlation of the onset envelopes, `(batch,)`; 0 where one of them is flat."""
    a, b = (
        e - e.mean(1, keepdim=True)
        for e in (onset_envelope(decoded, sample_rate), onset_envelope(target, sample_rate))
    )
    norms: Tensor = a.norm(dim=1) * b.norm(dim=1)
    return (a * b).sum(1) / norms.clamp_min(1e-9)


def psnr(decoded: Tensor, target: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of images in [0, 1], dB, `(batch,)`."""
    return -10 * (decoded - target).square().flatten(1).mean(1).clamp_min(1e-10).log10()


def ssim(decoded: Tensor, target: Tensor) -> Tensor:
    """Structural similarity of images in [0, 1], `(batch,)` (Wang et al. 2004; Gaussian window, σ = 1.5)."""
    channels = decoded.shape[1]
    offsets = torch.arange(11, device=decoded.device) - 5.0
    row = torch.exp(-offsets.square() / (2 * 1.5**2))
    kernel = (torch.outer(row, row) / row.sum() ** 2).expand(channels, 1, 11, 11)

    def mean(x: Tensor) -> Tensor:
        return F.conv2d(x, kernel, groups=channels)

    a, b = mean(decoded), mean(target)
    aa, bb, ab = mean(decoded**2) - a**2, mean(target**2) - b**2, mean(decoded * target) - a * b
    c1, c2 = 0.01**2, 0.03**2
    return ((2 * a * b + c1) * (2 * ab + c2) / ((a**2 + b**2 + c1) * (aa + bb + c2))).flatten(1).mean(1)


def sharpness(images: Tensor) -> Tensor:
    """Variance of the Laplacian, `(batch,)`: falls as an image blurs (Pech-Pacheco et al. 2000)."""
    kernel = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]], device=images.device)[None, None]
    return F.conv2d(images.mean(1, keepdim=True), kernel).flatten(1).var(1)


def spectral_flatness(x: Tensor) -> Tensor:
    """Geometric over arithmetic mean of the power spectrum, `(batch,)`, of loops `(batch, frames)`: near 0
    for tones
    and drums, near 0.56 for white noise (Johnston 1988).
    """
    power = torch.fft.rfft(x)[:, 1:].abs().square().clamp_min(1e-12)
    flatness: Tensor = power.log().mean(1).exp() / power.mean(1)
    return flatness


def active_units(mean: Tensor) -> int:
    """Dimensions whose posterior mean has a variance above 0.01 over the data (Burda et al. 2016)."""
    return int((mean.var(0, correction=0) > ACTIVE_VARIANCE).sum())


def nats_per_dimension(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Mean KL to the prior in each latent dimension, `(latent_dim,)`."""
    return Posterior(mean, log_variance).kl().mean(0)
