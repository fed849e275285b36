"""Where the beats of a recording lie."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..errors import AudioFileError, SettingError
from .onsets import attacks, onset_strength
from .read import Recording
from .tempo import MAX_BPM, MIN_BPM, estimate_tempo, meter_in_name, prefer, tempo_by_number, tempo_in_name

Octave = Literal["auto", "double", "half"]

_LEAD = 0.002
"""Seconds before an attack at which a bar is begun, so that the attack's first rise is in it."""

_PADDING = 0.012
"""Difference in seconds between a file's length and its named tempo's that is padding, not a rounded name."""


@dataclass(frozen=True)
class Grid:
    """The beats of a recording.

    Attributes:
        start: sample of the first downbeat, may be fractional.
        beat: samples per beat, may be fractional.
        beats: whole beats that there are from `start` on.
        circular: the beats are a loop of their own: the last is followed by the first.
        meter: beats per bar, and the note that is a beat: (4, 4).
        origin: where the tempo comes from, in words.
    """

    start: float
    beat: float
    beats: int
    circular: bool
    meter: tuple[int, int]
    origin: str


def find_grid(recording: Recording, name: str, table: Mapping[str, str], *, bpm: float | None = None,
              octave: Octave = "auto") -> Grid:
    """The beats of a recording.

    The tempo comes from, in this order: `bpm`; the table; the file's name, if it says BPM; a number in the
    name that makes the file whole bars; the sound (`estimate_tempo`).

    Args:
        recording: the file's audio; where the table has `start_sample`, as it was decoded.
        name: the file's name.
        table: what a table says of the file: any of `tempo`, `beats`, `bars`, `start_sample`, `n_samples`,
            `time_signature`.
        bpm: the tempo, if the user says it.
        octave: correct a tempo that is read from the name or the sound.

    Raises:
        AudioFileError: the table contradicts the file.
        SettingError: `bpm` is out of range.
    """
    if bpm is not None and not MIN_BPM <= bpm <= MAX_BPM:
        raise SettingError(f"tempo is {bpm:g} BPM, expected {MIN_BPM:g} to {MAX_BPM:g}")
    start, length = _span(recording, name, table)
    meter = _meter(name, table)
    rate = recording.sample_rate
    given = bpm if bpm is not None else _number(name, table, "tempo", MIN_BPM, MAX_BPM)
    listed = _number(name, table, "beats", 1, 10_000)
    bars = _number(name, table, "bars", 1, 10_000)
    if listed is None and bars is not None:
        listed = bars * meter[0]
    if bpm is None and listed is not None and listed == int(listed):
        # The table's count is exact, its tempo may be rounded.
        return Grid(start, length / listed, int(listed), True, meter, "table")
    if given is not None:
        origin = "option" if bpm is not None else "table"
    else:
        factor = {"auto": 1.0, "double": 2.0, "half": 0.5}[octave]
        given = tempo_in_name(name)
        origin = "file name"
        if given is None:
            given, origin = tempo_by_number(name, length / rate), "number in the file name"
        given = None if given is None else given * factor
    part = recording.audio[math.floor(start):math.floor(start + length)]
    strength = onset_strength(part, rate)
    if given is None:
        estimate = estimate_tempo(strength, meter[0])
        given, origin = estimate.bpm * factor, "estimated"
        if estimate.beats is not None and estimate.beats * factor == int(estimate.beats * factor):
            count = int(estimate.beats * factor)
            return Grid(start, length / count, count, True, meter, origin)
    beat = 60 * rate / given
    count = round(length / beat)
    surplus = length - count * beat
    hits = attacks(strength, part, rate)
    # A bar begins with the first rise of its first hit.
    late = max(0.0, float(hits[0]) - _LEAD * rate) if len(hits) else 0.0
    if count and abs(surplus) <= max(0.015 * length, 0.03 * rate) and abs(surplus) < 0.25 * beat:
        if abs(surplus) > _PADDING * rate:
            # Either the named tempo is rounded, or the file goes on after the loop: the hits tell.
            beat = 60 * rate / prefer(strength, given, 60 * rate * count / length)
        return Grid(start + (late if late < beat / 8 else 0.0), beat, count, True, meter, origin)
    # A last beat that is cut a little short is still a beat.
    beats = max(0, math.floor((length - late) / beat + 0.1))
    return Grid(start + late, beat, beats, False, meter, origin)


def _span(recording: Recording, name: str, table: Mapping[str, str]) -> tuple[float, float]:
    frames = len(recording.audio)
    start = _number(name, table, "start_sample", 0, 1e12) or 0.0
    length = _number(name, table, "n_samples", 1, 1e12)
    length = frames - start if length is None else length
    if start + length > frames:
        raise AudioFileError(f"{name}: start_sample + n_samples is {start + length:.0f} in the table, "
                             f"expected at most the {frames} samples of the file")
    return start, length


def _meter(name: str, table: Mapping[str, str]) -> tuple[int, int]:
    text = table.get("time_signature", "").strip()
    if not text:
        return meter_in_name(name) or (4, 4)
    above, sign, below = text.replace("/", "-").partition("-")
    if not sign or not above.isdecimal() or below not in ("2", "4", "8", "16") or not 1 <= int(above) <= 32:
        raise AudioFileError(f"{name}: time_signature is {text!r} in the table, expected a meter such as 4-4")
    return int(above), int(below)


def _number(name: str, table: Mapping[str, str], column: str, low: float, high: float) -> float | None:
    text = table.get(column, "").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise AudioFileError(f"{name}: {column} is {text!r} in the table, "
                             f"expected a number from {low:g} to {high:g}")
    return value
