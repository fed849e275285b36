"""Validation while training goes on."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from training_runs import ToySettings, logged, train

from vaesynth_training import models
from vaesynth_training.callbacks import Log
from vaesynth_training.data import Data
from vaesynth_training.ema import ExponentialMean
from vaesynth_training.model import Batch
from vaesynth_training.models import Entry
from vaesynth_training.models.paper import DenseVae
from vaesynth_training.validation import Validation


class Sparse(DenseVae):
    """The dense model, one part of whose loss occurs with one item alone."""

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        known = any(record["name"] == "loop 6" for record in batch.info)
        return super().losses(batch, step) | ({"rare": torch.tensor(3.0)} if known else {})


def test_a_part_that_one_item_has_is_not_thinned_by_the_others(
    loops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(models.MODELS, "toy", Entry(__name__, "Sparse", ToySettings.__name__))
    config = tmp_path / "toy.yaml"
    config.write_text("model: toy\ntraining: {steps: 2, batch_size: 1}\n")
    assert train(loops, tmp_path / "run", config=config) == 0
    assert logged(tmp_path / "run", "rare", "validation") == [3.0]
    assert len(logged(tmp_path / "run", "mr_stft", "validation")) == 1


def test_ranks_agree_on_the_time_after_a_validation(loops: Path, tmp_path: Path) -> None:
    """Whoever decides on a checkpoint after it, on the same step, must decide as the others do."""
    budget = SimpleNamespace(seconds=60.0, steps=1, start=lambda: None)

    def stop() -> None:
        budget.seconds += 0.1

    def synchronise() -> None:
        budget.seconds = 60.2

    budget.stop = stop
    model = nn.Linear(1, 1)
    module = SimpleNamespace(
        budget=budget, synchronise=synchronise, model=model, mean=ExponentialMean(model, 0.0)
    )
    data = Data.open([loops], "loop")
    validation = Validation(data, Log(tmp_path, 1), minutes=1, items=1, previews=0, batch_size=1)
    seen = []
    validation.validate = lambda *_: seen.append(budget.seconds)  # type: ignore[method-assign]
    validation.on_train_batch_end(cast(Any, SimpleNamespace(should_stop=False)), cast(Any, module))
    assert seen == [60.2]
    assert budget.seconds == 60.2
