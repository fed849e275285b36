"""Measures on recorded tones."""

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float32]
RATE = 48_000


def window_levels(audio: Signal, window: int = 960) -> npt.NDArray[np.float64]:
    """RMS of each window of 20 ms."""
    windows = audio[:len(audio) // window * window].astype(np.float64).reshape(-1, window)
    return np.sqrt(np.square(windows).mean(1))


def corners(audio: Signal, frequency: float = 6_000) -> npt.NDArray[np.float64]:
    """The signal above a frequency (a linear-phase high-pass), where gaps and jumps stand out as peaks."""
    n = np.arange(-128, 129)
    low_pass = 2 * frequency / RATE * np.sinc(2 * frequency / RATE * n) * np.blackman(len(n))
    return np.abs(audio[128:-128] - np.convolve(audio, low_pass / low_pass.sum(), "valid"))


def faults(audio: Signal, threshold: float = 0.003) -> int:
    """How many separate corners stand out by more than `threshold`; two within 10 ms count as one."""
    at = np.flatnonzero(corners(audio) > threshold)
    return 0 if not len(at) else 1 + int((np.diff(at) > 480).sum())


def db(value: float) -> float:
    """Linear to dB."""
    return 20 * float(np.log10(value + 1e-12))
