"""The stream of batches: exact splits, endless small sets, damaged shards."""

import io
import itertools
import json
import math
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import numpy as np
import pytest

from vaesynth.dataset import read_items
from vaesynth.errors import DatasetError
from vaesynth.geometry import LoopGeometry
from vaesynth_training.cli import main
from vaesynth_training.data import Data
from vaesynth_training.storage import Shard
from vaesynth_training.stream import ShardStream

LOOP = LoopGeometry(sample_rate=8_000, channels=2, frames=1_600, beats=1, beats_per_bar=4)
MakeData = Callable[..., Path]


def names(data: Data, split: str, **share: int) -> list[str]:
    return [info["name"] for batch in data.once(split, 4, **share) for info in batch.info]


def test_one_pass_gives_each_item_once_and_as_it_was_written(loops: Path) -> None:
    data = Data.open([loops], "loop")
    batches = list(data.once("train", 4))
    assert [len(b.x) for b in batches] == [4, 2]
    written = list(read_items(loops, "train"))
    read = [(x, info) for b in batches for x, info in zip(b.x, b.info, strict=True)]
    for (array, record), (x, info) in zip(written, read, strict=True):
        assert x.shape == (2, 1600)
        np.testing.assert_array_equal(x.numpy().T, array)
        assert info == record


def test_records_are_read_without_what_they_describe(tmp_path: Path, make_loops: MakeData) -> None:
    folder = make_loops(tmp_path / "d", train=5, validation=1, shard_items=2)
    data = Data.open([folder], "loop")
    assert list(data.records("train")) == [record for _, record in read_items(folder, "train")]


def test_images_become_channels_first_in_0_to_1(images: Path) -> None:
    array, _ = next(read_items(images, "train"))
    batch = next(iter(Data.open([images], "image").once("train", 1)))
    np.testing.assert_allclose(batch.x[0].numpy().transpose(1, 2, 0) * 255, array, atol=1e-4)


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_ranks_share_a_split_without_overlap_or_loss(loops: Path, world: int) -> None:
    data = Data.open([loops], "loop")
    shares = [names(data, "train", rank=rank, world=world) for rank in range(world)]
    assert sorted(itertools.chain.from_iterable(shares)) == sorted(names(data, "train"))


def test_limit_counts_over_all_ranks(loops: Path) -> None:
    data = Data.open([loops], "loop")
    assert sum(len(names(data, "train", rank=r, world=2, limit=3)) for r in range(2)) == 3


@pytest.mark.parametrize(
    ("limit", "large", "small"), [(1, 0, 1), (2, 1, 1), (3, 1, 2), (7, 5, 2), (8, 6, 2), (100, 6, 2)]
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_limit_is_dealt_out_in_rounds(
    limit: int, large: int, small: int, turned: bool, loops: Path, tmp_path: Path, make_loops: MakeData
) -> None:
    sets = [loops, make_loops(tmp_path / "small", train=2, validation=0)]
    data = Data.open(sets[::-1] if turned else sets, "loop")
    assert data.items("train", limit) == len(names(data, "train", limit=limit)) == large + small
    shares = {source.name: n for source, n in data._shares("train", limit)}
    assert shares == {"loops": large, "small": small}


@pytest.mark.parametrize("items", [1, 3, 9])
def test_training_stream_is_endless_and_even(tmp_path: Path, make_loops: MakeData, items: int) -> None:
    data = Data.open([make_loops(tmp_path / "d", train=items, validation=0, shard_items=2)], "loop")
    seen = Counter(
        info["name"] for batch in itertools.islice(iter(data.training(4, seed=1)), 45) for info in batch.info
    )
    assert sum(seen.values()) == 180
    assert len(seen) == items
    assert max(seen.values()) - min(seen.values()) < 0.5 * 180 / items + 2


@pytest.mark.parametrize("items", [1, 6])
def test_every_rank_gets_items_however_few_there_are(
    tmp_path: Path, make_loops: MakeData, items: int
) -> None:
    data = Data.open([make_loops(tmp_path / "d", train=items, validation=0, shard_items=3)], "loop")
    for rank in range(4):
        batch = next(iter(data.training(2, rank=rank, world=4)))
        assert len(batch.x) == 2


def test_order_follows_the_seed(loops: Path) -> None:
    data = Data.open([loops], "loop")

    def order(seed: int) -> list[str]:
        batches = itertools.islice(iter(data.training(6, seed=seed)), 4)
        return [info["name"] for batch in batches for info in batch.info]

    assert order(3) == order(3)
    assert order(3) != order(4)


def test_worker_processes_share_the_stream(loops: Path) -> None:
    data = Data.open([loops], "loop")
    assert sorted(names(data, "train", workers=2)) == sorted(names(data, "train"))


def test_two_data_sets_are_read_as_one(loops: Path, tmp_path: Path, make_loops: MakeData) -> None:
    other = make_loops(tmp_path / "other", train=3, validation=1, seed=5)
    data = Data.open([loops, other], "loop")
    assert (data.items("train"), data.items("validation")) == (9, 3)
    assert len(names(data, "train")) == 9
    assert data.licences()["CC0-1.0"] == {"items": 12, "sources": ["test"]}


def test_kinds_and_geometries_do_not_mix(loops: Path, images: Path) -> None:
    with pytest.raises(DatasetError, match="kind is image"):
        Data.open([loops, images], "loop")


def test_a_damaged_shard_is_named(tmp_path: Path, make_loops: MakeData) -> None:
    folder = make_loops(tmp_path / "d", train=4, validation=0)
    shard = next((folder / "shards").glob("train*.tar"))
    shard.write_bytes(shard.read_bytes()[:3000])
    with pytest.raises(DatasetError, match=shard.name):
        list(Data.open([folder], "loop").once("train", 2))


def test_enough_shards_are_dealt_out_whole(tmp_path: Path, make_loops: MakeData) -> None:
    """Each rank opens only its own shards of a pass, so that storage is read once, not once a rank."""
    data = Data.open([make_loops(tmp_path / "d", train=12, validation=0, shard_items=2)], "loop")
    for number in range(3):
        opened = []
        for rank in range(2):
            stream = data.training(2, rank=rank, world=2, shuffle_items=1)
            batches = itertools.islice(iter(stream), 3 * number, 3 * number + 3)
            opened.append({int(info["name"].split()[1]) // 2 for batch in batches for info in batch.info})
        assert [len(shards) for shards in opened] == [3, 3]
        assert not opened[0] & opened[1]


def repacked(folder: Path, members: list[tuple[str, bytes]]) -> Path:
    """The data set with another first shard: these members after its first item."""
    shard = next((folder / "shards").glob("train*.tar"))
    with tarfile.open(shard) as tar:
        kept = [(m.name, tar.extractfile(m).read()) for m in tar.getmembers()[:2]]  # type: ignore[union-attr]
    with tarfile.open(shard, "w") as tar:
        for name, payload in kept + members:
            member = tarfile.TarInfo(name)
            member.size = len(payload)
            tar.addfile(member, io.BytesIO(payload))
    return folder


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([("extra.bin", b"0" * 2**20)], "extra.bin is no item"),
        ([("b.flac", b"0" * 2**20), ("b.json", b"{}")], "b.flac has 1048576 bytes, expected at most"),
        ([("b.flac", b""), ("b.json", b" " * 2**25)], "b.json has 33554432 bytes, expected at most"),
        ([("b.flac", b""), ("b.json", b"[1]")], "b.json is a list, expected an object"),
        ([("b.flac", b""), ("b.json", b"[" * 100_000)], "b.json is no JSON"),
        ([], "holds 1 items, expected 2"),
    ],
)
@pytest.mark.parametrize("records", [False, True])
def test_shards_from_elsewhere_are_bounded(
    tmp_path: Path, make_loops: MakeData, members: list[tuple[str, bytes]], message: str, records: bool
) -> None:
    folder = repacked(make_loops(tmp_path / "d", train=2, validation=0), members)
    data = Data.open([folder], "loop")
    if records and "1048576" in message:  # of sounds that are not wanted nothing is read
        assert len(list(data.records("train"))) == 2
        return
    with pytest.raises(DatasetError, match=message):
        list(data.records("train") if records else data.once("train", 1))


def test_more_items_than_announced_are_refused(tmp_path: Path, make_loops: MakeData) -> None:
    folder = make_loops(tmp_path / "d", train=2, validation=0)
    text = (folder / "dataset.json").read_text()
    (folder / "dataset.json").write_text(
        text.replace('"items": 2', '"items": 1').replace('"train": 2', '"train": 1')
    )
    with pytest.raises(DatasetError, match="holds more than 1 items, expected 1"):
        list(Data.open([folder], "loop").once("train", 1))


def test_a_shard_without_items_ends_an_endless_stream(tmp_path: Path) -> None:
    shard = tmp_path / "train-000000.tar"
    tarfile.open(shard, "w").close()
    with pytest.raises(DatasetError, match="holds no items, expected at least one"):
        next(iter(ShardStream([Shard(str(shard))], LOOP, endless=True)))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"hits": [[0.5, 9, 1.0]]}, r"hits\[0\] is \[0.5, 9, 1.0\], expected a place"),
        ({"hits": [[0.5, 1, 1.0], [math.nan, 1, 1.0]]}, r"hits\[1\] is \[nan, 1, 1.0\]"),
        ({"hits": [["0.5", 1, 1.0]]}, r"hits\[0\]"),
        ({"hits": [[0.5, 1]]}, r"hits\[0\]"),
        ({"hits": "kick"}, "hits is 'kick', expected a list"),
        ({"kit_latents": [[0.0]]}, r"kit_latents is \[\[0.0\]\], expected a list of 8 voices"),
        ({"kit_latents": [[0.0], *[None] * 7]}, r"kit_latents\[0\] is \[0.0\], expected null or 7 numbers"),
        ({"kit_latents": [[math.inf] * 7, *[None] * 7]}, r"kit_latents\[0\]"),
    ],
)
def test_hits_and_kits_that_cannot_be_are_named(
    tmp_path: Path, make_loops: MakeData, record: dict[str, object], message: str
) -> None:
    folder = make_loops(tmp_path / "d", train=2, validation=0)
    with tarfile.open(next((folder / "shards").glob("train*.tar"))) as tar:
        sound = tar.extractfile(tar.getmembers()[0]).read()  # type: ignore[union-attr]
    data = Data.open([repacked(folder, [("b.flac", sound), ("b.json", json.dumps(record).encode())])], "loop")
    for reading in (data.records("train"), data.once("train", 2)):
        with pytest.raises(DatasetError, match=rf"train-000000.tar: b: {message}"):
            list(reading)


@pytest.fixture
def stored(loops: Path) -> Iterator[str]:
    """The data set `loops` as objects of a storage that is no file system."""
    url = "memory://bucket/loops"
    for path in loops.rglob("*"):
        if path.is_file():
            with fsspec.open(f"{url}/{path.relative_to(loops).as_posix()}", "wb") as file:
                file.write(path.read_bytes())
    yield url
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_a_url_is_read_as_a_folder_is(loops: Path, stored: str) -> None:
    local, remote = Data.open([loops], "loop"), Data.open([stored], "loop")
    assert remote.sets[0].name == "loops"
    assert names(remote, "train") == names(local, "train")
    assert names(Data.open([f"simplecache::{stored}"], "loop"), "train") == names(local, "train")
    assert names(Data.open([f"file://{loops}"], "loop"), "train", workers=2)


def test_a_run_trains_and_is_evaluated_from_a_url(stored: str, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["--config", str(config), "--out", str(out), "--steps", "2", "--device", "cpu"]
    assert main(["drums", "--data", stored, *arguments]) == 0
    assert main(["evaluate", str(out), "--data", stored]) == 0
    assert json.loads((out / "card.json").read_text())["data"][0]["name"] == "loops"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("memory://bucket/nothing", "memory://bucket/nothing/dataset.json cannot be read"),
        ("nosuch://bucket/set", "nosuch://bucket/set/dataset.json cannot be read"),
    ],
)
def test_storage_that_fails_is_named_in_one_sentence(
    url: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drums", "--data", url, "--out", str(tmp_path / "run"), "--steps", "1"]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_a_damaged_object_is_named(stored: str) -> None:
    data = Data.open([stored], "loop")
    shard = data.shards("train")[0].path
    with fsspec.open(shard, "rb") as file:
        content = file.read()
    with fsspec.open(shard, "wb") as file:
        file.write(content[:3000])
    with pytest.raises(DatasetError, match=shard):
        names(data, "train")
