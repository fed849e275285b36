"""`dataset.json`: what a data set says of itself, written and checked."""

import dataclasses
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..errors import DatasetError
from ..geometry import ImageGeometry, LoopGeometry

FORMAT = 1
INFO_FILE = "dataset.json"
TABLE_FILE = "table.csv"
MAX_INFO_BYTES = 64 * 2**20
SPLITS = ("train", "validation")

# A shard's name is matched whole, so that no data set can point outside its own folder.
_SHARD_FILE = re.compile(r"shards/[A-Za-z0-9_-]{1,100}\.tar")
_LOOP_BOUNDS = {"sample_rate": (1_000, 768_000), "channels": (1, 64), "frames": (1, 768_000 * 600),
                "beats": (1, 256), "beats_per_bar": (1, 64)}
_IMAGE_BOUNDS = {"height": (1, 16_384), "width": (1, 16_384)}


@dataclass(frozen=True)
class Shard:
    """One tar of items: `file` relative to the data set's folder, its split, and how many items it holds."""

    file: str
    split: str
    items: int


@dataclass(frozen=True)
class DatasetInfo:
    """What a data set holds; every field has been checked by `open`.

    Attributes:
        folder: where it lies.
        kind: `loop` or `image`.
        geometry: of every item.
        items: split → number of items.
        shards: in the order in which they were written.
        licences: licence → {"items": count, "sources": names to credit}.
        about: how it was made (free form).
    """

    folder: Path
    kind: Literal["loop", "image"]
    geometry: LoopGeometry | ImageGeometry
    items: Mapping[str, int]
    shards: tuple[Shard, ...]
    licences: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def shard_paths(self, split: str) -> list[Path]:
        """The shards of a split, in order; empty where the split has none."""
        return [self.folder / shard.file for shard in self.shards if shard.split == split]

    def to_json(self) -> str:
        """The text of `dataset.json`."""
        values = {
            "format": FORMAT, "kind": self.kind, "geometry": dataclasses.asdict(self.geometry),
            "items": dict(self.items), "shards": [dataclasses.asdict(s) for s in self.shards],
            "licences": dict(self.licences), "about": dict(self.about)}
        return json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str, folder: Path | str) -> "DatasetInfo":
        """Check the text of a `dataset.json`.

        Args:
            text: the JSON.
            folder: where it was found. In a `Path` its shards must exist; a URL is only named.

        Raises:
            DatasetError: the description is broken; names field and value.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise DatasetError(f"{folder}/{INFO_FILE}: is no JSON ({e}), expected one JSON object") from e
        return _check(values, folder)

    @classmethod
    def open(cls, folder: Path | str) -> "DatasetInfo":
        """Read and check a data set's `dataset.json`; the shards must exist, and are not read.

        Raises:
            DatasetError: the folder is no data set or its description is broken; names field and value.
        """
        folder = Path(folder)
        path = folder / INFO_FILE
        if not folder.is_dir():
            raise DatasetError(f"{folder}: is no folder, expected a data set")
        if not path.is_file():
            raise DatasetError(f"{folder}: holds no {INFO_FILE}, expected a data set (see vaesynth prepare)")
        try:
            size = path.stat().st_size
            if size > MAX_INFO_BYTES:
                raise DatasetError(f"{path}: has {size} bytes, expected at most {MAX_INFO_BYTES}")
            text = path.read_text("utf-8")
        except OSError as e:
            raise DatasetError(f"{path}: cannot be read ({e.strerror}), expected a readable file") from e
        except ValueError as e:
            raise DatasetError(f"{path}: is no JSON ({e}), expected one JSON object") from e
        return cls.from_json(text, folder)


def _check(values: Any, folder: Path | str) -> DatasetInfo:
    where = f"{folder}/{INFO_FILE}"

    def fail(name: str, value: Any, expected: str) -> DatasetError:
        return DatasetError(f"{where}: {name} is {repr(value)[:80]}, expected {expected}")

    if not isinstance(values, dict):
        raise fail("content", values, "one JSON object")
    if values.get("format") != FORMAT:
        raise fail("format", values.get("format"), f"{FORMAT} (a newer vaesynth may be needed)")
    kind = values.get("kind")
    if kind not in ("loop", "image"):
        raise fail("kind", kind, "loop or image")
    bounds = _LOOP_BOUNDS if kind == "loop" else _IMAGE_BOUNDS
    given = values.get("geometry")
    if not isinstance(given, dict) or set(given) != set(bounds):
        raise fail("geometry", given, "an object with " + ", ".join(bounds))
    for name, (low, high) in bounds.items():
        if not _is_count(given[name]) or not low <= given[name] <= high:
            raise fail(f"geometry.{name}", given[name], f"a whole number from {low} to {high}")
    shards: list[Shard] = []
    entries = values.get("shards")
    if not isinstance(entries, list) or not entries:
        raise fail("shards", entries, "a list with at least one shard")
    for i, entry in enumerate(entries):
        name = f"shards[{i}]"
        if not isinstance(entry, dict) or set(entry) != {"file", "split", "items"}:
            raise fail(name, entry, "an object with file, split, items")
        if not isinstance(entry["file"], str) or not _SHARD_FILE.fullmatch(entry["file"]):
            raise fail(f"{name}.file", entry["file"], "shards/NAME.tar inside the data set")
        if entry["split"] not in SPLITS:
            raise fail(f"{name}.split", entry["split"], " or ".join(SPLITS))
        if not _is_count(entry["items"]) or entry["items"] < 1:
            raise fail(f"{name}.items", entry["items"], "a whole number from 1")
        if isinstance(folder, Path) and not (folder / entry["file"]).is_file():
            raise fail(f"{name}.file", entry["file"], "a file that exists")
        shards.append(Shard(**entry))
    counted = {s: sum(shard.items for shard in shards if shard.split == s) for s in SPLITS}
    if values.get("items") != counted:
        raise fail("items", values.get("items"), f"{counted}, the sum of its shards")
    for name in ("licences", "about"):
        if not isinstance(values.get(name), dict):
            raise fail(name, values.get(name), "an object")
    geometry = LoopGeometry(**given) if kind == "loop" else ImageGeometry(**given)
    licences, about = values["licences"], values["about"]
    return DatasetInfo(Path(folder), kind, geometry, counted, tuple(shards), licences, about)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def make_key(*parts: str | int) -> str:
    """A key for an item from names and numbers, such as `make_key("Loop 05.wav", 0)` → `Loop_05_wav-0`.

    WebDataset ends a key at the first dot; other characters might not survive every file system.
    """
    plain = [unicodedata.normalize("NFKD", str(part)).encode("ascii", "ignore").decode() for part in parts]
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part).strip("_") or "_" for part in plain)[:160]
