"""Gains that move without a click."""

import math

import numpy as np

from .crossfade import smootherstep
from .loop import Audio

SMOOTHING_SECONDS = 0.02
"""Time constant of the volume."""


class Gate:
    """A gain that opens and closes along a smooth curve.

    Args:
        frames: the most frames in a block.
        opening, closing: lengths of the two curves in frames.
    """

    def __init__(self, frames: int, opening: int, closing: int) -> None:
        self._curves = {way: smootherstep(length).astype(np.float32)[:, None]
                        for way, length in ((True, opening), (False, closing))}
        self._gain = np.empty((frames, 1), np.float32)
        self.is_open = False
        self._left = 0

    @property
    def silent(self) -> bool:
        """Closed, with nothing of the fade left."""
        return not self.is_open and not self._left

    @property
    def state(self) -> tuple[bool, int]:
        """All that changes while it plays; set it to go on elsewhere."""
        return self.is_open, self._left

    @state.setter
    def state(self, state: tuple[bool, int]) -> None:
        self.is_open, self._left = state

    def open(self, *, fade: bool = True) -> None:
        """Begin to open; without `fade` be open."""
        if not self.is_open:
            self.is_open = True
            self._left = self._turned(self._curves[True], self._curves[False]) if fade else 0

    def close(self) -> None:
        """Begin to close."""
        if self.is_open:
            self.is_open = False
            self._left = self._turned(self._curves[False], self._curves[True])

    def _turned(self, curve: Audio, other: Audio) -> int:
        """Frames of `curve` that are left when it is entered at the level that `other` had reached."""
        return len(curve) - round(self._left / len(other) * len(curve))

    def apply(self, out: Audio) -> None:
        """Multiply `out`, `(frames, 2)`, in place."""
        if self._left:
            curve = self._curves[self.is_open]
            count = min(len(out), self._left)
            start = len(curve) - self._left
            if self.is_open:
                out[:count] *= curve[start:start + count]
            else:
                out[:count] *= np.subtract(np.float32(1), curve[start:start + count], out=self._gain[:count])
            self._left -= count
            if not self.is_open:
                out[count:] = 0
        elif not self.is_open:
            out.fill(0)


class Volume:
    """A gain that approaches what is set.

    Args:
        sample_rate: in Hz.
        frames: the most frames in a block.
    """

    def __init__(self, sample_rate: int, frames: int) -> None:
        self._smoothing = SMOOTHING_SECONDS * sample_rate
        self._now = self._target = 1.0
        self._count = np.arange(frames, dtype=np.float32)[:, None]
        self._ramp = np.empty((frames, 1), np.float32)

    @property
    def state(self) -> tuple[float, float]:
        """All that changes while it plays; set it to go on elsewhere."""
        return self._now, self._target

    @state.setter
    def state(self, state: tuple[float, float]) -> None:
        self._now, self._target = state

    def set(self, gain: float, *, at_once: bool = False) -> None:
        """Linear gain, approached smoothly unless `at_once`."""
        self._target = gain
        if at_once:
            self._now = gain

    def settle(self) -> None:
        """Be there at once: nothing is heard."""
        self._now = self._target

    def apply(self, out: Audio) -> None:
        """Multiply `out`, `(frames, 2)`, in place."""
        if self._now == self._target:
            if self._now != 1.0:
                out *= np.float32(self._now)
            return
        frames = len(out)
        reached = self._target - (self._target - self._now) * math.exp(-frames / self._smoothing)
        if abs(self._target - reached) < 1e-5:
            reached = self._target
        ramp = np.multiply(self._count[:frames], np.float32((reached - self._now) / frames),
                           out=self._ramp[:frames])
        ramp += np.float32(self._now)
        out *= ramp
        self._now = reached
