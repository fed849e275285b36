"""Crossfades that keep the loudness whatever two loops have in common."""

import numpy as np
import numpy.typing as npt

from .loop import Audio

Gains = npt.NDArray[np.float32]
"""Gains as float32 `(frames, 1)`, ready to be multiplied with audio."""


def smootherstep(frames: int) -> npt.NDArray[np.float64]:
    """A rise from 0 to 1 over `frames` samples whose first two derivatives vanish at both ends."""
    t = (np.arange(frames) + 0.5) / frames
    return np.asarray(t**3 * (t * (6 * t - 15) + 10))


class CrossfadeTable:
    """The quarter turn of an equal-power crossfade over a fixed number of frames.

    `gains` bends it to what the signals have in common: for a correlation ρ the sum of two signals of equal
    power has the power g₀² + g₁² + 2ρ·g₀·g₁, so (cos, sin) / √(1 + 2ρ·cos·sin) keeps it constant. ρ = 0 is
    the equal-power fade, ρ = 1 the equal-gain one. After Fink, Holters and Zölzer, "Signal-Matched
    Power-Complementary Cross-Fading and Dry-Wet Mixing", DAFx 2016. Negative correlations are taken as 0,
    which would need gains above 1.

    Args:
        frames: length of the fade.
    """

    def __init__(self, frames: int) -> None:
        angle = smootherstep(frames) * (np.pi / 2)
        self.frames = frames
        self._cos = np.cos(angle).astype(np.float32)[:, None]
        self._sin = np.sin(angle).astype(np.float32)[:, None]
        self._double_product = 2 * self._cos * self._sin
        self._norm = np.empty_like(self._cos)

    def gains(self, correlation: float, old: Gains, new: Gains) -> None:
        """Write the gains of the outgoing and incoming signal into `old` and `new`, each `(frames, 1)`."""
        norm = np.multiply(self._double_product, np.float32(min(1.0, max(0.0, correlation))), out=self._norm)
        norm += np.float32(1)
        np.sqrt(norm, out=norm)
        np.divide(self._cos, norm, out=old)
        np.divide(self._sin, norm, out=new)


def correlation(a: Audio, b: Audio) -> float:
    """Normalised correlation of two stretches of audio of one shape, in [-1, 1]; 0 where one is silent."""
    x, y = a.ravel(), b.ravel()
    power = float(np.dot(x, x)) * float(np.dot(y, y))
    return float(np.dot(x, y)) / power**0.5 if power > 1e-20 else 0.0
