"""Grooves: one bar of hits, cut from drum MIDI files with their human timing and velocities."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vaesynth.errors import DatasetError, in_words

from .cache import cached_arrays, default_cache, fingerprint
from .kits import inside, read_table
from .voices import CLASS_OF_NOTE, Hit

COLUMNS = {"file", "licence", "source", "style", "beat_type", "time_signature", "split"}
EARLY = 0.01
"""Bars (20 ms at 120 BPM) by which a stroke may come before its bar line and still belong to the bar."""
MIN_HITS = 4
LONGEST_REST = 0.5
"""Bars: a window with a longer gap is the ragged end of a take, not a groove."""


@dataclass(frozen=True)
class Groove:
    """One bar of hits, sorted by position.

    Attributes:
        id: names this very bar, with everything done to it.
        style: how it was made: `human`, `quantised` or `programmed`.
        genre: of the player's session or of the pattern, such as `funk` or `house`.
        kind: `beat` or `fill`.
        split: `train` or `validation`.
        file: where it was cut from; empty if it was programmed.
        licence, source: of that file.
        hits: the strokes.
    """

    id: str
    style: str
    genre: str
    kind: str
    split: str
    file: str
    licence: str
    source: str
    hits: tuple[Hit, ...]


def load_grooves(folder: Path, cache: Path | None = None) -> list[Groove]:
    """One-bar windows of all 4/4 MIDI files of `folder/grooves.csv`, in the table's order.

    Args:
        folder: holds `grooves.csv` (see `COLUMNS`) and the files that it names.
        cache: folder for parsed notes; the user's cache folder if None.

    Raises:
        DatasetError: the table or a MIDI file cannot be used, or no window is left.
    """
    table = folder / "grooves.csv"
    rows = [row for row in read_table(table, COLUMNS) if row["time_signature"] == "4-4"]
    if not rows:
        raise DatasetError(f"{table} has no row whose time_signature is 4-4, expected at least one")
    files = [inside(folder, row["file"]) for row in rows]
    for file in files:
        if not file.is_file():
            raise DatasetError(f"{file} is named in {table.name}, but there is no such file")

    def build() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        parsed = [_notes(file) for file in files]
        return {
            "notes": np.concatenate([np.array(notes, float).reshape(-1, 3) for notes in parsed]),
            "ends": np.cumsum([len(notes) for notes in parsed]).astype(float),
        }

    arrays = cached_arrays(cache or default_cache(), "grooves-" + fingerprint("1", table, files), build)
    ends = arrays["ends"].astype(int)
    grooves = []
    for row, begin, end in zip(rows, [0, *ends[:-1]], ends, strict=True):
        stem = Path(row["file"]).with_suffix("").as_posix()
        facts = (row["style"], row["beat_type"], row["split"], row["file"], row["licence"], row["source"])
        for bar, hits in one_bar_windows(np.asarray(arrays["notes"][begin:end], np.float64)):
            grooves.append(Groove(f"{stem}#{bar}", "human", *facts, hits))
    if not grooves:
        raise DatasetError(f"{folder} holds no bar in 4/4 with at least {MIN_HITS} hits")
    return grooves


def one_bar_windows(
    notes: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    """`(bar, hits)` of each bar with at least `MIN_HITS` hits and no rest longer than `LONGEST_REST`.

    Args:
        notes: float64 `(n, 3)`: time in bars, MIDI note, velocity 1..127.
    """
    bars = np.floor(notes[:, 0] + EARLY).astype(int)
    for bar in np.unique(bars):
        hits = sorted(
            Hit.of_note(time - int(bar), int(note), velocity / 127)
            for time, note, velocity in notes[bars == bar].tolist()
            if int(note) in CLASS_OF_NOTE
        )
        if len(hits) >= MIN_HITS and longest_rest(hits) <= LONGEST_REST:
            yield int(bar), tuple(hits)


def longest_rest(hits: Sequence[Hit]) -> float:
    """Longest circular gap in bars between neighbouring hits (sorted by position)."""
    positions = np.array([hit.position for hit in hits])
    return float(np.diff(positions, append=positions[0] + 1).max())


def _notes(file: Path) -> list[tuple[float, int, int]]:
    """`(time in bars, note, velocity)` of a MIDI file's strokes."""
    import mido

    try:
        midi = mido.MidiFile(file, clip=True)
        ticks_per_bar = 4 * midi.ticks_per_beat
        ticks, notes = 0, []
        for message in mido.merge_tracks(midi.tracks):
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                notes.append((ticks / ticks_per_bar, message.note, message.velocity))
    except (OSError, EOFError, ValueError, KeyError, IndexError, ZeroDivisionError) as error:
        raise DatasetError(f"{file} cannot be read as a MIDI file: {in_words(error)}") from error
    return notes
