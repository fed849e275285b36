# SPDX-License-Identifier: GPL-3.0-or-later
"""A field as a picture: hue is brightness, lightness is loudness, thin lines join equal loudness."""

import functools

import numpy as np
import numpy.typing as npt

from .field import Field, Values

Pixels = npt.NDArray[np.uint8]
CONTOURS = 9
CURVE_STEPS = 2**14


def paint(field: Field, side: int, dark: bool) -> Pixels:
    """The field as RGB.

    Args:
        field: the measurements.
        side: pixels a side.
        dark: whether it lies behind a dark window.

    Returns:
        uint8 `(side, side, 3)`, top row y = 1.
    """
    loud, bright = (upsample(_normalised(v), side)[::-1] for v in (field.loudness, field.brightness))
    loud, bright = np.clip(loud, 0, 1), np.clip(bright, 0, 1)
    hue = np.deg2rad(262 + 140 * bright)
    if dark:
        lightness, chroma = 0.195 + 0.24 * loud, 0.03 + 0.085 * loud
    else:
        lightness, chroma = 0.95 - 0.20 * loud, 0.012 + 0.075 * loud
    line = contours(loud, CONTOURS)
    lightness = lightness + line * (0.055 if dark else -0.055)
    rgb = oklch_to_srgb(lightness, chroma, hue)
    # Half a step of noise: a slow gradient in dark colours would show its steps otherwise.
    noise = np.random.default_rng(0).random((side, side, 1), np.float32)
    return (np.clip(rgb, 0, 1) * 255 + noise).clip(0, 255).astype(np.uint8)


def upsample(values: Values, side: int) -> Values:
    """Bicubic (Catmull-Rom) interpolation of node values `(n, n)` to pixels `(side, side)`, edges held."""
    weights = _cubic(len(values), side)
    return np.asarray(weights @ values @ weights.T, np.float32)


def contours(values: Values, count: int) -> Values:
    """Coverage 0 to 1 of lines about one pixel wide where `values` (0 to 1) crosses one of `count` levels."""
    scaled = values * count
    rows, columns = np.gradient(scaled)
    slope = np.hypot(rows, columns)
    distance = np.abs(scaled - np.round(scaled)) / np.maximum(slope, 1e-6)
    # Where the plane is flat a level would cover an area instead of a line.
    return np.asarray(np.clip(1.15 - distance, 0, 1) * np.clip(slope * 400 / count, 0, 1), np.float32)


def oklch_to_srgb(lightness: Values, chroma: Values, hue: Values) -> Values:
    """sRGB `(…, 3)` of OKLCH, a space in which equal steps look equal (Ottosson 2020)."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    l_ = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m_ = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s_ = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack([
        4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_,
        -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_,
        -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_], -1).clip(0, 1)
    return _srgb_curve()[(linear * (CURVE_STEPS - 1) + 0.5).astype(np.uint16)]


@functools.cache
def _srgb_curve() -> Values:
    """sRGB of linear light in `CURVE_STEPS` steps: a table is ten times as fast as the power."""
    linear = np.linspace(0, 1, CURVE_STEPS)
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return curve.astype(np.float32)


def _normalised(values: Values) -> Values:
    """Values spread over 0 to 1 by their 3rd and 97th percentile; a plane without contrast becomes 0.5."""
    low, high = np.percentile(values, (3, 97))
    if high - low < 1e-3:
        return np.full_like(values, 0.5)
    return np.asarray((values - low) / (high - low), np.float32)


def _cubic(nodes: int, side: int) -> Values:
    """Interpolation weights `(side, nodes)` from `nodes` values to the middles of `side` pixels."""
    at = (np.arange(side) + 0.5) / side * (nodes - 1)
    first = np.minimum(at.astype(int), nodes - 2)
    t = (at - first)[:, None]
    kernel = np.concatenate([
        -0.5 * t + t**2 - 0.5 * t**3, 1 - 2.5 * t**2 + 1.5 * t**3,
        0.5 * t + 2 * t**2 - 1.5 * t**3, -0.5 * t**2 + 0.5 * t**3], 1)
    weights = np.zeros((side, nodes), np.float32)
    for offset in range(4):
        np.add.at(weights, (np.arange(side), np.clip(first + offset - 1, 0, nodes - 1)), kernel[:, offset])
    return weights
