"""How long each callback took and how late it came: counted by the callback, read by anybody."""

import math
import mmap
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

TIMES = "times"
"""The file's name in a session's folder."""
BINS_PER_OCTAVE, OCTAVES = 16, 20
SHORTEST = 1e-6
"""Seconds; the first bin holds all below, the last all above a second."""
BINS = BINS_PER_OCTAVE * OCTAVES
Counts = npt.NDArray[np.uint64]


class CallbackTimes:
    """Two histograms in shared memory, whose bins are 4 % wide.

    Args:
        path: the file, made by the server.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 2 * BINS * 8)
        self._counts = np.frombuffer(self._map, np.uint64).reshape(2, BINS)

    @classmethod
    def create(cls, path: Path) -> "CallbackTimes":
        """Make the file, unless an earlier run of the server did, and open it."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, 2 * BINS * 8)
        finally:
            os.close(descriptor)
        return cls(path)

    def add(self, took: float, late: float) -> None:
        """Count one callback: seconds that it took, and that it came after its time."""
        self._counts[0, bin_of(took)] += 1
        self._counts[1, bin_of(late)] += 1

    def read(self) -> Counts:
        """A copy, `(2, bins)`: durations, then delays. The difference of two tells of the time between."""
        return self._counts.copy()


class TimedCallback:
    """A callback that is timed.

    Args:
        callback: as `sounddevice` calls it.
        times: where it is counted.
        sample_rate: in Hz.
    """

    def __init__(self, callback: Callable[..., None], times: CallbackTimes, sample_rate: int) -> None:
        self._callback, self._times = callback, times
        self._frame = 1 / sample_rate
        self._due = math.inf

    def __call__(self, out: Any, frames: int, times: Any, status: Any) -> None:
        """Call it, then count."""
        begun = time.monotonic()
        self._callback(out, frames, times, status)
        self._times.add(time.monotonic() - begun, begun - self._due)
        self._due = begun + frames * self._frame


def bin_of(seconds: float) -> int:
    """The bin that a time falls into."""
    if seconds <= SHORTEST:
        return 0
    return min(BINS - 1, int(BINS_PER_OCTAVE * math.log2(seconds / SHORTEST)))


def percentile(counts: Counts, share: float) -> float:
    """The time in seconds (upper edge of its bin) below which `share` (0 to 1) of the counts lie.

    NaN where nothing was counted; `share` 1 gives the longest.
    """
    if not counts.sum():
        return math.nan
    place = int(np.searchsorted(np.cumsum(counts), math.ceil(share * int(counts.sum()))))
    return float(SHORTEST * 2.0 ** ((place + 1) / BINS_PER_OCTAVE))
