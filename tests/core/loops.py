"""Loops for tests: tones without a seam, and hits with a ring."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vaesynth.loop import Loop
from vaesynth.slicing import SlicedLoop

RATE, FRAMES, BEATS = 48_000, 96_000, 4


def tone(frequency: float, level: float = 0.3, phase: float = 0.0) -> npt.NDArray[np.float32]:
    """A stereo tone, float32 `(FRAMES, 2)`; seamless if `frequency` is a multiple of 0.5 Hz."""
    wave = level * np.sin(2 * np.pi * frequency * np.arange(FRAMES) / RATE + phase)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def hits(positions: Sequence[int], level: float = 0.5, ring: int = 2000) -> npt.NDArray[np.float32]:
    """Noise bursts that begin at full level and die away, round the loop, float32 `(FRAMES, 2)`."""
    rng = np.random.default_rng(1)
    audio = np.zeros((FRAMES, 2), np.float32)
    for position in positions:
        burst = rng.uniform(-1, 1, 5 * ring) * np.exp(-np.arange(5 * ring) / ring) * level
        burst[0] = level
        audio[(position + np.arange(5 * ring)) % FRAMES] += burst[:, None].astype(np.float32)
    return np.clip(audio, -1, 1)


def sliced(audio: npt.NDArray[np.float32], serial: int = 1) -> SlicedLoop:
    """The audio as a loop of four beats."""
    return SlicedLoop.of(Loop(audio, RATE, BEATS), serial)
