"""Spectra, resampling and windows round a loop, by numpy alone: scipy would take the desk 50 MB.

The spectrum of a whole loop is that of its endless repetition, so what is done to it has no beginning.
"""

import numpy as np
import numpy.typing as npt

from ..loop import Audio

Spectrum = npt.NDArray[np.complex64]
"""Bins of a loop, `(bins, channels)`."""
Values = npt.NDArray[np.float64]


def spectrum(audio: Audio) -> Spectrum:
    """Bins from 0 to half the rate of a loop, float32 `(frames, channels)`."""
    # One channel after the other: numpy's transform is four times as fast where a channel lies in a row.
    return np.asarray(np.fft.rfft(np.ascontiguousarray(audio.T)).T, np.complex64)


def from_spectrum(bins: Spectrum, frames: int) -> Audio:
    """The loop of `frames` frames that has these bins, float32 `(frames, channels)`; bins beyond are left
    out, missing ones are 0."""
    return np.ascontiguousarray(np.fft.irfft(np.ascontiguousarray(bins.T), frames).T, np.float32)


def resample(audio: Audio, frames: int) -> Audio:
    """The loop with another number of frames: the same spectrum, as far as it goes."""
    before, bins = len(audio), spectrum(audio)
    fewer = min(before, frames)
    bins = bins[:fewer // 2 + 1]
    if fewer % 2 == 0 and frames != before:
        # Half the shorter one's rate: there the bin is its own mirror image, elsewhere it is one of two.
        bins[-1] *= 2.0 if frames < before else 0.5
    return from_spectrum(bins, frames) * np.float32(frames / before)


def lowest_ahead(values: Values, width: int) -> Values:
    """The lowest of `width` values `(n,)` from each on, round the loop."""
    count = len(values)
    lowest, span = _around(values, width), 1
    while 2 * span <= width:
        lowest, span = np.minimum(lowest[:-span], lowest[span:]), 2 * span
    return np.minimum(lowest[:count], lowest[width - span:][:count])


def mean_ahead(values: Values, width: int) -> Values:
    """The mean of `width` values `(n,)` from each on, round the loop."""
    total = np.cumsum(np.concatenate(([0.0], _around(values, width))))
    return np.asarray((total[width:] - total[:-width]) / width)


def _around(values: Values, width: int) -> Values:
    return np.take(values, np.arange(len(values) + width - 1), mode="wrap")
