# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of one training: the loops as they are to be read, and the commands that learn from them."""

import contextlib
import csv
import itertools
import json
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from vaesynth.errors import OutputError, in_words
from vaesynth.models import DECODER_SUFFIX
from vaesynth.server.runtime import FileLock
from vaesynth.wav import write_audio

from .material import LoopFile, as_said

LOOPS, TABLE, DATASET, RUN, PLAN = "loops", "tempi.csv", "dataset", "run", "plan.json"
LOG, CHECKPOINT, LOCK = "log.csv", Path("checkpoints", "last.ckpt"), "lock"
MOST_LOOKED_AT = 20
StageName = Literal["prepare", "train", "export"]
MINUTES = (5, 10, 20, 60, 180)
BESIDE = "vaesynth_gui.learn.beside"


@dataclass(frozen=True)
class Plan:
    """What is to be learnt, how long, and where it lies.

    Attributes:
        name: of the instrument, shown to people.
        minutes: of training.
        folder: of the loops, the data set and the run.
        model: the decoder file that comes out.
        licence: of the loops, empty where it is not said.
    """

    name: str
    minutes: float
    folder: Path
    model: Path
    licence: str = ""

    @property
    def saved(self) -> bool:
        """Whether there is a training to go on with."""
        return (self.folder / RUN / CHECKPOINT).is_file()

    @property
    def lock(self) -> Path:
        """Held by the process that works in the folder, see `beside`."""
        return self.folder / LOCK

    @property
    def busy(self) -> bool:
        """Whether a process works in the folder, be it of a window that was closed."""
        try:
            return not FileLock(self.lock).is_free()
        except OSError:  # not ours to open: nothing of ours works there
            return False

    def command(self, stage: StageName, *, resume: bool = False) -> list[str]:
        """The command line of one stage."""
        folder = self.folder
        run = folder / RUN
        arguments = {
            "prepare": ["vaesynth", "prepare", "--loops", folder / LOOPS, "--out", folder / DATASET,
                        "--tempi", folder / TABLE, "--source", self.name, "--force",
                        *(["--licence", self.licence] if self.licence else [])],
            "train": ["vaesynth_training", "drums", "--from", "bundled", "--data", folder / DATASET,
                      "--out", run, "--minutes", f"{self.minutes:g}", "--set", "training.log_steps=1",
                      "--set", f"training.validate_minutes={max(1.0, self.minutes / 6):g}",
                      "--resume" if resume else "--force"],
            "export": ["vaesynth_export", run, "--out",
                       self.model.with_name(self.model.name.removesuffix(DECODER_SUFFIX)),
                       "--name", self.name]}[stage]
        return [sys.executable, "-m", BESIDE, *map(str, arguments)]


def unfinished(runs: Path) -> Plan | None:
    """The newest training whose instrument was not made, `busy` or not; None where there is none."""
    for file in sorted(runs.glob(f"*/{PLAN}"), reverse=True)[:MOST_LOOKED_AT]:
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            plan = Plan(str(values["name"]), float(values["minutes"]), file.parent, Path(values["model"]),
                        str(values["licence"]))
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if not plan.model.exists():
            return plan
    return None


def give_up(plan: Plan) -> None:
    """Let a training no longer count as unfinished; what it has left stays."""
    with contextlib.suppress(OSError):
        (plan.folder / PLAN).unlink()


def clear_log(plan: Plan) -> None:
    """Forget what a training has logged that begins anew."""
    with contextlib.suppress(OSError):
        (plan.folder / RUN / LOG).unlink()


def new_plan(name: str, minutes: float, licence: str, runs: Path, models: Path) -> Plan:
    """A plan in a folder of its own; an instrument of the same name is never overwritten.

    Args:
        runs: where trainings are kept.
        models: where the instrument goes.
    """
    plain = re.sub(r"[^\w-]+", "-", name.strip()).strip("-").lower()[:48] or "my-loops"
    model = _free(models, plain, DECODER_SUFFIX)
    stamp = datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder = _free(runs, f"{stamp}-{plain}")  # another one may have begun in the same second
    return Plan(name.strip() or plain, minutes, folder, model, licence.strip())


def _free(where: Path, name: str, suffix: str = "") -> Path:
    """The first of `name`, `name-2`, `name-3` … in a folder that does not exist yet, with or without the
    suffix: the export takes no name of a folder.
    """
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    stems = (where / stem for stem in itertools.chain([name], numbered))
    paths = ((stem, stem.with_name(stem.name + suffix)) for stem in stems)
    return next(path for stem, path in paths if not (path.exists() or stem.is_dir()))


def lay_out(plan: Plan, loops: Sequence[LoopFile]) -> None:
    """Fill the plan's folder: loops that the musician corrected are written anew, others copied as they are.

    Raises:
        AudioFileError: a loop can no longer be read.
        OutputError: the folder cannot be written.
    """
    folder = plan.folder / LOOPS
    try:
        folder.mkdir(parents=True)
        taken: set[str] = set()
        rows = []
        for loop in loops:
            suffix = ".wav" if loop.corrected else loop.path.suffix.lower()
            name, number = loop.path.stem + suffix, 2
            while name.lower() in taken:
                name, number = f"{loop.path.stem} ({number}){suffix}", number + 1
            taken.add(name.lower())
            if loop.corrected:
                write_audio(folder / name, as_said(loop), loop.sample_rate, 32)
                rows.append((name, loop.beats))
            else:
                shutil.copyfile(loop.path, folder / name)
        with open(plan.folder / TABLE, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("file", "beats"), *rows])
        values = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(plan).items()}
        (plan.folder / PLAN).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    except OSError as e:
        raise OutputError(f"{plan.folder} cannot be filled ({in_words(e)}), expected a writable place") from e
