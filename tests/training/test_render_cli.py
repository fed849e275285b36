"""The command, from folders to a data set."""

import csv
from pathlib import Path

import numpy as np
import pytest
import render_data as data
import torch

from vaesynth.dataset import DatasetInfo, read_items
from vaesynth.errors import OutputError, SettingError, VaesynthError
from vaesynth_training.models.drums.voices import VOICES
from vaesynth_training.pretrain.kits import OneShotEncoder
from vaesynth_training.pretrain.reader import READER
from vaesynth_training.render.cli import main
from vaesynth_training.run import write_tensors


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    data.write_kits(folder / "kits")
    data.write_grooves(folder / "grooves")
    (folder / "splits.json").write_text('{"validation_kits": ["held"]}')
    return folder


def render(sources: Path, out: Path, *options: str) -> int:
    base = ["--grooves", f"{sources}/grooves", "--oneshots", f"{sources}/kits", "--cache", f"{sources}/cache"]
    return main(
        [*base, "--out", str(out), "--splits", f"{sources}/splits.json", "--synthesised", "1", *options]
    )


def test_a_data_set_is_written_with_pairs_splits_and_credits(sources: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert render(sources, out, "--bars-count", "10", "--validation-count", "4", "--seed", "3") == 0
    info = DatasetInfo.open(out)
    assert info.items == {"train": 10, "validation": 4}
    items = list(read_items(out, "train"))
    assert [record["quad"] for _, record in items] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
    for audio, record in items:
        assert np.abs(audio).max() == pytest.approx(10 ** (-1 / 20), abs=1e-3)
        assert record["hits"]
        assert "held" not in {credit["kit"] for credit in record["kits"]}
    with (out / "table.csv").open(newline="") as text:
        credited = {row["file"] for row in csv.DictReader(text)}
    assert "held" in credited  # the validation kit


def test_bars_know_the_latents_of_their_kits(sources: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    run = tmp_path / "run"
    write_tensors(run / READER, OneShotEncoder().state_dict())
    out = tmp_path / "set"
    counts = ("--bars-count", "4", "--validation-count", "0")
    assert render(sources, out, *counts, "--kits", str(run)) == 0
    records = [record for _, record in read_items(out, "train")]
    for record in records:
        assert len(record["kit_latents"]) == len(VOICES)
        for _, voice, _ in record["hits"]:
            assert len(record["kit_latents"][voice]) == VOICES[voice].latent_dim
    kicks = [record["kit_latents"][0] for record in records]
    assert kicks[0] == kicks[2] != kicks[1], "items 0 and 2 of a quad share their kit"
    with pytest.raises(SettingError, match=r"one_shots\.safetensors cannot be read"):
        render(sources, tmp_path / "other", *counts, "--kits", str(tmp_path))


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(sources: Path, tmp_path: Path) -> None:
    for name, workers in (("one", "1"), ("two", "2")):
        render(sources, tmp_path / name, "--bars-count", "5", "--validation-count", "0", "--workers", workers)
    one, two = ((tmp_path / name / "shards/train-000000.tar").read_bytes() for name in ("one", "two"))
    assert one == two


def test_parts_are_slices_of_the_whole(sources: Path, tmp_path: Path) -> None:
    options = ("--bars-count", "5", "--validation-count", "0")
    render(sources, tmp_path / "whole", *options)
    whole = {record["key"]: audio for audio, record in read_items(tmp_path / "whole", "train")}
    found = {}
    for part in ("1/2", "2/2"):
        out = tmp_path / part.replace("/", "of")
        render(sources, out, *options, "--part", part)
        found |= {record["key"]: audio for audio, record in read_items(out, "train")}
    assert found.keys() == whole.keys()
    for key, audio in whole.items():
        np.testing.assert_array_equal(found[key], audio)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--styles", "human=much"), "human=much"),
        (("--styles", "polka=1"), "polka"),
        (("--styles", "human=0"), "above 0"),
        (("--fills", "2"), "fills"),
        (("--part", "3/2"), "3/2"),
        (("--bars-count", "-1"), "-1"),
        (("--workers", "0"), "workers"),
        (("--seed", "-1"), "seed"),
        (("--synthesised", "-1"), "synthesised"),
    ],
)
def test_a_bad_option_is_named_and_nothing_is_written(
    sources: Path, tmp_path: Path, options: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(SettingError, match=expected):
        render(sources, tmp_path / "set", *options)
    assert not list(tmp_path.iterdir())


def test_a_broken_split_file_is_named_and_nothing_is_left_behind(sources: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    for text in ("no json", "{}", '{"validation_kits": 3}', '{"validation_kits": ["nobody"]}'):
        bad.write_text(text)
        with pytest.raises(VaesynthError, match=r"bad\.json|nobody"):
            render(sources, tmp_path / "set", "--splits", str(bad))
        assert [file.name for file in tmp_path.iterdir()] == ["bad.json"]


def test_validation_bars_need_held_out_kits(sources: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--splits"):
        main(f"--grooves {sources} --oneshots {sources} --out {tmp_path}/set --validation-count 4".split())


def test_an_existing_data_set_is_replaced_only_when_asked(sources: Path, tmp_path: Path) -> None:
    options = ("--bars-count", "1", "--validation-count", "0")
    render(sources, tmp_path / "set", *options)
    with pytest.raises(OutputError, match="exists"):
        render(sources, tmp_path / "set", *options)
    assert render(sources, tmp_path / "set", *options, "--force") == 0
