# SPDX-License-Identifier: GPL-3.0-or-later
"""How a training gets on, read from what it writes into its folder."""

import csv
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from .work_folder import DATASET, LOG, RUN

PREVIEWS, REPORT = "previews", "table.csv"
MAX_READ = 1 << 20
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Example:
    """A pair to listen to: a loop as it is, and as the model gives it back.

    Attributes:
        name: of the loop.
        original, learnt: WAV files.
        written: time of the newer file, so that a new round is told from an old one.
    """

    name: str
    original: Path
    learnt: Path
    written: float


class LogReader:
    """Reads a run's log as it grows, the new lines only.

    Attributes:
        step, minutes: of the last row.
        values: points `(minutes, value)` of each split and name.
        live: rows have come since `catch_up`.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / RUN / LOG
        self._read = 0
        self._rest = b""
        self.step = 0
        self.minutes = 0.0
        self.live = False
        self.values: dict[tuple[str, str], Points] = defaultdict(list)

    def catch_up(self) -> None:
        """Read what an earlier process has written."""
        while self.poll():
            pass
        self.live = False

    def poll(self) -> bool:
        """Read what is new; whether there was anything."""
        try:
            with open(self._file, "rb") as file:
                file.seek(self._read)
                data = file.read(MAX_READ)
        except OSError:
            return False
        self._read += len(data)
        lines, end, self._rest = (self._rest + data).rpartition(b"\n")
        for row in csv.reader(io.StringIO(lines.decode(errors="replace"))):
            if len(row) == 5 and row[0].isdecimal():
                self.live = True
                self.step, self.minutes = int(row[0]), float(row[1])
                self.values[row[2], row[3]].append((self.minutes, float(row[4])))
        return bool(end)


def refusals(folder: Path) -> list[tuple[str, str]]:
    """Files that preparation could not use, each with its reason."""
    try:
        with open(folder / DATASET / REPORT, newline="", encoding="utf-8") as file:
            return [(row["file"], row["reason"]) for row in csv.DictReader(file)
                    if row.get("status") == "refused"]
    except (OSError, KeyError, csv.Error, UnicodeDecodeError):
        return []


def examples(folder: Path) -> list[Example]:
    """The pairs that there are to listen to by now."""
    found = []
    for original in sorted((folder / RUN / PREVIEWS).glob("*.original.wav")):
        name = original.name.removesuffix(".original.wav")
        learnt = original.with_name(f"{name}.reconstruction.wav")
        if learnt.is_file():
            found.append(Example(name.partition(" ")[2] or name, original, learnt, learnt.stat().st_mtime))
    return found
