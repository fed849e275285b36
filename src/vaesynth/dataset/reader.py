"""Items of a data set as a stream: one at a time, so that a data set of any size can be read."""

import json
import math
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from ..errors import DatasetError
from .codec import SUFFIX, Geometry, Item, decode_item, item_shape
from .info import SPLITS, DatasetInfo

MAX_RECORD_BYTES = 16 * 2**20
MAX_HEADER_BYTES = 2**16


def read_items(folder: Path | str, split: str = "train") -> Iterator[tuple[Item, dict[str, Any]]]:
    """Items of one split in the order in which they were written.

    Args:
        folder: the data set.
        split: `train` or `validation`; a split without items yields nothing.

    Yields:
        (array, record): float32 `(frames, channels)` or uint8 `(height, width, 3)`, and the JSON record.

    Raises:
        DatasetError: the data set is missing or broken.
        ValueError: `split` is another word.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}, expected {' or '.join(SPLITS)}")
    info = DatasetInfo.open(folder)
    for shard in info.shards:
        if shard.split != split:
            continue
        count = 0
        for item in read_shard(info.folder / shard.file, info.geometry):
            count += 1
            yield item
        if count != shard.items:
            raise DatasetError(f"{info.folder / shard.file}: holds {count} items, expected {shard.items}")


def read_shard(path: Path, geometry: Geometry) -> Iterator[tuple[Item, dict[str, Any]]]:
    """Items of one shard, as `read_items`; an item's array must come right before its record.

    Raises:
        DatasetError: the shard is damaged; names the member and what was expected.
    """
    try:
        with open(path, "rb") as file:
            for packed in read_packed(file, str(path), geometry):
                record = packed.record()
                yield packed.item(geometry), record
    except OSError as e:
        raise DatasetError(f"{path}: cannot be read ({e.strerror or e}), expected a readable shard") from e


@dataclass(frozen=True)
class Packed:
    """An item as it lies in a shard, not decoded yet.

    Attributes:
        where: shard and key, for messages.
        payload: FLAC or PNG.
        text: its record, JSON.
    """

    where: str
    payload: bytes
    text: bytes

    def item(self, geometry: Geometry) -> Item:
        """The array: float32 `(frames, channels)` or uint8 `(height, width, 3)`.

        Raises:
            DatasetError: it is damaged or of another shape.
        """
        try:
            return decode_item(self.payload, geometry)
        except DatasetError as e:
            raise DatasetError(f"{self.where} {e}") from e

    def record(self) -> dict[str, Any]:
        """The record.

        Raises:
            DatasetError: it is no JSON object.
        """
        try:
            record = json.loads(self.text)
        except (ValueError, RecursionError) as e:
            raise DatasetError(f"{self.where}.json is no JSON ({e}), expected the item's record") from e
        if not isinstance(record, dict):
            raise DatasetError(f"{self.where}.json is a {type(record).__name__}, expected an object")
        return record


def read_packed(file: IO[bytes], name: str, geometry: Geometry | None) -> Iterator[Packed]:
    """Items of a shard from a stream, which is never sought in, with one of them in memory at a time.

    Args:
        file: the tar; read from where it stands.
        name: what messages call it.
        geometry: of the items; None: their records alone are read, and payloads are empty.

    Raises:
        DatasetError: the shard is damaged; names the member and what was expected.
        OSError: the stream cannot be read.
    """
    kinds = tuple(SUFFIX.values())
    limit = 0
    if geometry is not None:
        shape = item_shape(geometry)
        kinds = (SUFFIX["loop" if len(shape) == 2 else "image"],)
        # Lossless coding may grow an item a little; far more than that is no item of ours.
        limit = 65_536 + 4 * math.prod(shape)
    pair = f"KEY.{' or KEY.'.join(kinds)} and KEY.json"
    try:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_Header) as tar:
            waiting: tuple[str, str, bytes] | None = None
            for member in tar:
                key, _, kind = member.name.partition(".")
                where = f"{name}: {member.name[:200]}"
                if not member.isreg() or member.issparse() or kind not in (*kinds, "json"):
                    raise DatasetError(f"{where} is no item, expected {pair}")
                if kind != "json":
                    if waiting is not None:
                        raise DatasetError(f"{name}: {waiting[1]} has no record after it, expected pairs")
                    skip = geometry is None
                    waiting = key, member.name[:200], b"" if skip else _content(tar, member, limit, where)
                elif waiting is None or waiting[0] != key:
                    raise DatasetError(f"{where} has no {key[:200]}.{kinds[0]} before it, expected pairs")
                else:
                    text = _content(tar, member, MAX_RECORD_BYTES, where)
                    yield Packed(where.removesuffix(".json"), waiting[2], text)
                    waiting = None
            if waiting is not None:
                raise DatasetError(f"{name}: {waiting[1]} has no record after it, expected pairs")
    except (tarfile.TarError, ValueError) as e:  # the latter from the numbers of broken headers
        raise DatasetError(f"{name}: is a damaged tar ({e}), expected the shard as it was written") from e


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, most: int, where: str) -> bytes:
    if member.size > most:
        raise DatasetError(f"{where} has {member.size} bytes, expected at most {most}")
    file = tar.extractfile(member)
    assert file is not None  # a regular member always has content
    return file.read()


class _Header(tarfile.TarInfo):
    """A member's header, where those that say more of the next one (long names and the like) are bounded:
    they are read whole before the member is known.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As of `tarfile.TarInfo`."""
        header = super().frombuf(buf, encoding, errors)
        if not header.isreg() and header.size > MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {header.size} bytes, expected at most {MAX_HEADER_BYTES}")
        return header
