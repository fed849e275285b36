"""Data sets on disk: WebDataset shards of items at one geometry, with a record of provenance for each.

A data set is a folder:

    dataset.json    what it is (`DatasetInfo`): format, kind, geometry, items per split, shards, licences
    table.csv       one row a source file: what was taken, what was refused and why
    shards/SPLIT-000000.tar …   KEY.flac (16 bit) or KEY.png, each followed by KEY.json, its record
"""

from .codec import decode_item, encode_item
from .info import DatasetInfo, Shard, make_key
from .reader import Packed, read_items, read_packed, read_shard
from .writer import DatasetWriter

__all__ = ["DatasetInfo", "DatasetWriter", "Packed", "Shard", "decode_item", "encode_item", "make_key",
           "read_items", "read_packed", "read_shard"]
