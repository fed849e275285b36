"""The metronome: a click on every beat, a higher one on the first of the bar."""

import enum

import numpy as np

from .loop import Audio
from .tempo import BeatClock

CLICK_SECONDS = 0.03
CLICK_LEVEL = 0.35
DOWNBEAT_HZ, BEAT_HZ = 1_760.0, 1_175.0


class Metronome(enum.Enum):
    """Where the click is heard."""

    OFF = "off"
    MAIN = "main"
    CUE = "cue"


class Clicks:
    """Adds clicks to a mix, in time with a clock. A click that has begun is heard to its end.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        time = np.arange(round(CLICK_SECONDS * sample_rate)) / sample_rate
        fall = CLICK_LEVEL * np.exp(-time / (CLICK_SECONDS / 5)) * np.cos(np.pi / 2 * time / CLICK_SECONDS)
        self._clicks = [np.repeat((fall * np.sin(2 * np.pi * hertz * time))[:, None], 2, 1).astype(np.float32)
                        for hertz in (DOWNBEAT_HZ, BEAT_HZ)]
        self._click = self._clicks[0]
        self._done = len(time)

    def mix(self, out: Audio, clock: BeatClock, position: int, step: int, beats_per_bar: int) -> None:
        """Add the clicks of a block.

        Args:
            out: float32 `(frames, 2)`, changed in place.
            clock: for the length of a beat.
            position: of the first frame, in clock units; a block begins at most one click.
            step: clock units a frame.
            beats_per_bar: the meter.
        """
        beat = clock.units_per_beat
        line = -(-position // beat) * beat
        start = -(-(line - position) // step)
        if start >= len(out):
            self._go_on(out)
            return
        self._go_on(out[:start])
        self._click = self._clicks[0 if line // beat % beats_per_bar == 0 else 1]
        self._done = 0
        self._go_on(out[start:])

    def _go_on(self, out: Audio) -> None:
        count = min(len(out), len(self._click) - self._done)
        if count > 0:
            out[:count] += self._click[self._done:self._done + count]
            self._done += count
