# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop as numbers to paint: waveform outline and mel spectrogram."""

import functools

import numpy as np
import numpy.typing as npt

from vaesynth.loop import Loop

Floats = npt.NDArray[np.float32]
MEL_BANDS, MEL_COLUMNS, FFT = 72, 320, 1024
RANGE_DB = 70.0


def outline(loop: Loop, columns: int) -> tuple[Floats, Floats, Floats]:
    """Lowest, highest and RMS value of the mono mix in each of `columns` equal parts, `(columns,)` each."""
    mono = loop.audio.mean(axis=1)
    columns = max(1, min(columns, len(mono)))
    starts = np.linspace(0, len(mono), columns, endpoint=False).astype(np.intp)
    lengths = np.diff(np.append(starts, len(mono)))
    rms = np.sqrt(np.add.reduceat(mono * mono, starts) / lengths)
    return np.minimum.reduceat(mono, starts), np.maximum.reduceat(mono, starts), rms.astype(np.float32)


def mel_spectrogram(loop: Loop) -> Floats:
    """Level of mel bands over the loop, taken as the circle it is.

    Returns:
        float32 `(MEL_BANDS, MEL_COLUMNS)`, 0 (70 dB below the loudest) to 1, lowest band first.
    """
    mono = loop.audio.mean(axis=1)
    starts = np.linspace(0, len(mono), MEL_COLUMNS, endpoint=False).astype(np.intp)
    frames = np.take(mono, starts[:, None] + np.arange(FFT) - FFT // 2, mode="wrap")
    frames *= np.hanning(FFT).astype(np.float32)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    bands = power.astype(np.float32) @ _mel_weights(loop.sample_rate)
    db = 10 * np.log10(np.maximum(bands, 1e-10))
    return np.asarray(np.clip(1 + (db - max(float(db.max()), -60.0)) / RANGE_DB, 0, 1).T, np.float32)


@functools.cache
def _mel_weights(sample_rate: int) -> Floats:
    """Triangles on the mel scale (HTK's formula), `(FFT / 2 + 1, MEL_BANDS)`."""
    def mel(hertz: float) -> float:
        return float(2595 * np.log10(1 + hertz / 700))
    edges = 700 * (10 ** (np.linspace(mel(30), mel(min(16_000, sample_rate / 2)), MEL_BANDS + 2) / 2595) - 1)
    bins = np.fft.rfftfreq(FFT, 1 / sample_rate)[:, None]
    # Low triangles are narrower than a bin: widen them, or their bands would stay empty.
    width = np.maximum(np.diff(edges), sample_rate / FFT)
    up, down = (bins - edges[1:-1] + width[:-1]) / width[:-1], (edges[1:-1] + width[1:] - bins) / width[1:]
    return np.asarray(np.clip(np.minimum(up, down), 0, None), np.float32)
