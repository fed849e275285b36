"""Tempo from taps."""

from statistics import median

from .tempo import MAX_BPM, MIN_BPM

PAUSE = 2.0
"""Seconds after which a tap starts a new count."""
MEMORY = 8


class TapTempo:
    """Tempo from the median interval of the last taps, so that one bad tap does no harm."""

    def __init__(self) -> None:
        self._taps: list[float] = []

    def tap(self, now: float) -> float | None:
        """Note a tap at `now` (seconds); the tempo in BPM from the second tap on."""
        if self._taps and now - self._taps[-1] > PAUSE:
            self._taps.clear()
        self._taps = [*self._taps, now][-MEMORY:]
        intervals = [b - a for a, b in zip(self._taps, self._taps[1:], strict=False) if b > a]
        if not intervals:
            return None
        return round(min(max(60 / median(intervals), MIN_BPM), MAX_BPM), 1)
