"""Items of a data set as a stream: one at a time, so that a data set of any size can be read."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DatasetError
from .codec import SUFFIX, Geometry, Item, decode_item, item_shape
from .info import SPLITS, DatasetInfo

MAX_RECORD_BYTES = 16 * 2**20


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
    suffix = SUFFIX["loop" if len(item_shape(geometry)) == 2 else "image"]
    # Lossless coding may grow an item a little; far more than that is no item of ours.
    limit = 65_536 + 4 * _product(item_shape(geometry))
    try:
        with tarfile.open(path, "r|") as tar:
            waiting: tuple[str, bytes] | None = None
            for member in tar:
                key, _, kind = member.name.partition(".")
                where = f"{path}: {member.name[:200]}"
                most = limit if kind == suffix else MAX_RECORD_BYTES
                if not member.isreg() or kind not in (suffix, "json"):
                    raise DatasetError(f"{where} is no item, expected KEY.{suffix} and KEY.json")
                if member.size > most:
                    raise DatasetError(f"{where} has {member.size} bytes, expected at most {most}")
                file = tar.extractfile(member)
                assert file is not None  # a regular member always has content
                payload = file.read()
                if kind == suffix:
                    waiting = key, payload
                elif waiting is None or waiting[0] != key:
                    raise DatasetError(f"{where} has no {key}.{suffix} before it, expected pairs")
                else:
                    yield _item(waiting[1], payload, geometry, where)
                    waiting = None
            if waiting is not None:
                raise DatasetError(f"{path}: {waiting[0]}.{suffix} has no record after it, expected pairs")
    except tarfile.TarError as e:
        raise DatasetError(f"{path}: is a damaged tar ({e}), expected the shard as it was written") from e
    except OSError as e:
        raise DatasetError(f"{path}: cannot be read ({e.strerror or e}), expected a readable shard") from e


def _item(payload: bytes, text: bytes, geometry: Geometry, where: str) -> tuple[Item, dict[str, Any]]:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise DatasetError(f"{where} is no JSON ({e}), expected the item's record") from e
    if not isinstance(record, dict):
        raise DatasetError(f"{where} is a {type(record).__name__}, expected an object")
    try:
        return decode_item(payload, geometry), record
    except DatasetError as e:
        raise DatasetError(f"{where.removesuffix('.json')} {e}") from e


def _product(shape: tuple[int, ...]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product
