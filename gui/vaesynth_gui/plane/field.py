# SPDX-License-Identifier: GPL-3.0-or-later
"""Loudness and brightness over the latent plane, measured on loops that the model decodes there."""

import contextlib
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vaesynth.loop import Loop

Values = npt.NDArray[np.float32]
LEVELS = (5, 9, 17, 33)
"""Nodes a side, coarse to fine: each grid holds the nodes of the one before it."""
SILENCE_DB = -60.0


@dataclass(frozen=True, eq=False)
class Field:
    """Measurements on a square grid of nodes, rows from y = -1, columns from x = -1.

    Attributes:
        loudness: RMS level in dB, float32 `(n, n)`.
        brightness: spectral centroid in octaves above 1 Hz, float32 `(n, n)`.
    """

    loudness: Values
    brightness: Values

    @property
    def side(self) -> int:
        """Nodes a side."""
        return len(self.loudness)


def measure(loop: Loop) -> tuple[float, float]:
    """RMS level in dB (not below `SILENCE_DB`) and spectral centroid in octaves above 1 Hz of a loop."""
    mono = loop.audio.mean(axis=1)
    rms = float(np.sqrt(np.mean(mono**2)))
    spectrum = np.abs(np.fft.rfft(mono))
    total = float(spectrum.sum())
    if total <= 0 or rms <= 10 ** (SILENCE_DB / 20):
        return SILENCE_DB, 0.0
    hertz = np.fft.rfftfreq(len(mono), 1 / loop.sample_rate)
    return 20 * float(np.log10(rms)), float(np.log2(max(float(hertz @ spectrum) / total, 1.0)))


def refine(decode: Callable[[float, float], Loop],
           levels: tuple[int, ...] = LEVELS) -> Iterator[Field | None]:
    """Measure the plane from coarse to fine.

    Args:
        decode: the loop at a pad position (x, y) in [-1, 1].
        levels: nodes a side, ascending, each 2^k + 1 so that the grids nest.

    Yields:
        A field when a level is complete, None after each decode before that (a place to pause or to end).
    """
    known: dict[tuple[float, float], tuple[float, float]] = {}
    for side in levels:
        axis = [float(v) for v in np.linspace(-1, 1, side)]
        for y in axis:
            for x in axis:
                if (x, y) not in known:
                    known[x, y] = measure(decode(x, y))
                    yield None
        values = np.array([[known[x, y] for x in axis] for y in axis], np.float32)
        yield Field(values[..., 0], values[..., 1])


def save(field: Field, file: Path) -> None:
    """Keep a field; a cache that cannot be written is no reason to complain."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as stream:
            np.savez(stream, loudness=field.loudness, brightness=field.brightness)
        os.replace(beside, file)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()


def load(file: Path) -> Field | None:
    """A field that was kept, None where there is none or it is damaged."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            loudness, brightness = arrays["loudness"], arrays["brightness"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    good = (loudness.shape == brightness.shape and loudness.ndim == 2 and len(set(loudness.shape)) == 1
            and len(loudness) in LEVELS and np.isfinite(loudness).all() and np.isfinite(brightness).all())
    return Field(loudness.astype(np.float32), brightness.astype(np.float32)) if good else None
