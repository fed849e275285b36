"""The way from a folder to a data set, the same for loops and pictures."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..dataset import DatasetWriter, make_key
from ..dataset.codec import Geometry, Item
from ..dataset.writer import check_target
from ..errors import AudioFileError, DatasetError, ImageFileError
from .report import LEFT_OUT, REFUSED, TAKEN, Outcome, Report
from .sources import Choice, Source, select
from .split import assign_splits

Progress = Callable[[int, int, str], None]
"""Called before each file with its number from 0, the number of files, and its name."""


@dataclass(frozen=True)
class Made:
    """What one file gave.

    Attributes:
        items: arrays at the data set's geometry, each with what its record says beyond the file's own facts.
        facts: further columns of `table.csv`.
        remark: what else one should know of the file.
    """

    items: Sequence[tuple[Item, Mapping[str, Any]]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True)
class Recipe:
    """How files of one kind become items.

    Attributes:
        kind: of the data set.
        geometry: of its items.
        suffixes: of the files.
        table: default name of the table beside the files.
        facts: columns of `table.csv` that this recipe adds.
        shard_items: items per shard at most.
        about: how the data set is made.
        make: one file's items; raises `AudioFileError` or `ImageFileError` where it cannot be used.
    """

    kind: Literal["loop", "image"]
    geometry: Geometry
    suffixes: tuple[str, ...]
    table: str
    facts: tuple[str, ...]
    shard_items: int
    about: Mapping[str, Any]
    make: Callable[[Source], Made]


def build(folder: Path, out: Path, recipe: Recipe, choice: Choice, validation: Sequence[str] = (),
          overwrite: bool = False, progress: Progress | None = None) -> Report:
    """Prepare every file of a folder; what cannot be used is refused with its reason, the rest goes on.

    Raises:
        DatasetError: the folder holds nothing that can be used.
        OutputError: `out` exists or cannot be written; nothing half-written is left behind.
        SettingError: an option does not fit.
    """
    check_target(out, overwrite)
    selection = select(folder, recipe.suffixes, recipe.table, choice)
    splits = assign_splits(selection.sources, validation)
    columns = ("split", *recipe.facts, "source", "licence", "sha256")
    outcomes: list[Outcome] = []
    seen: dict[str, str] = {}
    writer = DatasetWriter(out, recipe.kind, recipe.geometry, recipe.shard_items, overwrite, recipe.about)
    with writer:
        for number, entry in enumerate(selection.sources):
            if progress is not None:
                progress(number, len(selection.sources), entry.file)
            try:
                digest = _sha256(entry.path)
                made = seen.get(digest) or recipe.make(entry)
            except (AudioFileError, ImageFileError) as e:
                reason = str(e).removeprefix(f"{entry.path}: ")
                outcomes.append(Outcome(entry.file, REFUSED, reason=reason))
                continue
            if isinstance(made, str):
                outcomes.append(Outcome(entry.file, REFUSED, reason=f"has the same content as {made}"))
                continue
            seen[digest] = entry.file
            facts = {"file": entry.file, "sha256": digest, "source": entry.source, "licence": entry.licence,
                     "split": splits[entry.file]}
            for index, (array, record) in enumerate(made.items):
                # The number keeps keys apart that differ in letters which a key cannot have.
                key = make_key(f"{number:06d}", entry.path.stem, index)
                writer.add(key, array, {**record, **facts, "table": dict(entry.table)})
            outcomes.append(Outcome(entry.file, TAKEN, len(made.items), made.remark, {**facts, **made.facts}))
        outcomes += [Outcome(file, LEFT_OUT, reason=reason) for file, reason in selection.left_out]
        if not seen:
            raise DatasetError(f"{folder}: none of its {len(selection.sources)} files can be used; "
                               f"{outcomes[0].file} {outcomes[0].reason}")
        writer.write_table(Report(outcomes).rows(columns))
        info = writer.close()
    return Report(outcomes, info)


def _sha256(path: Path) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as e:
        raise AudioFileError(f"{path}: cannot be read ({e.strerror or e})") from e
