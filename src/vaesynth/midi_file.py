"""A groove as a standard MIDI file, for a drum sampler."""

import contextlib
import io
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from .errors import OutputError, SettingError
from .groove import Stroke

TICKS = 960
"""A beat."""
DRUM_CHANNEL = 9
LENGTH = TICKS // 8
"""Of a note, unless the same one is struck again before."""
GENERAL_MIDI = (
    ("kick", 36), ("bass_drum", 36), ("snare", 38), ("rim", 37), ("clap", 39), ("hat_open", 46),
    ("open_hat", 46), ("hat", 42), ("tom", 45), ("crash", 49), ("ride", 51), ("cymbal", 51), ("cowbell", 56),
    ("tambourine", 54), ("shaker", 70), ("conga", 63), ("bongo", 60), ("perc", 60))
"""Part of a voice's name → note of General MIDI's drum map; the first that fits counts."""
OTHERS = range(61, 82)
"""Notes for voices of other names, one after the other."""


def drum_notes(voices: Sequence[str]) -> dict[str, int]:
    """The note of each voice: General MIDI's where its name tells, else one that is left."""
    notes: dict[str, int] = {}
    for voice in voices:
        plain = voice.lower().replace(" ", "_").replace("-", "_")
        known = next((note for part, note in GENERAL_MIDI if part in plain), None)
        left = (note for note in OTHERS if note not in notes.values())
        notes[voice] = known if known is not None else next(left, OTHERS[-1])
    return notes


def write_groove(path: Path, strokes: Sequence[Stroke], bpm: float, *, beats: int, total_beats: int,
                 beats_per_bar: int = 4, name: str = "", voices: Sequence[str] = ()) -> None:
    """Write a file of one track on channel 10 with tempo and meter; it lasts exactly `total_beats`.

    Args:
        path: ends with .mid or .midi.
        strokes: of one loop.
        bpm: the tempo.
        beats: length of the loop.
        total_beats: of the file; the loop is repeated until then.
        beats_per_bar: the meter, over quarters.
        name: of the track.
        voices: names of all voices, so that the same voice always has the same note.

    Raises:
        SettingError: another ending, or mido is not installed.
        OutputError: the file cannot be written.
    """
    if path.suffix.lower() not in (".mid", ".midi"):
        raise SettingError(f"{path} ends with {path.suffix or 'nothing'}, expected .mid or .midi")
    try:
        import mido
    except ImportError as e:
        raise SettingError("MIDI is to be written, expected the package mido to be installed "
                           "(pip install 'vaesynth[control]')") from e
    track = mido.MidiTrack([
        mido.MetaMessage("track_name", name=name.encode("ascii", "replace").decode()),
        mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm)),
        mido.MetaMessage("time_signature", numerator=beats_per_bar, denominator=4)])
    now = 0
    for tick, on, note, velocity in _events(strokes, beats, total_beats, drum_notes(voices)):
        track.append(mido.Message("note_on" if on else "note_off", channel=DRUM_CHANNEL, note=note,
                                  velocity=velocity, time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=total_beats * TICKS - now))
    data = io.BytesIO()
    mido.MidiFile(type=0, ticks_per_beat=TICKS, tracks=[track]).save(file=data)
    _write_whole(path, data.getvalue())


def _events(strokes: Sequence[Stroke], beats: int, total_beats: int,
            notes: dict[str, int]) -> list[tuple[int, bool, int, int]]:
    """(tick, whether on, note, velocity), in the order of a file: where one note ends, the next may begin."""
    end = total_beats * TICKS
    starts: dict[tuple[int, int], int] = {}
    for turn in range(-(-total_beats // beats)):
        for stroke in strokes:
            tick = round((turn * beats + stroke.beat) * TICKS)
            note = notes[stroke.voice]
            if tick < end:
                starts[note, tick] = max(starts.get((note, tick), 1), round(127 * stroke.strength**0.5))
    events = []
    for (note, tick), velocity in starts.items():
        again = min((t for n, t in starts if n == note and t > tick), default=end)
        events += [(tick, True, note, velocity), (min(tick + LENGTH, again, end), False, note, 0)]
    return sorted(events)


def _write_whole(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError as e:
        raise OutputError(f"{path} cannot be written ({e.strerror}), expected a writable place") from e
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
