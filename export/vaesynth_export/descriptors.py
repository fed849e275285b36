"""What people hear in a loop or see in an image, as numbers with words that name axes and macros."""

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage

from vaesynth.geometry import ImageGeometry, LoopGeometry

Items = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

LOW_HZ, HIGH_HZ = 150.0, 5_000.0
FLOOR = 1e-7
LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Rec. 709 luminance of R, G and B."""


@dataclass(frozen=True)
class Described:
    """Items as numbers.

    Attributes:
        embedding: `(n, e)`: Euclidean distances in it follow what people hear or see.
        values: descriptor → `(n,)`.
    """

    embedding: Floats
    values: Mapping[str, Floats]


@dataclass(frozen=True)
class Descriptors:
    """How to describe a kind of item.

    Attributes:
        words: descriptor → what a larger value is called, and a smaller one.
        describe: items → `Described`.
        musical: descriptor → how much a musician would want it as an axis; 1 where it is not named.
        foreign: latent group → descriptors that are not its to change, though they may follow it a little.
    """

    words: Mapping[str, tuple[str, str]]
    describe: Callable[[Items], Described]
    musical: Mapping[str, float] = field(default_factory=dict)
    foreign: Mapping[str, Sequence[str]] = field(default_factory=dict)


def of(geometry: LoopGeometry | ImageGeometry) -> Descriptors:
    """The descriptors of loops or images of a geometry."""
    if isinstance(geometry, LoopGeometry):
        describe = functools.partial(describe_loops, geometry=geometry)
        return Descriptors(LOOP_WORDS, describe, LOOP_MUSICAL, LOOP_FOREIGN)
    return Descriptors(IMAGE_WORDS, describe_images)


LOOP_WORDS = {
    "onset_density": ("busier", "sparser"),
    "brightness": ("brighter", "darker"),
    "low_end": ("heavier", "lighter"),
    "noisiness": ("noisier", "purer"),
    "decay": ("longer", "tighter"),
    "dynamics": ("punchier", "flatter"),
    "off_beat": ("more off-beat", "more on the beat"),
    "swing": ("swung", "straight"),
    "hats": ("more hats", "fewer hats"),
    "width": ("wider", "narrower"),
    "level": ("louder", "quieter"),
}
# A fader does loudness better; width and tone colour change less than what is played and by which drums.
LOOP_MUSICAL = {"level": 0.1, "width": 0.4, "noisiness": 0.7, "dynamics": 0.7, "swing": 0.7}
LOOP_FOREIGN = {"kit": ("onset_density", "off_beat", "swing", "hats")}
IMAGE_WORDS = {
    "lightness": ("lighter", "darker"),
    "warmth": ("warmer", "cooler"),
    "contrast": ("more contrast", "softer"),
    "saturation": ("more colour", "greyer"),
    "side_light": ("lit from the right", "lit from the left"),
    "top_light": ("lit from above", "lit from below"),
    "centre": ("brighter centre", "darker centre"),
    "detail": ("crisper", "smoother"),
}


def describe_loops(items: Items, geometry: LoopGeometry) -> Described:
    """Descriptors and a log-mel embedding of loops `(n, channels, frames)`.

    Everything is circular: the loop is its own context.
    """
    rows = [_describe_loop(np.asarray(item, np.float64), geometry) for item in items]
    return Described(
        np.stack([r[0] for r in rows]), {name: np.array([r[1][name] for r in rows]) for name in LOOP_WORDS}
    )


def _describe_loop(audio: Floats, geometry: LoopGeometry) -> tuple[Floats, dict[str, float]]:
    rate = geometry.sample_rate
    mono = audio.mean(0)
    hop = max(1, round(0.005 * rate))
    size = 1 << max(5, round(np.log2(0.021 * rate)))
    size = min(size, 1 << (len(mono).bit_length() - 1))
    power = _power(mono, size, hop)
    hz = np.fft.rfftfreq(size, 1 / rate)
    mel = power @ _mel_filters(size, rate, min(48, size // 8)).T
    decibels = 10 * np.log10(np.maximum(mel, FLOOR))
    flux = np.maximum(decibels - np.roll(decibels, 1, 0), 0)
    flux[decibels < decibels.max() - 50] = 0  # rises in what nobody hears are no attacks
    strength = flux.mean(1)
    total = power.sum(0)
    energy = float(total.sum()) + FLOOR
    envelope = np.sqrt(power.sum(1))
    loudest = envelope.max() + FLOOR
    onsets = _peaks(strength, round(0.05 * rate / hop))
    high = flux[:, _mel_centres(rate, flux.shape[1]) > min(HIGH_HZ, 0.3 * rate)].mean(1)
    peak = float(np.abs(mono).max())
    rms = float(np.sqrt((mono**2).mean()))
    side = audio[0] - audio[-1]
    geometric = float(np.exp(np.log(total + FLOOR).mean()))
    values = {
        "onset_density": _soft_count(strength, onsets) / geometry.seconds,
        "brightness": float(np.log2((total * hz).sum() / energy + 20)),
        "low_end": _share_db(total[hz < LOW_HZ].sum(), energy),
        "noisiness": float(10 * np.log10(geometric / (total.mean() + FLOOR))),
        "decay": float((envelope / loudest).mean()),
        "dynamics": float(20 * np.log10((peak + FLOOR) / (rms + FLOOR))),
        "off_beat": _metre(strength, geometry.beats * 4, (1, 3)),
        "swing": _swing(strength, geometry.beats * 2),
        "hats": float(high.mean()),
        "width": _share_db((side**2).sum(), float((side**2).sum() + (audio.sum(0) ** 2).sum()) + FLOOR),
        "level": float(20 * np.log10(rms + 1e-4)),
    }
    return _loop_embedding(decibels, geometry.beats * 4), values


def _power(mono: Floats, size: int, hop: int) -> Floats:
    """Power spectrogram `(windows, bins)` of a loop, Hann window, circular."""
    around = np.pad(mono, (size // 2, size - size // 2), mode="wrap").astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(around, size)[: len(mono) - hop + 1 : hop]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    spectrum = scipy.fft.rfft(windows * window, axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) / float((window**2).sum()), np.float64)


def _mel(hz: npt.ArrayLike) -> Floats:
    return np.asarray(2595 * np.log10(1 + np.asarray(hz, np.float64) / 700))


def _mel_edges(rate: int, bands: int) -> Floats:
    low, high = _mel(30), _mel(rate / 2)
    return np.asarray(700 * (10 ** (np.linspace(low, high, bands + 2) / 2595) - 1))


@functools.cache
def _mel_centres(rate: int, bands: int) -> Floats:
    return _mel_edges(rate, bands)[1:-1]


@functools.cache
def _mel_filters(size: int, rate: int, bands: int) -> Floats:
    """Triangular mel filters `(bands, bins)`; a band narrower than a bin takes the nearest one."""
    hz = np.fft.rfftfreq(size, 1 / rate)
    edges = _mel_edges(rate, bands)
    rise = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(np.minimum(rise, fall), 0)
    for band in np.flatnonzero(filters.sum(1) == 0):
        filters[band, np.argmin(np.abs(hz - edges[band + 1]))] = 1
    return np.asarray(filters)


def _peaks(strength: Floats, apart: int) -> npt.NDArray[np.intp]:
    """Local maxima of a circular curve that nothing within `apart` windows exceeds."""
    around = scipy.ndimage.maximum_filter1d(strength, 2 * apart + 1, mode="wrap")
    return np.flatnonzero((strength >= around) & (strength > 0.1 * strength.max() + FLOOR))


def _soft_count(strength: Floats, onsets: npt.NDArray[np.intp]) -> float:
    """Number of onsets, weighted by their strength beside the strongest: continuous as a hit fades in."""
    heights = strength[onsets]
    return float(np.minimum(heights / (0.5 * strength.max() + FLOOR), 1).sum()) if len(heights) else 0.0


def _share_db(part: float, whole: float) -> float:
    return float(10 * np.log10(part / whole + 1e-5))


def _metre(strength: Floats, sixteenths: int, places: tuple[int, ...]) -> float:
    """Share of attack strength near the given 16ths of each beat."""
    position = np.arange(len(strength)) / len(strength) * sixteenths
    near = np.rint(position).astype(int) % 4
    return float(strength[np.isin(near, places)].sum() / (strength.sum() + FLOOR))


def _swing(strength: Floats, eighths: int) -> float:
    """How late the off-beat 16ths are: centre of the attacks round the middle of each eighth, in eighths."""
    phase = (np.arange(len(strength)) / len(strength) * eighths) % 1
    middle = (phase > 0.35) & (phase < 0.8)
    weight = strength[middle] ** 2
    return float((weight * phase[middle]).sum() / weight.sum()) if weight.sum() > FLOOR else 0.5


def _loop_embedding(decibels: Floats, steps: int) -> Floats:
    """Log-mel level and rise at each 16th, `(steps · bands · 2,)`: what sounds when."""
    windows, bands = decibels.shape
    edges = np.linspace(0, windows, steps + 1).astype(int)
    shifted = np.roll(decibels, 2, 0)  # an attack on the grid belongs to the step that it opens
    blocks = [shifted[a : max(b, a + 1)] for a, b in itertools.pairwise(edges)]
    level = np.stack([b.mean(0) for b in blocks])
    attack = np.stack([b.max(0) for b in blocks])
    return np.asarray(np.concatenate([level.ravel(), attack.ravel()]) / np.sqrt(2 * steps * bands))


def describe_images(items: Items) -> Described:
    """Descriptors and a small-image embedding of images `(n, 3, height, width)` in [0, 1]."""
    images = np.asarray(items, np.float64)
    luma = np.einsum("nchw,c->nhw", images, LUMA)
    height, width = luma.shape[1:]
    inner = luma[:, height // 4 : -(height // 4), width // 4 : -(width // 4)]
    half_x, half_y = width // 2, height // 2
    laplacian = (
        4 * luma[:, 1:-1, 1:-1]
        - luma[:, :-2, 1:-1]
        - luma[:, 2:, 1:-1]
        - luma[:, 1:-1, :-2]
        - luma[:, 1:-1, 2:]
    )
    values = {
        "lightness": luma.mean((1, 2)),
        "warmth": (images[:, 0] - images[:, 2]).mean((1, 2)),
        "contrast": luma.std((1, 2)),
        "saturation": (images.max(1) - images.min(1)).mean((1, 2)),
        "side_light": luma[:, :, half_x:].mean((1, 2)) - luma[:, :, :half_x].mean((1, 2)),
        "top_light": luma[:, :half_y].mean((1, 2)) - luma[:, half_y:].mean((1, 2)),
        "centre": inner.mean((1, 2)) - luma.mean((1, 2)),
        "detail": np.log10(laplacian.var((1, 2)) + 1e-6),
    }
    return Described(_small(images), values)


def _small(images: Floats, side: int = 16) -> Floats:
    """Pixels of box-averaged copies, `(n, 3 · side²)`; of smaller sides where the images are smaller."""
    rows = np.array_split(np.arange(images.shape[2]), min(side, images.shape[2]))
    columns = np.array_split(np.arange(images.shape[3]), min(side, images.shape[3]))
    narrow = np.stack([images[:, :, :, c].mean(3) for c in columns], 3)
    small = np.stack([narrow[:, :, r].mean(2) for r in rows], 2).reshape(len(images), -1)
    return np.asarray(small / np.sqrt(small.shape[1]), np.float64)
