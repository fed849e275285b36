"""Slices: where the hits of a loop begin, so that a loop can follow any tempo with its attacks untouched."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .loop import Audio, Loop

HOP_SECONDS = 0.0025
MIN_SLICE_SECONDS = 0.03
RISE_DB = 6.0
"""A hit is a rise of the high-frequency energy by this much within two hops…"""
FLOOR_DB = 45.0
"""… that ends not further than this below the loudest hop."""
MAX_SLICES = 4096
TAIL_SECONDS = 0.04
"""Length of the part of a slice that is repeated to and fro where a slower tempo leaves a gap behind it."""


@dataclass(frozen=True)
class SliceTable:
    """Where the slices of a loop begin and how their tails die away.

    Attributes:
        starts: first frame of each slice, ascending, in [0, frames); the last slice runs on to the first one.
        decays: gain by which the tail of each slice falls over `TAIL_SECONDS` (or half the slice), in (0, 1].
        leads: frames from the start of each slice to its hit, which is what has a place in the bar.
    """

    starts: tuple[int, ...]
    decays: tuple[float, ...]
    leads: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SlicedLoop:
    """A loop as the player takes it: stereo, at the device's rate, with its slices.

    Attributes:
        audio: float32 `(frames, 2)`, C-contiguous.
        sample_rate: in Hz.
        beats: length in beats.
        beats_per_bar: meter.
        slices: its slice table.
        serial: number under which it was handed over.
        recipe: how it was made, for a take; empty where nobody says.
    """

    audio: Audio
    sample_rate: int
    beats: int
    beats_per_bar: int
    slices: SliceTable
    serial: int = 0
    recipe: str = ""

    def numbered(self, serial: int, recipe: str = "") -> "SlicedLoop":
        """The same under a serial number, with its recipe."""
        return replace(self, serial=serial, recipe=recipe)

    @classmethod
    def of(cls, loop: Loop, serial: int = 0) -> "SlicedLoop":
        """The loop in stereo, with its slices found."""
        audio = loop.audio if loop.channels == 2 else np.repeat(loop.audio[:, :1], 2, axis=1)
        return cls(np.ascontiguousarray(audio), loop.sample_rate, loop.beats, loop.beats_per_bar,
                   find_slices(loop), serial)


def find_slices(loop: Loop) -> SliceTable:
    """Slices at the hits of a loop, and on the lines of its 16th grid where no hit is near.

    Hits are rises of the energy of the first difference (which favours the attack over the ring) in hops of
    2.5 ms; each is then traced to its first sample. Everything is circular, as the loop is.
    """
    onsets = _onsets(loop.audio, loop.sample_rate)
    sixteenth = loop.frames / (4 * loop.beats)
    lines = np.round(np.arange(4 * loop.beats) * sixteenth).astype(np.int64) % loop.frames
    if len(onsets):
        apart = np.abs(lines[:, None] - onsets[None, :])
        lines = lines[np.minimum(apart, loop.frames - apart).min(1) >= sixteenth / 2]
    starts = np.unique(np.concatenate([onsets, lines]))[:MAX_SLICES]
    leads = np.where(np.isin(starts, onsets), _hair(loop.sample_rate), 0)
    return SliceTable(tuple(starts.tolist()), _decays(loop.audio, starts, loop.sample_rate),
                      tuple(leads.tolist()))


def _hop(rate: int) -> int:
    return max(1, round(rate * HOP_SECONDS))


def _hair(rate: int) -> int:
    """Frames by which a slice begins before the first sample of its hit."""
    return _hop(rate) // 8


def _onsets(audio: Audio, rate: int) -> npt.NDArray[np.int64]:
    """A hair before the first frames of the hits, ascending."""
    frames, hop = len(audio), _hop(rate)
    count = frames // hop
    if count < 16:
        return np.zeros(0, np.int64)
    mono = audio[:, 0] + audio[:, -1]
    slope = np.diff(mono, prepend=mono[-1:])
    energy = np.square(slope[:count * hop]).reshape(count, hop).sum(1)
    level = 10 * np.log10(energy / hop + 1e-12)
    rise = level - np.maximum(np.roll(level, 1), np.roll(level, 2))
    reach = max(1, round(MIN_SLICE_SECONDS / HOP_SECONDS))
    padded = np.concatenate([rise[-reach:], rise, rise[:reach]])
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(1)
    hits = np.flatnonzero((rise >= RISE_DB) & (rise == highest) & (level > level.max() - FLOOR_DB))
    first = np.array([_first_frame(slope, int(hit) * hop, hop) for hit in hits], np.int64)
    return np.unique((first - _hair(rate)) % frames)


def _first_frame(slope: npt.NDArray[np.float32], start: int, hop: int) -> int:
    """The frame at which a hit found in the hop at `start` leaves the ring of the one before."""
    window = np.abs(slope.take(np.arange(start - hop, start + 2 * hop), mode="wrap"))
    # What rang before the hit sets the lower bound; the first sample well above it is the beginning.
    threshold = max(0.1 * float(window.max()), 1.5 * float(window[:hop // 2].max()))
    first = int(np.argmax(window >= min(threshold, float(window.max()))))
    return start - hop + first


def tail_frames(length: int, rate: int) -> int:
    """Length in frames of the part of a slice of `length` frames that is repeated."""
    return max(1, min(length // 2, round(rate * TAIL_SECONDS)))


def _decays(audio: Audio, starts: npt.NDArray[np.int64], rate: int) -> tuple[float, ...]:
    """How each slice's tail falls over its own length, from the energies of its last two tail lengths."""
    frames = len(audio)

    def energy(a: int, b: int) -> float:
        a, b = a % frames, b - a // frames * frames
        parts = (audio[a:min(b, frames)].ravel(), audio[:max(0, b - frames)].ravel())
        return sum(float(np.dot(part, part)) for part in parts)
    decays = []
    ends = [*starts[1:].tolist(), int(starts[0]) + frames]
    for start, end in zip(starts.tolist(), ends, strict=True):
        tail = tail_frames(end - start, rate)
        last, before = energy(end - tail, end), energy(end - 2 * tail, end - tail)
        decays.append(min(1.0, max(1e-3, (last / before) ** 0.5)) if before > 1e-9 else 1.0)
    return tuple(np.array(decays, np.float32).tolist())  # as the shared memory carries them
