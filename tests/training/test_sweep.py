"""A sweep over β: what it writes, and that β does what theory says."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from vaesynth_training.cli import main
from vaesynth_training.series import markdown
from vaesynth_training.sweep import weight_key


def sweep(data: Path, config: Path, out: Path, *more: str) -> int:
    return main(["sweep", "drums", "--data", str(data), "--config", str(config), "--out", str(out),
                 "--device", "cpu", *more])  # fmt: skip


def test_more_weight_leaves_fewer_nats(
    loops: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sweep"
    betas = ["--beta", "0", "--beta", "1000", "--set", "training.ema_decay=0", "--steps", "60"]
    betas += ["--set", "optimiser.learning_rate=0.05"]
    assert sweep(loops, config, out, *betas, "--also", "pca") == 0
    printed = capsys.readouterr().out
    with open(out / "table.csv", newline="") as file:
        rows = {row["run"]: row for row in csv.DictReader(file)}
    assert list(rows) == ["beta-0", "beta-1000", "pca"]
    assert float(rows["beta-1000"]["nats"]) < 0.5 * float(rows["beta-0"]["nats"])
    assert int(rows["pca"]["active_units"]) == 5  # what six items span
    assert (out / "table.md").read_text() == printed
    assert (out / "plot.png").stat().st_size > 5000
    assert (out / "beta-0/evaluation/index.html").is_file()
    # Called again, nothing is done anew.
    made = [out / "beta-0" / name for name in ("model.safetensors", "evaluation/index.html")]
    before = [path.stat().st_mtime_ns for path in made]
    assert sweep(loops, config, out, *betas, "--also", "pca") == 0
    assert [path.stat().st_mtime_ns for path in made] == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--beta", "-1"], "--beta is -1.0, expected different numbers, none below 0"),
        (["--beta", "1", "--beta", "1"], "expected different numbers"),
        (["--config", "pca"], "has no weight of the KL"),
        (["--data", "nowhere"], "nowhere"),
        (["--also", "nosuch.yaml"], "configuration nosuch.yaml is neither"),
        (["--seed", "-1", "--also", "pca"], "training.seed is -1"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str], told: str, loops: Path, config: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert sweep(loops, config, tmp_path / "out", *arguments) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert told in error
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").rglob("*.csv"))


def test_a_data_set_is_no_place_for_a_sweep(
    config: Path, tmp_path: Path, make_loops: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_loops(tmp_path / "data")
    before = sorted(data.rglob("*"))
    assert sweep(data, config, data) == 2
    assert "data is a data set (dataset.json), expected another folder" in capsys.readouterr().err
    assert sorted(data.rglob("*")) == before


def test_each_model_keeps_its_weight_somewhere() -> None:
    assert weight_key("paper_drums") == "settings.kl.beta"
    assert weight_key("faces") == "settings.kl.beta"
    assert weight_key("drums").startswith("settings.")


def test_a_table_shows_what_is_missing_as_a_dash() -> None:
    text = markdown([{"run": "a", "nats": None, "elbo": -12345.6, "mr_stft": 0.12345}])
    assert text.splitlines()[-1] == "| a | – | -12,346 | 0.123 |"
