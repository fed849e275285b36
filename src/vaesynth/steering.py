"""Moves the phase of a clock without a jump: it runs a little faster or slower for a while."""

from .tempo import BeatClock

MOST_BEND = 0.1
"""The most that the speed is bent by, as a part of the tempo."""
SETTLING_SECONDS = 0.1
"""Time constant with which what is left of a shift is made up for."""


class Steering:
    """Owes the clock a shift, and pays it back block by block, to the unit.

    Args:
        clock: whose `bend` is set.

    Attributes:
        owed: what is left of the shift, in clock units; positive where the clock is to get ahead.
    """

    def __init__(self, clock: BeatClock) -> None:
        self._clock = clock
        self._settling = round(SETTLING_SECONDS * clock.sample_rate)
        self.owed = 0

    def nudge(self, seconds: float) -> None:
        """Shift what is played by a time, positive to get ahead."""
        self.owed += round(seconds * self._clock.sample_rate) * self._clock.micro_bpm

    def rest(self) -> None:
        """Let the shift be."""
        self.owed = self._clock.bend = 0

    def steer(self, frames: int) -> None:
        """Set the clock's bend for the next `frames` frames."""
        clock = self._clock
        if not self.owed:
            clock.bend = 0
            return
        most = round(MOST_BEND * clock.micro_bpm)
        bend = self.owed // self._settling
        if abs(bend) < most // 100:  # the rest is not worth a long tail
            bend = max(-(most // 100), min(most // 100, self.owed // frames))
            if bend in (0, -1):
                self.rest()
                return
        clock.bend = max(-most, min(most, bend))
        self.owed -= clock.bend * frames
