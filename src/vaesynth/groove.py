"""The groove of a loop: when which voice is struck, and how hard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import maximum_filter1d

from .loop import Audio, Loop
from .metadata import REST

WINDOW_SECONDS = 0.02
"""A whole cycle of the lowest drums, so that the ring of a kick is no onset."""
RISE_DB = 4.0
"""An onset is where the energy of the next window is this much above that of the last one."""
APART_SECONDS = 0.03
STRENGTH_SECONDS = 0.03
"""How hard a hit is, is the highest level of the time after its onset."""
SPECTRUM_SECONDS = 0.05
DOWNBEAT_SECONDS = 0.005
"""What begins this short before the loop's end is meant for its downbeat."""
FAINTEST_DB = -30.0
"""A hit that is weaker than this beside the strongest one of its voice is none."""
SILENT_DB = -40.0
"""A voice that stays below this beside the whole loop is silent."""
LOW_HZ, HIGH_HZ = 160.0, 4_000.0
KICK, SNARE, HAT = "kick", "snare", "hat_closed"


@dataclass(frozen=True)
class Stroke:
    """One hit.

    Attributes:
        beat: when, in beats from the loop's start.
        voice: name of what is struck.
        strength: level beside the strongest hit of the voice, above 0 to 1.
    """

    beat: float
    voice: str
    strength: float


def find_groove(loop: Loop, voices: Sequence[str] = ()) -> tuple[Stroke, ...]:
    """The strokes of a loop, in their order.

    Where the loop has stems, they are the onsets of each stem. Without stems each onset of the mix is taken
    for a kick, a snare or a hat by where most of its energy lies: below 160 Hz, between, or above 4 kHz.

    Args:
        loop: with or without stems.
        voices: names of its stems.
    """
    found = []
    if loop.stems is not None and len(loop.stems) == len(voices):
        loudest = float(np.abs(loop.audio).max())
        for voice, stem in zip(voices, loop.stems, strict=True):
            if voice != REST and np.abs(stem).max() > loudest * 10 ** (SILENT_DB / 20):
                found += _strokes(stem, loop, voice)
    else:
        found = _strokes(loop.audio, loop, None)
    return tuple(sorted(found, key=lambda stroke: (stroke.beat, stroke.voice)))


def find_onsets(audio: Audio, rate: int) -> npt.NDArray[np.int64]:
    """First frames of the hits in one voice's audio `(frames, channels)`, which goes round, ascending.

    Other than the slices of `slicing`, which may lie close for the sake of their attacks, these are few and
    sure: one for each stroke, whatever rings.
    """
    frames, window = len(audio), round(WINDOW_SECONDS * rate)
    if frames < 4 * window or not audio.any():
        return np.zeros(0, np.int64)
    energy = np.square(audio, dtype=np.float64).sum(1)
    total = np.concatenate([[0.0], np.cumsum(np.concatenate([energy[-window:], energy, energy[:window]]))])
    after = total[2 * window:2 * window + frames] - total[window:window + frames]
    before = total[window:window + frames] - total[:frames]
    floor = after.max() * 10 ** (FAINTEST_DB / 10) / 10
    rise = 10 * np.log10((after + floor) / (before + floor))
    reach = round(APART_SECONDS * rate)
    highest = maximum_filter1d(rise, 2 * reach + 1, mode="wrap")
    hits = np.flatnonzero((rise == highest) & (rise >= RISE_DB))
    # Of equal neighbours the first one.
    return hits[np.diff(hits, prepend=hits[-1:] - frames) > reach] if len(hits) > 1 else hits


def _strokes(audio: Audio, loop: Loop, voice: str | None) -> list[Stroke]:
    """The strokes of one voice, or of a mix, whose voices are guessed."""
    onsets = find_onsets(audio, loop.sample_rate)
    if not len(onsets):
        return []
    levels = np.array([np.abs(_after(audio, int(start), STRENGTH_SECONDS, loop.sample_rate)).max()
                       for start in onsets])
    strengths = levels / max(float(levels.max()), 1e-9)
    last = loop.frames - round(DOWNBEAT_SECONDS * loop.sample_rate)
    return [Stroke(int(start) * loop.beats / loop.frames if start < last else 0.0,
                   voice or _kind(audio, int(start), loop.sample_rate), float(strength))
            for start, strength in zip(onsets, strengths, strict=True)
            if strength > 10 ** (FAINTEST_DB / 20)]


def _after(audio: Audio, start: int, seconds: float, rate: int) -> npt.NDArray[np.float32]:
    return audio.take(np.arange(start, start + round(seconds * rate)), axis=0, mode="wrap")


def _kind(audio: Audio, start: int, rate: int) -> str:
    """What a hit of a mix is taken for."""
    part = _after(audio, start, SPECTRUM_SECONDS, rate).mean(1)
    energy = np.square(np.abs(np.fft.rfft(part * np.hanning(2 * len(part))[len(part):])))
    hertz = np.fft.rfftfreq(len(part), 1 / rate)
    low, high = float(energy[hertz < LOW_HZ].sum()), float(energy[hertz > HIGH_HZ].sum())
    if 2 * low > energy.sum():
        return KICK
    return HAT if 2 * high > energy.sum() else SNARE
