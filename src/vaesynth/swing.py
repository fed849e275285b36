"""Swing: the second sixteenth of each pair comes late."""

import math
from dataclasses import dataclass

from .errors import SettingError

STRAIGHT, MOST = 50.0, 75.0


def check_swing(percent: float) -> float:
    """The swing itself, if it lies within 50 (straight) and 75 %.

    Raises:
        SettingError: it does not.
    """
    if not (math.isfinite(percent) and STRAIGHT <= percent <= MOST):
        raise SettingError(f"swing is {percent:g} %, expected {STRAIGHT:g} to {MOST:g} %")
    return float(percent)


@dataclass(frozen=True)
class Swing:
    """Bends time within each eighth: its first half takes `permille` thousandths of it, the rest what is
    left.

    All in whole numbers, of any unit of which an eighth has an even number; 500 changes nothing.

    Attributes:
        permille: 500 to 750.
    """

    permille: int = 500

    def place(self, time: int, eighth: int) -> int:
        """Where that which stands at `time` in a straight bar is played, both in units."""
        start, within, half, split = self._parts(time, eighth)
        if within < half:
            return start + within * split // half
        return start + split + (within - half) * (eighth - split) // half

    def straight(self, place: int, eighth: int) -> int:
        """What stands in a straight bar where `place` is played; the inverse of `place`, rounded down."""
        start, within, half, split = self._parts(place, eighth)
        if within < split:
            return start + within * half // split
        return start + half + (within - split) * half // (eighth - split)

    def _parts(self, time: int, eighth: int) -> tuple[int, int, int, int]:
        within = time % eighth
        return time - within, within, eighth // 2, eighth * self.permille // 1000


NO_SWING = Swing()
