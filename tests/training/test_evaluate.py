"""Evaluation of runs: what is written, and whether the figures can be believed."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import soundfile
import torch
from torch import Tensor

from vaesynth.geometry import LoopGeometry
from vaesynth_training import studies
from vaesynth_training.cli import main
from vaesynth_training.interpolation import lerp, path, slerp


@pytest.fixture(scope="module")
def figures(run: Path, loops: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("evaluation") / "e"
    assert main(["evaluate", str(run), "--data", str(loops), "--split", "train", "--out", str(out)]) == 0
    return out, json.loads((out / "metrics.json").read_text())


def test_figures_cover_the_three_questions(figures: tuple[Path, dict[str, Any]]) -> None:
    _, f = figures
    assert f["items"] == 6
    assert set(f["reconstruction"]) == {"mr_stft", "onset_correlation"}
    assert set(f["generation"]["nearest"]) == {"prior", "fitted", "real"}
    assert {"lerp", "slerp"} <= set(f["interpolation"])
    assert len(f["per_item"]) == 6
    assert f["reconstruction"]["mr_stft"] == pytest.approx(
        sum(r["mr_stft"] for r in f["per_item"]) / 6, abs=1e-3
    )


def test_the_bound_adds_up_and_more_draws_tighten_it(figures: tuple[Path, dict[str, Any]]) -> None:
    bound = figures[1]["bound"]
    assert bound["elbo"] == pytest.approx(bound["log_likelihood"] - bound["kl"], rel=1e-5)
    assert bound["values"] == 2 * 1600
    assert bound["importance_weighted_16"] > bound["elbo_of_the_same_items"] - 1


def test_a_walk_along_each_dimension_that_holds_most(figures: tuple[Path, dict[str, Any]]) -> None:
    f = figures[1]
    nats = f["latent"]["nats_per_dimension"]
    walked = f["traversal"]["dimensions"]
    assert [row["dimension"] for row in walked] == sorted(range(4), key=lambda d: -nats[d])
    assert all(row["change"] > 0 and row["evenness"] >= 1 for row in walked)


def test_missing_halves_are_measured_beside_what_needs_no_model(figures: tuple[Path, dict[str, Any]]) -> None:
    f = figures[1]["imputation"]
    ways = {"encoded", "searched", "repeated", "nearest", "reconstructed"}
    assert ways | {"items"} == set(f)
    assert all(set(f[way]) == {"mr_stft", "onset_correlation"} for way in ways)
    assert all(f[way]["mr_stft"] > 0 for way in ways)  # not even "nearest" may look at the item itself


def test_page_links_only_what_is_there(figures: tuple[Path, dict[str, Any]]) -> None:
    out, _ = figures
    text = (out / "index.html").read_text()
    links = [part.split('"')[0] for part in text.split('src="')[1:]]
    assert len(links) > 20
    assert all((out / link).is_file() for link in links)
    audio, rate = soundfile.read(out / "audio" / "original-0.wav")
    assert (audio.shape, rate) == ((1600, 2), 8000)


def test_images_are_evaluated_too(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = [
        "--data",
        str(images),
        "--config",
        "paper_faces",
        "--out",
        str(out),
        "--steps",
        "2",
        "--device",
        "cpu",
    ]
    assert main(["faces", *arguments]) == 0
    assert main(["evaluate", str(out), "--data", str(images)]) == 0
    f = json.loads((out / "evaluation/metrics.json").read_text())
    assert f["split"] == "validation"
    assert f["bound"]["values"] == 16 * 12  # grey: each pixel counts once
    assert set(f["imputation"]) >= {"encoded", "searched", "repeated", "nearest"}
    for name in ("reconstruction", "traversal", "imputation"):
        assert (out / f"evaluation/{name}.png").is_file()
    assert main(["evaluate", str(out), "--data", str(images)]) == 0  # an older evaluation is replaced
    assert not list(out.glob(".evaluation*"))


def test_other_folders_are_not_replaced(
    run: Path, loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    assert main(["evaluate", str(run), "--data", str(loops), "--out", str(tmp_path)]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_folder_without_a_run_is_named(
    loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(tmp_path), "--data", str(loops)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_paths_start_and_end_at_the_items() -> None:
    a, b = torch.randn(8), torch.randn(8)
    for kind in ("lerp", "slerp"):
        line = path(a, b, 5, kind)
        torch.testing.assert_close(line[[0, -1]], torch.stack([a, b]), atol=1e-5, rtol=1e-4)


def test_slerp_keeps_the_length_that_lerp_loses() -> None:
    a, b, t = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]), torch.tensor([0.5])
    assert slerp(a, b, t).norm().item() == pytest.approx(1)
    assert lerp(a, b, t).norm().item() == pytest.approx(math.sqrt(0.5))
    torch.testing.assert_close(slerp(a, a, t)[0], a)  # no angle: no division by zero


def test_features_measure_level_in_decibels() -> None:
    geometry = LoopGeometry(8000, 1, 1600, 1, 4)
    x = 0.1 * torch.randn(1, 1, 1600)
    away = studies.distances(studies.features(x, geometry), studies.features(2 * x, geometry))
    assert away.item() == pytest.approx(6.02, abs=0.3)


def test_pairs_are_far_apart_and_use_each_item_once() -> None:
    seen: Tensor = torch.tensor([[0.0], [1.0], [10.0], [11.0]])
    assert studies.spread_pairs(seen, 5) == [(0, 3), (1, 2)]
