"""Writing a data set: all goes to a folder beside the target, which takes its name only when complete."""

import csv
import io
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ..errors import DatasetError, OutputError
from .codec import SUFFIX, Geometry, Item, encode_item
from .info import INFO_FILE, SPLITS, TABLE_FILE, DatasetInfo, Shard

_KEY = re.compile(r"[A-Za-z0-9_-]{1,200}")


class DatasetWriter:
    """Writes one data set; use it as a context manager, so that an error discards what was written.

        with DatasetWriter(folder, "loop", NATIVE_LOOP) as writer:
            writer.add("beat-0", audio, {"name": "beat", "source": …, "licence": …, "split": "train"})

    Nothing appears under `folder` before `close`, which renames; the same items give the same bytes.

    Args:
        folder: where the data set shall be; it must not exist, or be a data set to `overwrite`.
        kind: `loop` or `image`.
        geometry: of every item.
        shard_items: items per shard at most.
        overwrite: replace a data set that is already there (at `close`).
        about: how the data set is made, kept in `dataset.json`.

    Raises:
        OutputError: the folder exists or cannot be written.
    """

    def __init__(self, folder: Path | str, kind: Literal["loop", "image"], geometry: Geometry,
                 shard_items: int = 256, overwrite: bool = False,
                 about: Mapping[str, Any] | None = None) -> None:
        if shard_items < 1:
            raise ValueError(f"shard_items is {shard_items}, expected at least 1")
        # Resolved, so that "." and links name the folder that is really replaced.
        self.folder = Path(folder).resolve()
        self.kind, self.geometry = kind, geometry
        self._shard_items, self._overwrite, self._about = shard_items, overwrite, dict(about or {})
        self._tars: dict[str, tarfile.TarFile] = {}
        self._shards: list[list[Any]] = []
        self._open_shards: dict[str, list[Any]] = {}
        self._keys: set[str] = set()
        self._licences: dict[str, dict[str, Any]] = {}
        self._info: DatasetInfo | None = None
        check_target(self.folder, overwrite)
        self._part = self.folder.with_name(f".{self.folder.name}.partial-{os.getpid()}")
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._part, ignore_errors=True)
            (self._part / "shards").mkdir(parents=True)
        except OSError as e:
            raise self._unwritable(e) from e

    def add(self, key: str, array: Item, record: Mapping[str, Any]) -> None:
        """Append one item.

        Args:
            key: its name in the shard, unique in the data set (see `make_key`).
            array: float32 `(frames, channels)` in [-1, 1], or uint8 `(height, width, 3)`.
            record: JSON values; `split` (default `train`), `source`, `licence` are counted in `dataset.json`.

        Raises:
            ValueError: key, array or record do not fit.
            OutputError: the disk is full, or the like.
        """
        self.add_encoded(key, encode_item(array, self.geometry), record)

    def add_encoded(self, key: str, payload: bytes, record: Mapping[str, Any]) -> None:
        """As `add`, for an item that `encode_item` made in another process."""
        split = record.get("split", "train")
        if split not in SPLITS:
            raise ValueError(f"split is {split!r}, expected {' or '.join(SPLITS)}")
        if not _KEY.fullmatch(key) or key in self._keys:
            raise ValueError(f"key is {key!r}, expected a new one of letters, digits, _ and -")
        text = json.dumps({"key": key, **record, "split": split}, ensure_ascii=False, allow_nan=False)
        self._keys.add(key)
        try:
            tar = self._tar(split)
            _append(tar, f"{key}.{SUFFIX[self.kind]}", payload)
            _append(tar, f"{key}.json", text.encode())
        except OSError as e:
            raise self._unwritable(e) from e
        self._open_shards[split][2] += 1
        licence = str(record.get("licence") or "unknown")
        credit = self._licences.setdefault(licence, {"items": 0, "sources": []})
        credit["items"] += 1
        source = str(record.get("source") or "unknown")
        if source not in credit["sources"]:
            credit["sources"].append(source)

    def write_table(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write `table.csv`: one row a source file; the columns are those of the first row."""
        rows = list(rows)
        try:
            with open(self._part / TABLE_FILE, "w", newline="", encoding="utf-8") as file:
                table = csv.DictWriter(file, list(rows[0]) if rows else ["file"])
                table.writeheader()
                table.writerows(rows)
        except OSError as e:
            raise self._unwritable(e) from e

    @property
    def items(self) -> dict[str, int]:
        """Split → number of items so far."""
        return {s: sum(n for _, split, n in self._shards if split == s) for s in SPLITS}

    def close(self) -> DatasetInfo:
        """Complete the data set and give it its name; harmless when repeated.

        Raises:
            DatasetError: no item was added; nothing is left behind.
            OutputError: it cannot be written; nothing is left behind.
        """
        if self._info is not None:
            return self._info
        try:
            if not self._keys:
                raise DatasetError(f"{self.folder}: no item was added, expected at least one")
            for tar in self._tars.values():
                tar.close()
            info = DatasetInfo(self.folder, self.kind, self.geometry, self.items,
                               tuple(Shard(*shard) for shard in self._shards), self._licences, self._about)
            (self._part / INFO_FILE).write_text(info.to_json(), "utf-8")
            if not (self._part / TABLE_FILE).exists():
                self.write_table([])
            self._take_name()
            self._info = info
        except OSError as e:
            raise self._unwritable(e) from e
        finally:
            self.discard()
        return info

    def discard(self) -> None:
        """Remove what was written; harmless after `close`."""
        for tar in self._tars.values():
            # After a full disk closing fails again; the file is removed anyway.
            try:
                tar.close()
            except OSError:
                continue
        shutil.rmtree(self._part, ignore_errors=True)

    def __enter__(self) -> "DatasetWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def _tar(self, split: str) -> tarfile.TarFile:
        shard = self._open_shards.get(split)
        if shard is None or shard[2] >= self._shard_items:
            if split in self._tars:
                self._tars[split].close()
            number = sum(other[1] == split for other in self._shards)
            shard = [f"shards/{split}-{number:06d}.tar", split, 0]
            self._tars[split] = tarfile.open(self._part / shard[0], "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
            self._shards.append(shard)
            self._open_shards[split] = shard
        return self._tars[split]

    def _take_name(self) -> None:
        check_target(self.folder, self._overwrite)
        old = None
        if self.folder.exists():
            old = self.folder.with_name(f".{self.folder.name}.old-{os.getpid()}")
            os.replace(self.folder, old)
        try:
            os.replace(self._part, self.folder)
        except OSError:
            if old is not None:
                os.replace(old, self.folder)
            raise
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)

    def _unwritable(self, error: OSError) -> OutputError:
        self.discard()
        reason = error.strerror or error
        return OutputError(f"{self.folder}: cannot be written ({reason}), expected a writable folder")


def check_target(folder: Path, overwrite: bool) -> None:
    """Raise where a data set must not be written; called early, before any work is done.

    Raises:
        OutputError: the folder exists and may not, or must not, be replaced.
    """
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if not overwrite:
        raise OutputError(f"{folder}: exists already, expected a new folder or --force (replaces a data set)")
    # Replacing removes: never remove what no writer of ours has made.
    if not (folder / INFO_FILE).is_file():
        raise OutputError(f"{folder}: holds no {INFO_FILE}, expected a data set, as only such is replaced")


def _append(tar: tarfile.TarFile, name: str, payload: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(payload)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(payload))
