"""The results of a run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from training_runs import card, train

from vaesynth_training import finish
from vaesynth_training.cli import main
from vaesynth_training.run import ITEMS

MakeData = Callable[..., Path]


def test_what_is_scored_comes_from_all_sets(
    tmp_path: Path, make_loops: MakeData, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finish, "MAX_SCORED", {"train": 4, "validation": 1})
    monkeypatch.setattr(finish, "ENCODE_BATCH", 1)
    sets = [make_loops(tmp_path / name, train=6, validation=1, seed=seed) for seed, name in enumerate("ab")]
    data = [f"--data={folder}" for folder in sets]
    run = tmp_path / "run"
    assert main(["drums", *data, "--config", str(config), "--out", str(run), "--steps", "1"]) == 0
    scored = ["score" in record for record in json.loads((run / ITEMS).read_text())["train"]]
    assert len(scored) == 12
    assert sum(scored[:6]) == sum(scored[6:]) == 2


def test_a_score_that_is_no_number_is_none(
    tmp_path: Path, loops: Path, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measures(decoded: Tensor, *_: object) -> dict[str, Tensor]:
        return {
            "mr_stft": torch.full((len(decoded),), torch.nan),
            "onset_correlation": torch.ones(len(decoded)),
        }

    monkeypatch.setattr(finish, "item_metrics", measures)
    assert train(loops, tmp_path / "run", "--steps", "1", config=config) == 0
    assert card(tmp_path / "run")["scores"]["train"] == {"mr_stft": None, "onset_correlation": 1, "items": 6}
