"""When a buffer really begins: the callback's own clock without the lateness of the single call."""

import math

BANDWIDTH_HZ = 0.5
RESET_SECONDS = 0.05
LATE_SECONDS, LATE_CALLS = 0.001, 8


class FrameTime:
    """A delay-locked loop over the times at which the callback is called.

    After Fons Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005. After a gap it begins
    anew. Where several calls in a row are late, none of them is to blame: the sound system has lost time (a
    missed buffer), and the clock is set after it at once.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._rate = float(sample_rate)
        self._next = -math.inf
        self._speed = 1.0
        self._late, self._least = 0, math.inf

    def begin(self, now: float, frames: int) -> float:
        """The callback for `frames` frames came at `now` (seconds); returns when it was meant to come."""
        period = frames / self._rate
        error = now - self._next
        if not abs(error) < RESET_SECONDS:
            self._next, self._speed, self._late = now + period, 1.0, 0
            return now
        if error > LATE_SECONDS:
            self._least = min(self._least, error) if self._late else error
            self._late += 1
        else:
            self._late = 0
        if self._late == LATE_CALLS:
            self._late = 0
            begun = self._next + self._least
            self._next = begun + period * self._speed
            return begun
        omega = 2 * math.pi * BANDWIDTH_HZ * period
        begun = self._next + math.sqrt(2) * omega * error
        self._speed += omega * omega * error / period
        self._speed = min(max(self._speed, 0.995), 1.005)
        self._next = begun + period * self._speed
        return begun
