"""Going on with a run, and starting anew in its folder."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from training_runs import card, train

from vaesynth_training.resume import RANKS, first_process

CHECKPOINT = "checkpoints/last.ckpt"


def files_of(run: Path) -> dict[str, bytes]:
    return {str(p.relative_to(run)): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file()}


@pytest.mark.parametrize(
    ("arguments", "named", "told"),
    [
        (["--set", "settings.latent_dim=5"], None, "settings.latent_dim is 5, expected 4"),
        (["--set", "settings.kl.beta=2"], None, "settings.kl.beta is 2.0, expected 1.0"),
        ([], "paper_drums", "settings.hidden is "),
        ([], "pca", "model is pca, expected dense"),
    ],
)
def test_a_run_goes_on_with_its_own_model_alone(
    arguments: list[str],
    named: str | None,
    told: str,
    loops: Path,
    config: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "3", config=config) == 0
    before = files_of(out)
    capsys.readouterr()
    assert train(loops, out, "--resume", "--steps", "6", *arguments, config=named or config) == 2
    message = capsys.readouterr().err
    assert told in message
    assert message.count("\n") == 1
    assert files_of(out) == before


def test_a_new_start_keeps_nothing_of_the_old_run(loops: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "10", config=config) == 0
    assert train(loops, out, "--steps", "5", "--force", "--seed", "7", config=config) == 0
    with open(out / "log.csv", newline="") as file:
        assert {int(row["step"]) for row in csv.DictReader(file) if row["split"] == "train"} == {5}


def test_what_a_new_start_has_not_written_yet_is_not_the_old_runs(
    loops: Path, config: Path, tmp_path: Path
) -> None:
    """As after a crash in the first step: what --resume goes on with is the new run."""
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "10", config=config) == 0
    crash = (
        "import os, sys\nfrom vaesynth_training import cli, lightning_module\n"
        "lightning_module.VaeModule.training_step = lambda *_: os._exit(9)\ncli.main(sys.argv[1:])"
    )
    arguments = ["drums", "--data", loops, "--config", config, "--out", out, "--device", "cpu"]
    done = subprocess.run([sys.executable, "-c", crash, *arguments, "--force", "--seed", "7"], timeout=120)
    assert done.returncode == 9
    assert not [name for name in ("model.safetensors", "card.json", CHECKPOINT) if (out / name).exists()]
    assert train(loops, out, "--steps", "3", "--resume", config=config) == 0
    assert card(out)["steps"] == 3
    assert train(loops, tmp_path / "clean", "--steps", "3", "--seed", "7", config=config) == 0
    a, b = (safetensors.torch.load_file(f / "model.safetensors") for f in (out, tmp_path / "clean"))
    torch.testing.assert_close(a, b)


@pytest.mark.parametrize("damage", ["truncated", "empty", "text", "other", "foreign"])
def test_a_damaged_checkpoint_is_one_sentence(
    damage: str, loops: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "3", config=config) == 0
    path = out / CHECKPOINT
    if damage == "truncated":
        os.truncate(path, path.stat().st_size // 2)
    elif damage == "other":
        torch.save({"a": 1}, path)
    elif damage == "foreign":
        state = torch.load(path, weights_only=True)
        state["state_dict"]["model.to_posterior.bias"] = torch.zeros(3)
        torch.save(state, path)
    else:
        path.write_bytes(b"" if damage == "empty" else b"This is no checkpoint.\n")
    before = files_of(out)
    capsys.readouterr()
    assert train(loops, out, "--resume", "--steps", "6", config=config) == 2
    message = capsys.readouterr().err
    assert CHECKPOINT in message
    assert "--force starts anew" in message
    assert message.count("\n") == 1
    assert files_of(out) == before


@pytest.mark.parametrize(
    ("told", "first"),
    [
        ({}, True),
        ({"RANK": "0", "LOCAL_RANK": "1"}, True),
        ({"RANK": "8", "LOCAL_RANK": "0"}, False),
        ({"LOCAL_RANK": "1"}, False),
        ({"SLURM_PROCID": "3"}, False),
    ],
)
def test_a_process_knows_whether_it_is_the_first(
    told: dict[str, str], first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in RANKS:
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert first_process() == first
