"""The data set form: what is written is read back; what is broken is refused in one sentence."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from vaesynth.dataset import DatasetInfo, DatasetWriter, make_key, read_items
from vaesynth.errors import DatasetError, OutputError
from vaesynth.geometry import ImageGeometry, LoopGeometry

GEOMETRY = LoopGeometry(sample_rate=8_000, channels=2, frames=1_000)


def _loop(seed: int = 0) -> np.ndarray:
    # Whole 16-bit steps, so that they must come back to the bit.
    steps = np.random.default_rng(seed).integers(-32768, 32768, (1_000, 2))
    return (steps / 32768).astype(np.float32)


def _write(folder: Path, count: int = 5) -> DatasetInfo:
    with DatasetWriter(folder, "loop", GEOMETRY, shard_items=2) as writer:
        for i in range(count):
            writer.add(make_key("Lö op.wav", i), _loop(i), {
                "name": f"loop {i}", "licence": "CC0-1.0" if i else "MIT", "source": "me",
                "split": "validation" if i == 4 else "train", "hits": [[0.25, "kick", 100]]})
        writer.write_table([{"file": "Lö op.wav", "status": "taken", "reason": "a, b"}])
        return writer.close()


def test_items_come_back_in_order_to_the_bit(tmp_path: Path) -> None:
    info = _write(tmp_path / "set")
    items = list(read_items(tmp_path / "set", "train"))
    assert [record["name"] for _, record in items] == ["loop 0", "loop 1", "loop 2", "loop 3"]
    for i, (audio, record) in enumerate(items):
        assert audio.dtype == np.float32
        assert np.array_equal(audio, _loop(i))
        assert record["hits"] == [[0.25, "kick", 100]]
    assert [record["name"] for _, record in read_items(tmp_path / "set", "validation")] == ["loop 4"]
    assert info.items == {"train": 4, "validation": 1}
    assert info.licences["CC0-1.0"] == {"items": 4, "sources": ["me"]}
    assert DatasetInfo.open(tmp_path / "set") == info


def test_images_come_back(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (9, 8, 3), dtype=np.uint8)
    with DatasetWriter(tmp_path / "set", "image", ImageGeometry(9, 8)) as writer:
        writer.add("a", pixels, {})
    [(image, record)] = read_items(tmp_path / "set")
    assert np.array_equal(image, pixels)
    assert record == {"key": "a", "split": "train"}


def test_same_items_same_bytes(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "a"), _write(tmp_path / "b")
    for shard in first.shards:
        assert (first.folder / shard.file).read_bytes() == (second.folder / shard.file).read_bytes()


def test_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path: Path) -> None:
    loud = np.full((1_000, 2), 1.5, np.float32)
    with DatasetWriter(tmp_path / "set", "loop", GEOMETRY) as writer:
        writer.add("a", loud, {})
    [(audio, _)] = read_items(tmp_path / "set")
    assert audio.min() > 0.999


def test_nothing_is_left_behind_after_an_error(tmp_path: Path) -> None:
    def fail_in_the_middle() -> None:
        with DatasetWriter(tmp_path / "set", "loop", GEOMETRY) as writer:
            writer.add("a", _loop(), {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_in_the_middle()
    with pytest.raises(DatasetError, match="no item"), DatasetWriter(tmp_path / "set", "loop", GEOMETRY):
        pass
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_kept_unless_it_is_a_data_set_to_overwrite(tmp_path: Path) -> None:
    _write(tmp_path / "set")
    with pytest.raises(OutputError, match="exists already"):
        DatasetWriter(tmp_path / "set", "loop", GEOMETRY)
    with DatasetWriter(tmp_path / "set", "loop", GEOMETRY, overwrite=True) as writer:
        writer.add("new", _loop(9), {})
    assert [record["key"] for _, record in read_items(tmp_path / "set")] == ["new"]
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "song.wav").write_bytes(b"dear")
    with pytest.raises(OutputError, match="only such is replaced"):
        DatasetWriter(tmp_path / "music", "loop", GEOMETRY, overwrite=True)
    assert (tmp_path / "music" / "song.wav").read_bytes() == b"dear"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["music", "set"]


def test_a_target_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        DatasetWriter(tmp_path / "file" / "set", "loop", GEOMETRY)


@pytest.mark.parametrize(("key", "array", "record"), [
    ("with.dot", _loop(), {}),
    ("../up", _loop(), {}),
    ("a", _loop()[:-1], {}),
    ("a", _loop().astype(np.float64), {}),
    ("a", np.full((1_000, 2), np.nan, np.float32), {}),
    ("a", _loop(), {"split": "test"}),
    ("a", _loop(), {"tempo": float("nan")}),
])
def test_items_that_do_not_fit_are_refused(tmp_path: Path, key: str, array: np.ndarray, record: dict) -> None:
    writer = DatasetWriter(tmp_path / "set", "loop", GEOMETRY)
    with pytest.raises(ValueError, match=r"expected|finite|JSON"):
        writer.add(key, array, record)
    writer.discard()


def test_a_key_is_used_once(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "set", "loop", GEOMETRY)
    writer.add("a", _loop(), {})
    with pytest.raises(ValueError, match="new one"):
        writer.add("a", _loop(), {})
    writer.discard()


@pytest.mark.parametrize(("field", "value", "message"), [
    ("format", 2, "format is 2"),
    ("kind", "midi", "kind is 'midi'"),
    ("geometry", {"frames": 3}, "geometry is"),
    ("items", {"train": 1, "validation": 0}, "items is"),
    ("shards", [], "shards is"),
    ("shards", [{"file": "../../etc/passwd", "split": "train", "items": 1}], "inside the data set"),
    ("shards", [{"file": "/etc/passwd", "split": "train", "items": 1}], "inside the data set"),
    ("shards", [{"file": "shards/none.tar", "split": "train", "items": 1}], "a file that exists"),
    ("shards", [{"file": "shards/train-000000.tar", "split": "train", "items": True}], "whole number"),
])
def test_a_lying_description_is_refused(tmp_path: Path, field: str, value: object, message: str) -> None:
    _write(tmp_path / "set")
    path = tmp_path / "set" / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(DatasetError, match=message):
        DatasetInfo.open(tmp_path / "set")


def test_a_folder_that_is_no_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no dataset\.json"):
        DatasetInfo.open(tmp_path)
    with pytest.raises(DatasetError, match="is no folder"):
        DatasetInfo.open(tmp_path / "none")
    (tmp_path / "dataset.json").write_bytes(b"\xff\xfe[")
    with pytest.raises(DatasetError, match="no JSON"):
        DatasetInfo.open(tmp_path)


def _tar(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, payload in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(payload)
            tar.addfile(member, io.BytesIO(payload))


@pytest.mark.parametrize(("members", "message"), [
    ({"a.flac": b"no audio", "a.json": b"{}"}, "no readable FLAC"),
    ({"a.json": b"{}"}, "expected pairs"),
    ({"a.flac": b"x"}, "expected pairs"),
    ({"a.pickle": b"x"}, "is no item"),
    ({"a.flac": b"x" * 1_000_000, "a.json": b"{}"}, "expected at most"),
    ({"a.flac": b"x", "a.json": b"[" * 100_000}, "no JSON"),
])
def test_a_damaged_shard_is_refused(tmp_path: Path, members: dict[str, bytes], message: str) -> None:
    _write(tmp_path / "set", 1)
    _tar(tmp_path / "set" / "shards" / "train-000000.tar", members)
    with pytest.raises(DatasetError, match=message):
        list(read_items(tmp_path / "set"))


def test_long_headers_are_refused_before_they_are_read(tmp_path: Path) -> None:
    _write(tmp_path / "set", 1)
    shard = tmp_path / "set" / "shards" / "train-000000.tar"
    with tarfile.open(shard, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("ä" * 100_000))
    with pytest.raises(DatasetError, match=r"a header of \d+ bytes, expected at most 65536"):
        list(read_items(tmp_path / "set"))


def test_headers_of_no_numbers_are_refused(tmp_path: Path) -> None:
    _write(tmp_path / "set", 1)
    shard = tmp_path / "set" / "shards" / "train-000000.tar"
    with tarfile.open(shard, "w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("a.flac")
        member.size = 4
        member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
        tar.addfile(member, io.BytesIO(b"none"))
    with pytest.raises(DatasetError, match="damaged tar"):
        list(read_items(tmp_path / "set"))


def test_a_shard_cut_short_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "set", 2)
    shard = tmp_path / "set" / "shards" / "train-000000.tar"
    shard.write_bytes(shard.read_bytes()[:3_000])
    with pytest.raises(DatasetError, match=r"damaged tar|holds 0 items"):
        list(read_items(tmp_path / "set"))


def test_an_item_of_another_shape_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "set", 1)
    path = tmp_path / "set" / "dataset.json"
    values = json.loads(path.read_text())
    values["geometry"]["frames"] = 999
    path.write_text(json.dumps(values))
    with pytest.raises(DatasetError, match=r"holds \(1000, 2\) samples"):
        list(read_items(tmp_path / "set"))


def test_keys_survive_any_name() -> None:
    assert make_key("Lö op 05.wav", 0) == "Lo_op_05_wav-0"
    assert make_key("日本", 1) == "_-1"
