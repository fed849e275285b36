"""The files of a folder, with what a table beside them says of each."""

import csv
import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..errors import DatasetError

MAX_TABLE_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Source:
    """One file that may become items.

    Attributes:
        path: where it lies.
        file: its name relative to the folder, with forward slashes.
        source: whom it comes from, to be credited.
        licence: of the file.
        table: its row of the table, empty where there is none.
    """

    path: Path
    file: str
    source: str
    licence: str
    table: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Selection:
    """What a folder holds: files to use, and files left out, each with the reason."""

    sources: tuple[Source, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Choice:
    """Which files of a folder to use, and what is known of them.

    Attributes:
        table: CSV with the columns `file`, `source`, `licence`, `split` and others; None: the file of the
            default name in the folder and in each of its subfolders, where there is one.
        where: column → value; only files whose row has these values are used.
        only: patterns of file or source names (`*`, `?`); where given, only what matches one is used.
        exclude: patterns of file or source names that are not used.
        source, licence: of files for which the table names none.
    """

    table: Path | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    source: str = ""
    licence: str = ""


def select(folder: Path, suffixes: Iterable[str], default_table: str, choice: Choice) -> Selection:
    """The files below `folder` whose suffix is one of `suffixes`, in order of their names.

    Hidden files and folders are passed over.

    Raises:
        DatasetError: the folder or the table is missing or unreadable, or names nothing that can be used.
    """
    if not folder.is_dir():
        raise DatasetError(f"{folder}: is no folder, expected one that holds the files to prepare")
    try:
        found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))
                 if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)}
    except OSError as e:
        raise DatasetError(f"{folder}: cannot be read ({e.strerror}), expected a readable folder") from e
    if choice.table is not None:
        table = read_table(choice.table, "file")
    else:
        table = {(PurePosixPath(file).parent / name).as_posix(): row
                 for file, path in found.items() if path.name == default_table
                 for name, row in read_table(path, "file").items()}
    columns = {name for row in table.values() for name in row}
    for name in choice.where:
        if name not in columns:
            known = ", ".join(sorted(columns)) or "no columns"
            where = choice.table or folder / default_table
            raise DatasetError(f"{where}: has {known}, expected a column {name}")
    known_suffixes = tuple(suffixes)
    sources, left_out = [], []
    for file, path in found.items():
        if not file.lower().endswith(known_suffixes):
            if path.name != default_table and path != choice.table:
                left_out.append((file, "its name does not end in " + ", ".join(known_suffixes)))
            continue
        row = table.get(file, {})
        entry = Source(path, file, row.get("source") or choice.source or folder.resolve().name,
                       row.get("licence") or choice.licence or "unknown", row)
        reason = _reason_against(entry, choice)
        if reason:
            left_out.append((file, reason))
        else:
            sources.append(entry)
    left_out += [(file, "is named in the table, but does not exist")
                 for file in table if file not in found]
    if not sources:
        expected = ", ".join(known_suffixes)
        raise DatasetError(f"{folder}: holds no file to use, expected files ending in {expected}"
                           + (" that the options do not leave out" if left_out else ""))
    return Selection(tuple(sources), tuple(left_out))


def _reason_against(entry: Source, choice: Choice) -> str | None:
    for column, value in choice.where.items():
        if entry.table.get(column) != value:
            return f"{column} is {entry.table.get(column) or 'unknown'}, not {value}"
    if choice.only and not any(matches(entry, pattern) for pattern in choice.only):
        return "matches none of " + ", ".join(choice.only)
    for pattern in choice.exclude:
        if matches(entry, pattern):
            return f"excluded by {pattern}"
    return None


def matches(entry: Source, pattern: str) -> bool:
    """Whether the file's or the source's name equals `pattern`, where `*` and `?` stand for anything."""
    return any(name == pattern or fnmatch.fnmatchcase(name.casefold(), pattern.casefold())
               for name in (entry.file, entry.source))


def read_table(path: Path, key: str) -> dict[str, dict[str, str]]:
    """Rows of a CSV file by the value of their column `key`.

    Raises:
        DatasetError: the table is missing, too big, not text, or has no such column.
    """
    try:
        size = path.stat().st_size
        if size > MAX_TABLE_BYTES:
            raise DatasetError(f"{path}: has {size} bytes, expected a table of at most {MAX_TABLE_BYTES}")
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if key not in (reader.fieldnames or ()):
                raise DatasetError(f"{path}: has no column {key}, expected a table whose first line names it")
            # Cells beyond the header come under None, missing ones as None.
            return {row[key]: {k: v for k, v in row.items() if k is not None and v is not None}
                    for row in reader if row[key]}
    except OSError as e:
        raise DatasetError(f"{path}: cannot be read ({e.strerror}), expected a CSV table") from e
    except (UnicodeDecodeError, csv.Error) as e:
        raise DatasetError(f"{path}: is no CSV table in UTF-8 ({e})") from e
