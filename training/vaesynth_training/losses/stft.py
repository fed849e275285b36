"""Circular multi-resolution STFT: spectra of a loop that know no beginning and no end."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

FFT_SIZES = (2048, 1024, 512, 256, 128)
"""Window lengths in samples, 43 to 2.7 ms at 48 kHz: long ones resolve pitch, short ones attacks."""


def circular_pad(x: Tensor, left: int, right: int) -> Tensor:
    """`x` `(..., frames)` continued by itself on both sides; works for pads longer than the loop, too."""
    frames = x.shape[-1]
    if left == right == 0:
        return x
    if max(left, right) <= frames:
        return torch.cat([x[..., frames - left :], x, x[..., :right]], -1)
    index = torch.arange(-left, frames + right, device=x.device) % frames
    return x[..., index]


def circular_stft(x: Tensor, n_fft: int, hop: int, window: Tensor | None = None) -> Tensor:
    """Complex spectra of loops.

    Args:
        x: `(batch, frames)`.
        n_fft: window length in samples.
        hop: samples between windows; where it does not divide `frames`, the last step is shorter.
        window: `(n_fft,)`; a Hann window where there is none.

    Returns:
        `(batch, n_fft // 2 + 1, windows)`, window k centred on sample k · hop.
    """
    window = torch.hann_window(n_fft, device=x.device, dtype=x.dtype) if window is None else window
    frames = circular_pad(x, n_fft // 2, n_fft - n_fft // 2 - 1).unfold(-1, n_fft, hop)
    spectra: Tensor = RealFft.apply(frames * window)  # type: ignore[no-untyped-call]
    return spectra.transpose(1, 2)


class RealFft(torch.autograd.Function):
    """`torch.fft.rfft` of even frames; PyTorch's gradient of it is a complex FFT twice as long."""

    @staticmethod
    def forward(ctx: Any, frames: Tensor) -> Tensor:
        """Spectra `(…, length // 2 + 1)` of frames `(…, length)`."""
        spectra: Tensor = torch.fft.rfft(frames)
        return spectra

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Of the frames."""
        halved = gradients[0].clone()
        halved[..., 1:-1] *= 0.5
        back: Tensor = torch.fft.irfft(halved, norm="forward")
        return back


def modulus(spectra: Tensor, epsilon: float) -> Tensor:
    """√(|s|² + ε²) of complex spectra: cheaper than `abs` where gradients are wanted, finite ones at 0."""
    real, imaginary = torch.view_as_real(spectra).unbind(-1)
    return torch.addcmul(real * real + epsilon**2, imaginary, imaginary).sqrt()


def magnitudes(
    x: Tensor, n_fft: int, hop: int, window: Tensor | None = None, epsilon: float = 1e-7
) -> Tensor:
    """Magnitudes `(batch, bins, windows)` of loops; a sine of full scale reads 1.

    `epsilon` under the root keeps the gradient of silent bins finite.
    """
    return modulus(circular_stft(x, n_fft, hop, window), epsilon * n_fft / 4) * (4 / n_fft)


class MultiResolutionSTFT(nn.Module):
    """Spectral distance of loops: spectral convergence plus log-magnitude difference, several windows.

    The mean over `fft_sizes` of ‖A - B‖ / ‖B‖ + mean |log10 A - log10 B|, where A and B are the magnitudes
    of the decoded loop and of its target, floored at `floor`: 0 for equal loops, about 1 for a blurred one.
    After Yamamoto, Song & Kim, "Parallel WaveGAN" (2020), section 2.2; circular, and in units of 20 dB.

    Args:
        fft_sizes: window lengths in samples; the hop is a quarter of each.
        floor: magnitude below which differences count no more (1e-4: 80 dB below full scale).
        stereo: also compares mid and side, so that the image cannot be traded for the sum; counts both alike.
    """

    def __init__(
        self, fft_sizes: Sequence[int] = FFT_SIZES, floor: float = 1e-4, stereo: bool = True
    ) -> None:
        super().__init__()
        self.fft_sizes, self.floor, self.stereo = tuple(fft_sizes), floor, stereo
        for n in self.fft_sizes:
            self.register_buffer(f"window_{n}", torch.hann_window(n), persistent=False)

    def forward(self, decoded: Tensor, target: Tensor) -> Tensor:
        """The distance, averaged over the batch: scalar.

        Args:
            decoded, target: `(batch, channels, frames)`.
        """
        return self.items(decoded, target).mean()

    def items(self, decoded: Tensor, target: Tensor, fft_sizes: Sequence[int] | None = None) -> Tensor:
        """The distance of each item, `(batch,)`; arguments as in `forward`.

        Args:
            fft_sizes: some of the window lengths, where a training step shall not pay for all of them.
        """
        if decoded.shape != target.shape or decoded.ndim != 3:
            raise ValueError(
                f"expected (batch, channels, frames) twice, got {tuple(decoded.shape)}, {tuple(target.shape)}"
            )
        a, b = self.signals(decoded), self.signals(target)
        total = torch.zeros(len(decoded), device=decoded.device)
        sizes = self.fft_sizes if fft_sizes is None else fft_sizes
        for n in sizes:
            total = total + self._distance(a, b, n)
        return total / len(sizes)

    def signals(self, x: Tensor) -> Tensor:
        """What is compared, `(batch, signals, frames)`: mean of the channels, and half their difference."""
        x = x.float()
        if x.shape[1] == 1 or not self.stereo:
            return x.mean(1, keepdim=True)
        return torch.stack([x.mean(1), (x[:, 0] - x[:, 1]) / 2], 1)

    def _distance(self, a: Tensor, b: Tensor, n: int) -> Tensor:
        batch, signals, frames = a.shape
        window = self.get_buffer(f"window_{n}")
        both = magnitudes(torch.cat([a, b]).reshape(2 * batch * signals, frames), n, n // 4, window)
        x, y = both.reshape(2, batch, signals, *both.shape[1:])
        # The side of a mono loop is silence: the reference norm is the whole loop's, never nearly nothing.
        norm = y.square().sum((1, 2, 3)).sqrt().clamp_min(1e-4)
        convergence = ((x - y).square().sum((1, 2, 3)) + 1e-12).sqrt() / norm
        log = (x.clamp_min(self.floor).log10() - y.clamp_min(self.floor).log10()).abs().mean((1, 2, 3))
        distance: Tensor = convergence + log
        return distance


def side_distance(decoded: Tensor, target: Tensor) -> Tensor:
    """Distance of the sides of loops `(batch, 2, frames)` in windows of 1024: of logs, and of magnitudes
    against the target's mid; scalar.

    The first (units of 20 dB, floor -60 dB) hears soft sides; the second keeps loud ones from growing.
    """
    mid = magnitudes(target.mean(1), 1024, 256)
    sides = [(x[:, 0] - x[:, 1]) / 2 for x in (decoded, target)]
    a, b = magnitudes(torch.cat(sides), 1024, 256).chunk(2)
    logs = (a.clamp_min(1e-3).log10() - b.clamp_min(1e-3).log10()).abs().mean()
    excess = (a - b).square().sum((1, 2)) / mid.square().sum((1, 2)).clamp_min(1e-3)
    return logs + (excess + 1e-6).sqrt().mean()


def side_share(x: Tensor) -> Tensor:
    """Share of the sides in the energy of bars `(batch, 2, frames)`: `(batch,)`."""
    mid, side = x.sum(1).square().sum(1), (x[:, 0] - x[:, 1]).square().sum(1)
    return side / (mid + side).clamp_min(1e-9)
