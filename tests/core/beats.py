"""Drum loops made of noise bursts, for the tests of preparation."""

import numpy as np
import numpy.typing as npt


def beat(seconds: float, times: npt.ArrayLike, rate: int = 44_100, channels: int = 1,
         levels: npt.ArrayLike | None = None) -> npt.NDArray[np.float32]:
    """Audio `(frames, channels)` with a hit of 60 ms at each of `times` (seconds), wrapped round the end."""
    times = np.atleast_1d(np.asarray(times, float))
    strengths = np.ones(len(times)) if levels is None else np.asarray(levels, float)
    frames = round(seconds * rate)
    audio = np.zeros((frames, channels))
    rng = np.random.default_rng(7)
    length = min(frames, round(0.06 * rate))
    fall = np.exp(-np.arange(length) / (0.012 * rate))[:, None]
    for time, strength in zip(times, strengths, strict=True):
        places = (round(time * rate) + np.arange(length)) % frames
        np.add.at(audio, places, 0.25 * strength * fall * rng.standard_normal((length, channels)))
    return np.asarray(np.clip(audio, -1, 1), np.float32)


def pattern(beats: int, bpm: float) -> tuple[float, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Length in seconds, times and levels of a plain pattern: strong beats, soft eighths, some 16ths."""
    steps = np.array([s for s in range(4 * beats) if s % 2 == 0 or s % 16 in (7, 15)])
    levels = np.select([steps % 4 == 0, steps % 2 == 0], [1.0, 0.1], 0.3)
    return 60 * beats / bpm, steps * 15 / bpm, levels


def onsets(audio: npt.NDArray[np.float32], rate: int, apart: float = 0.08) -> npt.NDArray[np.float64]:
    """Times in seconds at which the level rises from silence; one just before the end is the start."""
    ahead = rate // 100
    loud = np.abs(np.roll(audio, ahead, axis=0)).max(1) > 0.05 * np.abs(audio).max()
    first = np.flatnonzero(loud)
    return (first[np.diff(first, prepend=-rate) > apart * rate] - ahead) / rate
