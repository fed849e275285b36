"""Items of shards as streams of batches, split between devices and workers."""

import itertools
import random
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Any, cast

import torch
import webdataset
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from vaesynth.dataset import Packed, read_packed
from vaesynth.errors import DatasetError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from .model import Batch
from .records import check_record
from .storage import Shard, open_file, told

Sample = Mapping[str, Any]
Opener = Callable[[str], IO[bytes]]


class ShardStream(IterableDataset[tuple[Tensor, Sample]]):
    """Items of some shards as tensors with their records.

    With enough shards each stream (one a rank and worker) reads shards of its own. With fewer, all read all
    of them and keep every n-th item, a different one each pass: that serves data sets of one item, too.

    Args:
        shards: WebDataset tars.
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
        shards: Sequence[Shard],
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

    def _samples(self, stream: int, streams: int) -> Iterator[Packed]:
        """This stream's undecoded items."""
        order, shuffler, number = list(self.shards), random.Random(self.seed), 0
        whole_shards = self.endless and len(order) >= streams
        while self.shards:
            if self.endless:
                shuffler.shuffle(order)  # alike in all streams, so that they part the same deal of shards
            mine = order[stream::streams] if whole_shards else order
            samples = itertools.chain.from_iterable(
                read_items(shard, self.opener, self.geometry) for shard in mine
            )
            read = False
            for index, sample in enumerate(samples):
                if self.limit is not None and index >= self.limit:
                    break
                read = True
                if whole_shards or (index + number) % streams == stream:
                    yield sample
            number += 1
            if not self.endless:
                return
            if not read:
                raise DatasetError(f"{mine[0].path}: holds no items, expected at least one")

    def _decode(self, sample: Packed) -> tuple[Tensor, Sample]:
        record = record_of(sample)
        return item_to_tensor(sample.item(self.geometry)), record


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


def read_items(
    shard: Shard, opener: Opener, geometry: LoopGeometry | ImageGeometry | None = None
) -> Iterator[Packed]:
    """The undecoded items of a shard, one in memory at a time.

    Args:
        shard: where it lies.
        opener: path or URL → binary stream.
        geometry: of the items; None: their records alone are read.

    Raises:
        DatasetError: the shard cannot be read, is damaged, or holds more or fewer items than announced.
    """
    path, expected, count = shard.path, shard.items, 0
    with told(path, "a whole shard"), opener(path) as file:
        for sample in read_packed(file, path, geometry):
            count += 1
            if expected is not None and count > expected:
                break
            yield sample
    if expected is not None and count != expected:
        more = "more than " if count > expected else ""
        raise DatasetError(f"{path}: holds {more}{min(count, expected)} items, expected {expected}")


def record_of(sample: Packed) -> Sample:
    """The record of an undecoded item.

    Raises:
        DatasetError: it is no JSON object, or what it says of hits or kits cannot be.
    """
    record = sample.record()
    check_record(record, sample.where)
    return record


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


def loader(stream: ShardStream | Mixture, batch_size: int, workers: int) -> DataLoader[Batch]:
    """Batches of a stream, decoded by so many processes; 0: by this one."""
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
