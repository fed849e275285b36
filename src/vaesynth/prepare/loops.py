"""A folder of audio files → a data set of loops."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..audio_suffixes import SUFFIXES
from ..errors import SettingError
from ..geometry import NATIVE_LOOP, PAPER_LOOP, LoopGeometry
from .bars import PreparedBar, prepare_file, prepare_paper_file
from .build import Made, Progress, Recipe, build
from .grid import Octave
from .report import Report
from .sources import Choice, Source, read_table
from .tempo import MAX_BPM, MIN_BPM

TABLE = "loops.csv"
FACTS = ("tempo", "tempo_source")
SHARD_ITEMS = 256
MAX_NAMED = 5
"""Files that a remark names."""


def prepare_loops(folder: Path, out: Path, geometry: LoopGeometry = NATIVE_LOOP, *, bpm: float | None = None,
                  octave: Octave = "auto", tempi: Path | None = None, choice: Choice | None = None,
                  validation: Sequence[str] = (), overwrite: bool = False,
                  progress: Progress | None = None) -> Report:
    """Prepare every audio file of a folder and its subfolders.

    Args:
        folder: searched for WAV, AIFF, FLAC, OGG and MP3 files.
        out: the data set to write.
        geometry: of every item; `PAPER_LOOP` asks for the 2018 paper's own preparation.
        bpm: tempo of all files that `tempi` does not name.
        octave: correct tempi that are read from names or estimated.
        tempi: CSV table with the columns `file` and any of `tempo`, `beats`, `bars`, `start_sample`,
            `n_samples`, `time_signature`; goes before `bpm` and the table beside the files.
        choice: which files to use.
        validation: see `assign_splits`.
        overwrite: replace the data set `out`.
        progress: told of each file.

    Raises:
        DatasetError: no file can be used, or a table is broken.
        OutputError: `out` cannot be written.
        SettingError: an option does not fit.
    """
    if bpm is not None and not MIN_BPM <= bpm <= MAX_BPM:
        raise SettingError(f"tempo is {bpm:g} BPM, expected {MIN_BPM:g} to {MAX_BPM:g}")
    own = read_table(tempi, "file") if tempi is not None else {}

    def make(entry: Source) -> Made:
        if geometry == PAPER_LOOP:
            return _made([prepare_paper_file(entry.path, geometry)])
        # The user's own row replaces what else is known of the timing, as the two need not agree.
        row: Mapping[str, str] = own.get(entry.file, entry.table)
        said = None if entry.file in own else bpm
        return _made(prepare_file(entry.path, geometry, table=row, bpm=said, octave=octave))

    about = {"made_by": "vaesynth prepare --loops",
             "geometry": "paper" if geometry == PAPER_LOOP else "native"}
    recipe = Recipe("loop", geometry, SUFFIXES, TABLE, FACTS, SHARD_ITEMS, about, make)
    report = build(folder, out, recipe, choice or Choice(), validation, overwrite, progress)
    gone = sorted(own.keys() - {outcome.file for outcome in report.outcomes})
    more = f" and {len(gone) - MAX_NAMED} more" if len(gone) > MAX_NAMED else ""
    remark = f"{tempi}: names files that are not there: {', '.join(gone[:MAX_NAMED])}{more}" if gone else ""
    return replace(report, remark=remark)


def _made(bars: Sequence[PreparedBar]) -> Made:
    record = bars[0].record
    facts = {name: "" if record[name] is None else record[name] for name in FACTS}
    items = [(bar.loop.audio, {k: v for k, v in bar.record.items() if k != "remark"}) for bar in bars]
    return Made(items, facts, str(record["remark"]))
