"""Data sets as streams of batches, never all in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch.utils.data import DataLoader

from vaesynth.errors import DatasetError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from .model import Batch
from .storage import Place, Shard, Source, open_file
from .stream import Mixture, Sample, ShardStream, loader, read_items, record_of


@dataclass(frozen=True)
class Data:
    """One or more data sets of one kind and geometry, read as if they were one."""

    sets: tuple[Source, ...]

    @classmethod
    def open(cls, places: Sequence[Place], kind: str) -> "Data":
        """Check the data sets' descriptions; the shards are read later.

        Raises:
            DatasetError: one is broken, of another kind or geometry than the first, or there is nothing.
        """
        sets = tuple(Source.open(place) for place in places)
        for source in sets:
            if source.kind != kind:
                raise DatasetError(f"{source.place}: kind is {source.kind}, expected {kind}")
            if source.geometry != sets[0].geometry:
                raise DatasetError(
                    f"{source.place}: geometry is {source.geometry}, expected that of {sets[0].place}, "
                    f"{sets[0].geometry}"
                )
        if not sets or not any(source.items.get("train") for source in sets):
            raise DatasetError(f"{', '.join(map(str, places))}: no training items, expected at least one")
        return cls(sets)

    @property
    def geometry(self) -> LoopGeometry | ImageGeometry:
        """Of every item."""
        return self.sets[0].geometry

    @property
    def kind(self) -> str:
        """`loop` or `image`."""
        return self.sets[0].kind

    def items(self, split: str, limit: int | None = None) -> int:
        """Number of items in a split, or of those that `once` gives under a limit."""
        return sum(source.items[split] if n is None else n for source, n in self._shares(split, limit))

    def _shares(self, split: str, limit: int | None) -> list[tuple[Source, int | None]]:
        """The sets that have a split, and how many items of each make `limit`, or all where there are fewer.

        They are dealt out in rounds, one of each set that has more, so that a small set behind a large one is
        met as well; the smallest comes first.
        """
        sets = [source for source in self.sets if source.items.get(split)]
        if limit is None:
            return [(source, None) for source in sets]
        shares, left = [0] * len(sets), limit
        for dealt, i in enumerate(sorted(range(len(sets)), key=lambda i: sets[i].items[split])):
            shares[i] = min(sets[i].items[split], -(-left // (len(sets) - dealt)))
            left -= shares[i]
        return list(zip(sets, shares, strict=True))

    def licences(self) -> dict[str, dict[str, Any]]:
        """Licence → items and sources, summed over the data sets."""
        total: dict[str, dict[str, Any]] = {}
        for source in self.sets:
            for licence, entry in source.info.licences.items():
                known = total.setdefault(licence, {"items": 0, "sources": []})
                known["items"] += entry.get("items", 0)
                known["sources"] += [s for s in entry.get("sources", ()) if s not in known["sources"]]
        return total

    def shards(self, split: str) -> list[Shard]:
        """A split's shards, of all sets."""
        return [shard for source in self.sets for shard in source.shards(split)]

    def training(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        workers: int = 0,
        shuffle_items: int = 512,
        balance: float = 1.0,
    ) -> DataLoader[Batch]:
        """Endless shuffled batches, this rank's share.

        A pass over a set's split meets every item once, whatever the number of ranks and workers. Several
        sets are mixed at random: one of n items has a share like n to the power `balance` (1 as they come, 0
        equal).
        """
        sets = [source for source, _ in self._shares("train", None)]
        streams = [
            ShardStream(
                source.shards("train"),
                self.geometry,
                seed=seed,
                rank=rank,
                world=world,
                endless=True,
                shuffle_items=min(shuffle_items, source.items["train"]),
            )
            for source in sets
        ]
        weights = [source.items["train"] ** balance for source in sets]
        stream = streams[0] if len(streams) == 1 else Mixture(streams, weights, f"{seed} {rank}")
        return loader(stream, batch_size, workers)

    def once(
        self,
        split: str,
        batch_size: int,
        *,
        rank: int = 0,
        world: int = 1,
        workers: int = 0,
        limit: int | None = None,
    ) -> DataLoader[Batch]:
        """This rank's share of a split in order, each item once, or `limit` of them, alike from each set."""
        streams = [
            ShardStream(source.shards(split), self.geometry, rank=rank, world=world, limit=n)
            for source, n in self._shares(split, limit)
        ]
        stream = streams[0] if len(streams) == 1 else Mixture(streams)
        return loader(stream, batch_size, workers)

    def records(self, split: str) -> Iterator[Sample]:
        """The record of each item of a split, in order, without its sound or picture.

        Raises:
            DatasetError: a shard or a record cannot be read.
        """
        for shard in self.shards(split):
            for sample in read_items(shard, open_file):
                yield record_of(sample)
