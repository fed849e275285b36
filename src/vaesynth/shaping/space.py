"""What is linear: low cut, high cut and reverberation, as products of spectra.

A product is the response to the loop as it goes round and round: tails that are longer than the loop wrap as
often as they must, and there is no seam.
"""

import functools

import numpy as np
import numpy.typing as npt

from ..loop import Audio
from .circular import from_spectrum, spectrum

Response = npt.NDArray[np.complex64]
"""Frequency response at the bins of a loop's spectrum, `(bins, 1)` or `(bins, 2)`."""

PREDELAY_SECONDS = 0.012
ROOM_HZ = (180.0, 6_500.0)
"""A room swallows what lies outside this band."""


@functools.lru_cache(8)
def filter_response(frames: int, rate: int, low_cut: float | None, high_cut: float | None) -> Response:
    """Response of second-order Butterworth filters, `(bins, 1)`; a corner above half the rate is off.

    They are the analogue ones, 1 / (1 + √2 s + s²), by the bilinear transform.
    """
    bins = np.fft.rfftfreq(frames, 1 / rate)
    response = np.ones(len(bins), complex)
    for corner, power in ((low_cut, 2), (high_cut, 0)):
        if corner is not None and corner < 0.499 * rate:
            s = 1j * np.tan(np.pi * bins / rate) / np.tan(np.pi * corner / rate)
            response *= s**power / (1 + np.sqrt(2) * s + s**2)
    return response.astype(np.complex64)[:, None]


@functools.lru_cache(8)
def reverb_response(frames: int, rate: int, seconds: float) -> Response:
    """Response of a room, `(bins, 2)`, as loud as what goes in for a signal that fills the band.

    The room's impulse response is noise that dies away, other for left and right (Moorer, "About This
    Reverberation Business", 1979), after a moment of silence, within the band of `ROOM_HZ`.
    """
    length = round(1.2 * seconds * rate)
    noise = np.random.default_rng(7).standard_normal((length, 2))
    noise *= 10 ** (-3 * np.arange(length) / (seconds * rate))[:, None]
    start = round(PREDELAY_SECONDS * rate)
    whole = np.zeros((-(-(start + length) // frames) * frames, 2))
    whole[start:start + length] = noise
    folded = whole.reshape(-1, frames, 2).sum(0)
    response = np.fft.rfft(folded, axis=0) * filter_response(frames, rate, *ROOM_HZ)
    power = np.mean(np.abs(response) ** 2, axis=0, keepdims=True)
    return np.asarray(response / np.sqrt(power), np.complex64)


def respond(audio: Audio, response: Response) -> Audio:
    """The audio `(frames, channels)` through a linear system, round the loop, without its DC."""
    bins = spectrum(audio) * response[:, :audio.shape[1]]
    bins[0] = 0
    return from_spectrum(bins, len(audio))


def cut(audio: Audio, rate: int, low_cut: float | None, high_cut: float | None) -> Audio:
    """The audio between two corner frequencies in Hz."""
    return respond(audio, filter_response(len(audio), rate, low_cut, high_cut))


def reverberate(audio: Audio, rate: int, level: float, seconds: float) -> Audio:
    """The audio, and its reverberation at a level from 0 to 1."""
    return respond(audio, 1 + np.float32(level) * reverb_response(len(audio), rate, seconds))
