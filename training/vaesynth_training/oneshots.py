"""`python -m vaesynth_training oneshots`: one-shots out of loops, in a folder that `render` takes."""

import argparse
import csv
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
import torch
from torch import Tensor

from vaesynth.errors import DatasetError, OutputError, SettingError, in_words
from vaesynth.folders import make_folder
from vaesynth.geometry import NATIVE_LOOP

from .data import Data
from .models.drums.fitting import FittedKit, fit_kit
from .models.drums.model import DrumVae
from .models.drums.voices import VOICES
from .render.kits import COLUMNS, LOOP_KITS, TABLE, read_table
from .render.voices import CLASS_OF_NOTE, MAIN_NOTE
from .run import Run, bundled_run

FURTHEST = 0.92
"""Loops whose bars stay further than this from the kit that was fitted to them are left out."""

LEAST_HITS = 2
LEAST_SHARE = {
    "kick": 0.02,
    "snare": 0.01,
    "rim_clap": 0.003,
    "hat_closed": 0.0004,
    "hat_open": 0.0006,
    "tom": 0.01,
    "cymbal": 0.001,
    "perc": 0.004,
}
"""Share of a loop's energy below which a voice is too soft to be told from what sounds beside it."""

PEAK = 0.9
SILENT_DB = -66.0
"""Level below the peak under which a tail ends."""


def build_parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m vaesynth_training oneshots",
        description="Take loops apart into kits of one-shots: a kit for each loop, fitted to its bars. "
        "They are synthesised, not cut out, so nothing else sounds in them.",
        epilog="Go on with: python -m vaesynth_training render --oneshots RECORDED --oneshots FOLDER …",
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DATASET", help="loops that vaesynth prepare cut")
    add("--out", type=Path, required=True, metavar="FOLDER", help="folder for one-shots and their table")
    add("--from", dest="source", default="bundled", metavar="RUN", help="drum model (the `bundled` one)")
    add(
        "--bars",
        type=int,
        default=4,
        metavar="N",
        help="bars of each loop that are listened to (%(default)s)",
    )
    add("--steps", type=int, default=160, metavar="N", help="steps of descent for each loop (%(default)s)")
    add("--seed", type=int, default=0, help="of the order of the bars (%(default)s)")
    add("--force", action="store_true", help="replace what is in FOLDER")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0.

    Raises:
        VaesynthError: an option, the data or the output cannot be used.
    """
    options = build_parser().parse_args(arguments)
    for name in ("bars", "steps"):
        if getattr(options, name) < 1:
            raise SettingError(f"--{name} is {getattr(options, name)}, expected 1 or more")
    _check_target(options.out, options.force)
    run = Run.open(bundled_run("loop") if options.source == "bundled" else Path(options.source))
    model = run.model().eval()
    if not isinstance(model, DrumVae):
        raise SettingError(f"{options.source} is a run of {run.config.model}, expected drums")
    data = Data.open([options.data], "loop")
    if data.geometry != NATIVE_LOOP:
        raise DatasetError(f"{options.data}: geometry is {data.geometry}, expected {NATIVE_LOOP}")
    torch.manual_seed(options.seed)
    make_folder(options.out.parent)
    try:
        # Where it has been moved there is nothing left to remove.
        with tempfile.TemporaryDirectory(
            prefix=f".{options.out.name}.", suffix=".part", dir=options.out.parent, ignore_cleanup_errors=True
        ) as part:
            told = _fit(model, data, options, Path(part))
            _move(Path(part), options.out)
    except (OSError, sf.LibsndfileError) as e:
        raise OutputError(
            f"{options.out}: cannot be written ({in_words(e)}), expected a writable folder"
        ) from e
    print(f"{options.out}: {told}")
    return 0


def _fit(model: DrumVae, data: Data, options: argparse.Namespace, folder: Path) -> str:
    """Write the one-shots of all loops and their table; returns how many, in words."""
    loops = shots = 0
    names: set[str] = set()
    with (folder / TABLE).open("w", newline="", encoding="utf-8") as text:
        table = csv.DictWriter(text, sorted(COLUMNS))
        table.writeheader()
        for file, bars, record in _loops(data, options.bars):
            found = fit_kit(model, bars, options.steps)
            name = _named(file, names)
            rows = _write(folder, file, name, found, record) if found.after <= FURTHEST else []
            table.writerows(rows)
            loops, shots = loops + 1, shots + len(rows)
            heard = ", ".join(row["class"] for row in rows) or "nothing"
            print(
                f"{file}: {heard} (distance {found.before:.2f}, then {found.after:.2f})",
                file=sys.stderr,
                flush=True,
            )
    return f"{shots} one-shots of {loops} loops"


def _check_target(folder: Path, force: bool) -> None:
    """Raise where one-shots must not be written; called before the work.

    Raises:
        SettingError: the folder holds one-shots and is not to be replaced, or those of another maker.
        OutputError: it is no folder.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: is no folder, expected a new one")
    if not (folder / TABLE).exists():
        return
    if not force:
        raise SettingError(f"{folder} already holds one-shots, expected a new folder (--force replaces them)")
    for row in _rows(folder):
        if not row["kit"].startswith(LOOP_KITS):
            raise SettingError(
                f"{folder} holds one-shots of {row['kit']!r}, expected kits of loops alone: "
                "only such are replaced"
            )


def _rows(folder: Path) -> list[dict[str, str]]:
    """The rows of a folder's table; none where there is no table or only its head."""
    path = folder / TABLE
    if not path.exists() or path.read_text("utf-8", "replace").count("\n") < 2:
        return []
    return read_table(path, COLUMNS)


def _move(part: Path, folder: Path) -> None:
    """Put what was written in its place, instead of what this command wrote there earlier."""
    if not folder.exists():
        part.chmod(0o755)  # temporary folders are private
        os.replace(part, folder)
        return
    old = {row["file"] for row in _rows(folder)}
    new = {path.name for path in part.iterdir()} - {TABLE}
    # The table goes last: what it names is there.
    for name in (*sorted(new), TABLE):
        os.replace(part / name, folder / name)
    for name in old - new:
        if Path(name).name == name and name.startswith(LOOP_KITS):
            (folder / name).unlink(missing_ok=True)


def _loops(data: Data, most: int) -> Iterator[tuple[str, Tensor, Mapping[str, Any]]]:
    """Each training loop: its file, some of its bars `(bars, 2, frames)`, spread over it, and a record."""
    items = (
        (bar, record)
        for batch in data.once("train", 8)
        for bar, record in zip(batch.x, batch.info, strict=True)
    )

    def file_of(item: tuple[Tensor, Mapping[str, Any]]) -> str:
        file = item[1].get("file")
        if not isinstance(file, str) or not file:
            raise DatasetError(
                f"item {item[1].get('key')!r} names no file, expected loops that vaesynth prepare cut"
            )
        return file

    for file, group in itertools.groupby(items, file_of):
        bars = list(group)
        some = np.unique(np.linspace(0, len(bars) - 1, min(most, len(bars))).round().astype(int))
        yield file, torch.stack([bars[i][0] for i in some]), bars[0][1]


def _named(file: str, names: set[str]) -> str:
    """A name for the loop's kit that no other has, added to `names`: files of two folders may share one."""
    first = name = LOOP_KITS + re.sub(r"\W+", "_", Path(file).stem)[:60]
    for number in itertools.count(2):
        if name not in names:
            break
        name = f"{first}_{number}"
    names.add(name)
    return name


def _write(
    folder: Path, file: str, name: str, kit: FittedKit, record: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Write the voices that are heard well enough; returns their rows of the table."""
    rows = []
    for voice, note, shot, hits, share in zip(VOICES, MAIN_NOTE, kit.shots, kit.hits, kit.share, strict=True):
        level = float(shot.abs().max())
        if hits < LEAST_HITS or share < LEAST_SHARE[voice.name] or level <= 0:
            continue
        sound = (shot * (PEAK / level)).T.numpy()
        audible = np.flatnonzero(np.abs(sound).max(1) > PEAK * 10 ** (SILENT_DB / 20))
        path = f"{name}_{voice.name}.flac"
        sf.write(folder / path, sound[: audible[-1] + 1], NATIVE_LOOP.sample_rate, subtype="PCM_24")
        rows.append(
            {
                "file": path,
                "kit": name,
                "class": CLASS_OF_NOTE[note],
                "licence": str(record.get("licence") or ""),
                "source": str(record.get("source") or file),
                "instrument": voice.name,
                "vel_layer": "1",
            }
        )
    return rows
