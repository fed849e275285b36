"""The mel scale (O'Shaughnessy 1987), and triangular filters that are equally spaced on it."""

import math
from typing import TypeVar

import torch
from torch import Tensor

Number = TypeVar("Number", float, Tensor)


def hertz_to_mel(hertz: float) -> float:
    """Mel of a frequency in Hz."""
    return 2595 * math.log10(1 + hertz / 700)


def mel_to_hertz(mel: Number) -> Number:
    """Frequencies in Hz of mel."""
    return 700 * (10 ** (mel / 2595) - 1)


def filter_edges(bands: int, low: float, high: float) -> Tensor:
    """Where triangular filters begin, peak and end, in Hz `(bands + 2,)`: equally spaced in mel."""
    return mel_to_hertz(torch.linspace(hertz_to_mel(low), hertz_to_mel(high), bands + 2))


def triangles(edges: Tensor, hertz: Tensor) -> Tensor:
    """Filters `(bands, bins)` with a peak of 1.

    Args:
        edges: as `filter_edges` gives them.
        hertz: frequencies of the bins `(bins,)`.
    """
    rise = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return torch.minimum(rise, fall).clamp_min(0)
