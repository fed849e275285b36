"""The last thing before the device: nothing above full scale, nothing that is no number."""

import math

import numpy as np

from .loop import Audio


class SafetyLimiter:
    """Leaves audio below full scale untouched, bit by bit; turns the rest down, at once, and back up slowly.

    The block is its own look-ahead: the gain falls within `ATTACK_FRAMES` of the block in which the peak
    lies, and what is still above full scale then is cut off.

    Args:
        sample_rate: in Hz.
        frames: the most frames in a block.

    Attributes:
        peaks: levels of the left and right channel, falling by 20 dB in 0.3 s.
        clipped: blocks in which the limiter had to act.
    """

    ATTACK_FRAMES = 32
    RELEASE_SECONDS = 0.2
    FALL_SECONDS = 0.13

    def __init__(self, sample_rate: int, frames: int) -> None:
        self._rate = sample_rate
        self._gain = 1.0
        self._ramp = np.empty((frames, 1), np.float32)
        self._count = np.arange(1, frames + 1, dtype=np.float32)[:, None]
        self.peaks = [0.0, 0.0]
        self.clipped = 0

    @property
    def gain(self) -> float:
        """How far it is turned down, 1 for not at all."""
        return self._gain

    @gain.setter
    def gain(self, gain: float) -> None:
        self._gain = gain

    def release(self) -> None:
        """Turn back up at once."""
        self._gain = 1.0

    def process(self, out: Audio) -> None:
        """Limit `out`, float32 `(frames, 2)`, in place, and take its level."""
        levels = [max(float(out[:, c].max()), -float(out[:, c].min())) for c in (0, 1)]
        peak = max(levels)
        if not (math.isfinite(levels[0]) and math.isfinite(levels[1])):
            out.fill(0)
            self.clipped += 1
            levels, peak = [0.0, 0.0], 0.0
        if peak * self._gain > 1.0 or self._gain < 1.0:
            self._limit(out, peak)
            levels = [min(1.0, level * self._gain) for level in levels]
        fall = math.exp(-len(out) / (self.FALL_SECONDS * self._rate))
        self.peaks[0] = max(levels[0], self.peaks[0] * fall)
        self.peaks[1] = max(levels[1], self.peaks[1] * fall)

    def _limit(self, out: Audio, peak: float) -> None:
        frames = len(out)
        allowed = 1.0 / peak if peak > 1.0 else 1.0
        if allowed < self._gain:
            self.clipped += 1
            attack, target = min(frames, self.ATTACK_FRAMES), allowed
        else:
            release = 1 - math.exp(-frames / (self.RELEASE_SECONDS * self._rate))
            attack, target = frames, min(allowed, self._gain + (1 - self._gain) * release)
        ramp = self._ramp[:frames]
        np.multiply(self._count[:frames], np.float32((target - self._gain) / attack), out=ramp)
        ramp += np.float32(self._gain)
        ramp[attack:] = np.float32(target)
        out *= ramp
        np.clip(out, -1.0, 1.0, out=out)
        self._gain = 1.0 if target > 0.99999 else target
