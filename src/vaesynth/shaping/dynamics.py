"""What acts on the level: saturation, compression, loudness match, ceiling."""

import warnings

import numpy as np

from ..errors import SettingError
from ..loop import Audio
from .circular import lowest_ahead, mean_ahead, resample

OVERSAMPLING = 4
COMPRESSOR_SECONDS = 2.0
"""Run-in, after which the compressor has forgotten how it began."""
SILENCE = 1e-5
BLOCK_SECONDS = 0.4
OVERLAP = 0.95
"""The standard's 0.75 would hear where in the loop its blocks begin; closer blocks do not."""
GATE_LUFS = -70.0
MOST_GAIN_DB = 24.0
"""A loop of almost nothing is not blown up to a wall of noise."""
LOOK_AHEAD_SECONDS = 0.0015


def drive(audio: Audio, decibels: float) -> Audio:
    """Saturate with tanh, at four times the rate, round the loop; the peak level stays.

    Args:
        audio: float32 `(frames, channels)`.
        decibels: gain into the saturation.
    """
    frames, peak = len(audio), float(np.abs(audio).max())
    if peak < SILENCE:
        return audio
    fine = resample(audio, OVERSAMPLING * frames)
    gain = np.float32(10 ** (decibels / 20))
    saturated = resample(np.tanh(gain * fine), frames)
    return np.asarray(saturated * (peak / max(SILENCE, float(np.abs(saturated).max()))), np.float32)


def compress(audio: Audio, rate: int, amount: float) -> Audio:
    """Compress with pedalboard's compressor: from 0 to 1 the threshold falls and the ratio rises.

    Raises:
        SettingError: pedalboard is not installed.
    """
    try:
        import pedalboard
    except ImportError as e:
        raise SettingError(f"compressor is {amount:g}, expected the package pedalboard for it "
                           "(pip install 'vaesynth[fx]')") from e
    threshold, ratio = -6 - 24 * amount, 1 + 5 * amount
    effect = pedalboard.Compressor(threshold, ratio, attack_ms=4, release_ms=120)
    turns = 1 + int(np.ceil(COMPRESSOR_SECONDS * rate / len(audio)))
    out = effect.process(np.tile(audio, (turns, 1)).T, rate, reset=True).T[-len(audio):]
    makeup = 10 ** (-0.5 * threshold * (1 - 1 / ratio) / 20)
    return np.ascontiguousarray(out * np.float32(makeup))


def loudness(audio: Audio, rate: int) -> float:
    """Integrated loudness of the loop as it goes round and round, in LUFS.

    After ITU-R BS.1770-4, by pyloudnorm, but with closer blocks.

    Minus infinity for silence.

    Args:
        audio: `(frames, channels)`; mono counts as it is heard, on both sides.
        rate: in Hz.
    """
    import pyloudnorm
    if float(np.abs(audio).max()) < SILENCE:
        return -np.inf
    # Blocks overlap by OVERLAP, and the last one begins one step before the loop does again.
    count = len(audio) + round(OVERLAP * BLOCK_SECONDS * rate)
    around = np.take(audio, np.arange(count), axis=0, mode="wrap").astype(np.float64)
    if around.shape[1] == 1:
        around = np.repeat(around, 2, axis=1)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # nothing but blocks below the gate: its mean of nothing
        meter = pyloudnorm.Meter(rate, block_size=BLOCK_SECONDS, overlap=OVERLAP)
        measured = float(meter.integrated_loudness(around))
    return measured if measured > GATE_LUFS else -np.inf


def match(audio: Audio, rate: int, target: float) -> Audio:
    """The audio at a loudness in LUFS; silence stays silent."""
    measured = loudness(audio, rate)
    if not np.isfinite(measured):
        return audio
    return audio * np.float32(10 ** (min(MOST_GAIN_DB, target - measured) / 20))


def without_dc(audio: Audio) -> Audio:
    """The audio less its mean."""
    return np.asarray(audio - audio.mean(axis=0, dtype=np.float64), np.float32)


def limit(audio: Audio, rate: int, ceiling: float) -> Audio:
    """Hold the peaks under a ceiling, round the loop, by a gain that falls before each and rises after it.

    The gain that each frame needs, its minimum over a window, and the mean of that over the same window:
    never above what is needed, and smooth.
    """
    peaks = np.abs(audio).max(axis=1)
    if float(peaks.max()) <= ceiling:
        return audio
    need = np.minimum(1.0, ceiling / np.maximum(peaks, SILENCE)).astype(np.float64)
    width = max(3, 2 * round(LOOK_AHEAD_SECONDS * rate) + 1)
    # Both look ahead by a window less one frame: together that is turned back.
    gain = np.roll(mean_ahead(lowest_ahead(need, width), width), width - 1)[:, None]
    return np.asarray(np.clip(audio * gain.astype(np.float32), -ceiling, ceiling))
