"""Data sets as streams of batches, split between devices and workers, never all in memory."""

import itertools
import json
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast

import torch
import webdataset
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from vaesynth.dataset import decode_item
from vaesynth.dataset.codec import SUFFIX
from vaesynth.errors import DatasetError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from .model import Batch
from .storage import Place, Source, open_file, told

Sample = Mapping[str, Any]
Opener = Callable[[str], IO[bytes]]


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

    def items(self, split: str) -> int:
        """Number of items in a split."""
        return sum(source.items.get(split, 0) for source in self.sets)

    def licences(self) -> dict[str, dict[str, Any]]:
        """Licence → items and sources, summed over the data sets."""
        total: dict[str, dict[str, Any]] = {}
        for source in self.sets:
            for licence, entry in source.info.licences.items():
                known = total.setdefault(licence, {"items": 0, "sources": []})
                known["items"] += entry.get("items", 0)
                known["sources"] += [s for s in entry.get("sources", ()) if s not in known["sources"]]
        return total

    def shards(self, split: str) -> list[str]:
        """Paths or URLs of a split's shards."""
        return [path for source in self.sets for path in source.shards(split)]

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
            for source in self.sets
            if source.items.get("train")
        ]
        weights = [source.items["train"] ** balance for source in self.sets if source.items.get("train")]
        stream = streams[0] if len(streams) == 1 else Mixture(streams, weights, f"{seed} {rank}")
        return _loader(stream, batch_size, workers)

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
        sets = [source for source in self.sets if source.items.get(split)]
        # A limit is shared out, so that a small set behind a large one is met as well.
        limits = [None if limit is None else -(-limit // len(sets)) for _ in sets]
        streams = [
            ShardStream(
                source.shards(split),
                self.geometry,
                rank=rank,
                world=world,
                limit=n,
            )
            for source, n in zip(sets, limits, strict=True)
        ]
        stream = streams[0] if len(streams) == 1 else Mixture(streams)
        return _loader(stream, batch_size, workers)


class ShardStream(IterableDataset[tuple[Tensor, Sample]]):
    """Items of some shards as tensors with their records.

    With enough shards each stream (one a rank and worker) reads shards of its own. With fewer, all read all
    of them and keep every n-th item, a different one each pass: that serves data sets of one item, too.

    Args:
        shards: paths or URLs of WebDataset tars.
        geometry: of the items.
        seed: of the order of shards and items.
        rank, world: which process of how many.
        endless: pass after pass, each in another order of shards; else one pass in order.
        shuffle_items: undecoded items to draw from at random; 1 keeps the order.
        limit: stop after so many items, counted over all streams.
        opener: path or URL → binary stream.
    """

    def __init__(
        self,
        shards: Sequence[str],
        geometry: LoopGeometry | ImageGeometry,
        *,
        seed: int = 0,
        rank: int = 0,
        world: int = 1,
        endless: bool = False,
        shuffle_items: int = 1,
        limit: int | None = None,
        opener: Opener = open_file,
    ) -> None:
        super().__init__()
        self.shards, self.geometry, self.opener = list(shards), geometry, opener
        self.seed, self.rank, self.world = seed, rank, world
        self.endless, self.shuffle_items, self.limit = endless, shuffle_items, limit

    def __iter__(self) -> Iterator[tuple[Tensor, Sample]]:
        worker = get_worker_info()
        workers = worker.num_workers if worker else 1
        stream, streams = self.rank * workers + (worker.id if worker else 0), self.world * workers
        samples = self._samples(stream, streams)
        if self.shuffle_items > 1:
            rng = random.Random(f"{self.seed} {stream}")
            shuffle = webdataset.filters.shuffle(
                self.shuffle_items, initial=min(self.shuffle_items, 64), rng=rng
            )
            samples = shuffle(samples)
        return map(self._decode, samples)

    def _samples(self, stream: int, streams: int) -> Iterator[dict[str, Any]]:
        """This stream's undecoded items."""
        order, shuffler, number = list(self.shards), random.Random(self.seed), 0
        whole_shards = self.endless and len(order) >= streams
        while self.shards:
            if self.endless:
                shuffler.shuffle(order)  # alike in all streams, so that they part the same deal of shards
            mine = order[stream::streams] if whole_shards else order
            for index, sample in enumerate(self._read(mine)):
                if self.limit is not None and index >= self.limit:
                    break
                if whole_shards or (index + number) % streams == stream:
                    yield sample
            number += 1
            if not self.endless:
                return

    def _read(self, paths: Sequence[str]) -> Iterator[dict[str, Any]]:
        for path in paths:
            with told(path, "a whole shard"), self.opener(path) as file:
                files = webdataset.tariterators.tar_file_expander([{"url": path, "stream": file}])
                yield from webdataset.tariterators.group_by_keys(files)

    def _decode(self, sample: dict[str, Any]) -> tuple[Tensor, Sample]:
        where = f"{sample.get('__url__')}: {sample.get('__key__')}"
        loop = isinstance(self.geometry, LoopGeometry)
        suffix = SUFFIX["loop" if loop else "image"]
        if suffix not in sample or "json" not in sample:
            raise DatasetError(
                f"{where} lacks {'json' if suffix in sample else suffix}, expected both {suffix} and json"
            )
        try:
            array = decode_item(sample[suffix], self.geometry)
            record = json.loads(sample["json"])
        except DatasetError as e:
            raise DatasetError(f"{where} {e}") from e
        except ValueError as e:
            raise DatasetError(f"{where}: its record is no JSON ({e})") from e
        return item_to_tensor(array), record


class Mixture(IterableDataset[tuple[Tensor, Sample]]):
    """Several streams as one: drawn from at random where they are endless, else one after another.

    Args:
        streams: what is mixed.
        weights: relative shares of endless streams; None reads the streams in their order.
        seed: of the draws.
    """

    def __init__(
        self, streams: Sequence[ShardStream], weights: Sequence[float] | None = None, seed: str = ""
    ) -> None:
        super().__init__()
        self.streams, self.weights, self.seed = list(streams), weights, seed

    def __iter__(self) -> Iterator[tuple[Tensor, Sample]]:
        if self.weights is None:
            yield from itertools.chain.from_iterable(self.streams)
            return
        worker = get_worker_info()
        rng = random.Random(f"mixture {self.seed} {worker.id if worker else 0}")
        iterators = [iter(stream) for stream in self.streams]
        while True:
            yield next(rng.choices(iterators, self.weights)[0])


def item_to_tensor(array: Any) -> Tensor:
    """An item as models see it: audio `(channels, frames)`, or images `(3, height, width)` in [0, 1]."""
    tensor = torch.from_numpy(array.copy())
    return tensor.T.contiguous() if tensor.ndim == 2 else tensor.permute(2, 0, 1).float() / 255


def collate(samples: Sequence[tuple[Tensor, Sample]]) -> Batch:
    """A batch of samples."""
    return Batch(torch.stack([x for x, _ in samples]), [info for _, info in samples])


def deaf(_: int) -> None:
    """Leave signals to the process that trains.

    Ctrl-C and `kill -- -GROUP` reach workers as well; one that died of it would take the run's results along.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _loader(stream: ShardStream | Mixture, batch_size: int, workers: int) -> DataLoader[Batch]:
    # The loader's type parameter is that of what it yields, which `collate` makes of the stream's items.
    return DataLoader(
        cast(Any, stream),
        batch_size,
        collate_fn=collate,
        num_workers=workers,
        worker_init_fn=deaf,
        pin_memory=torch.cuda.is_available(),
        persistent_workers=False,
        prefetch_factor=4 if workers else None,
    )
