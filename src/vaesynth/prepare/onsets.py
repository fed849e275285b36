"""Where things are struck: onset strength over time, and the attacks themselves."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from ..loop import Audio

RATE = 24_000
HOP = 120
WINDOW = 512
STEPS_PER_SECOND = RATE // HOP
"""Onset strength has 200 values a second."""

_BANDS = np.unique(np.geomspace(1, WINDOW // 2, 25).round().astype(int))
_PIECE = 4096

_APART = 6
"""Two attacks are at least this many steps (30 ms) apart."""


@dataclass(frozen=True, eq=False)
class OnsetStrength:
    """Rise of the log spectrum, 200 values a second.

    Attributes:
        values: float64 `(steps,)`, summed over the bands from 47 Hz to 12 kHz.
        seconds: length of the audio.
    """

    values: npt.NDArray[np.float64]
    seconds: float


def onset_strength(audio: Audio, sample_rate: int) -> OnsetStrength:
    """Spectral flux of a loop (Dixon 2006, "Onset detection revisited", on log band magnitudes).

    The loop's end is taken to be followed by its start, so that a hit on the very first sample counts.

    Args:
        audio: float32 `(frames, channels)`, not silent.
        sample_rate: in Hz.
    """
    mono = soxr.resample(audio.mean(1), sample_rate, RATE, "HQ")
    length = len(mono)
    padded = np.pad(mono, (WINDOW // 2, WINDOW), mode="wrap")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[:length:HOP]
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    # In pieces: the spectrogram of ten minutes would take a gigabyte.
    bands = np.concatenate([
        np.add.reduceat(np.abs(np.fft.rfft(frames[i:i + _PIECE] * window, axis=1)), _BANDS[:-1], axis=1)
        for i in range(0, len(frames), _PIECE)])
    loudness = np.log1p(100 * bands / max(float(bands.max()), 1e-9))
    rise = np.maximum(0, loudness - np.roll(loudness, 2, axis=0))
    return OnsetStrength(rise.sum(1), length / RATE)


def attacks(strength: OnsetStrength, audio: Audio, sample_rate: int) -> npt.NDArray[np.int64]:
    """First samples of the hits, in order.

    Peaks of the onset strength that stand out of their surroundings, each moved to where the level rises most
    steeply.

    Args:
        strength: of `audio`.
        audio: float32 `(frames, channels)`.
        sample_rate: in Hz.
    """
    values = strength.values
    if values.max() <= 0:
        return np.zeros(0, np.int64)
    around = np.stack([np.roll(values, k) for k in range(-_APART, _APART + 1)])
    # A tenth of a second on either side tells what is ordinary here.
    width = STEPS_PER_SECOND // 10
    kernel = np.ones(2 * width + 1) / (2 * width + 1)
    ordinary = np.convolve(np.pad(values, width, mode="wrap"), kernel, "valid")
    stands_out = (values > 1.5 * ordinary) & (values > 0.1 * values.max())
    peaks = np.flatnonzero(stands_out & (values >= around.max(0)))
    hop = max(1, sample_rate // 2000)
    energy = np.square(audio).sum(1)
    energy = energy[:len(energy) // hop * hop].reshape(-1, hop).sum(1)
    level = np.log(energy + 1e-6 * energy.max() + 1e-20)
    # 1.5 ms before against 1.5 ms after: the step of an attack, not a cycle of a bass note.
    sums = np.concatenate([[0.0], np.cumsum(np.pad(level, 3, mode="wrap"))])
    step = sums[6:] - 2 * sums[3:-3] + sums[:-6]
    found = []
    for peak in peaks:
        # The flux looks 10 ms back, and its window sees 10 ms ahead.
        centre = int(peak * HOP / RATE * sample_rate / hop)
        low = max(0, centre - int(0.020 * sample_rate / hop))
        high = min(len(level), centre + int(0.012 * sample_rate / hop))
        if low < high:
            found.append(hop * (low + int(np.argmax(step[low:high]))))
    return np.unique(np.asarray(found, np.int64))
