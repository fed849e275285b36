"""Trainings that go wrong."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from training_runs import ToySettings, logged, train

from vaesynth_training import models
from vaesynth_training.lightning_module import MAX_BAD_STEPS
from vaesynth_training.model import Batch
from vaesynth_training.models import Entry
from vaesynth_training.models.paper import DenseVae


class Unstable(DenseVae):
    """The dense model, whose loss is not a number from step 3 on."""

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        parts = super().losses(batch, step)
        return parts | {"loss": parts["loss"] * float("nan")} if step >= 3 else parts


class Derailed(DenseVae):
    """The dense model, whose weights are thrown far off at step 150."""

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        if step == 150 and self.training:
            with torch.no_grad():
                for weight in self.parameters():
                    weight.add_(3 * torch.randn_like(weight))
        return super().losses(batch, step)


class NewStage(DenseVae):
    """The dense model, whose loss has another term from step 150 on."""

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        parts = super().losses(batch, step)
        return parts | {"loss": 3 * parts["loss"].abs() + 10} if step >= 150 else parts


def test_a_loss_that_is_not_a_number_ends_the_run_with_good_weights(
    loops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(models.MODELS, "toy", Entry(__name__, "Unstable", ToySettings.__name__))
    config = tmp_path / "toy.yaml"
    config.write_text("model: toy\ntraining: {steps: 100, batch_size: 2, checkpoint_minutes: 1e-6}\n")
    assert train(loops, tmp_path / "run", config=config) == 2
    assert f"not finite in {MAX_BAD_STEPS} steps" in capsys.readouterr().err
    checkpoint = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)
    assert all(torch.isfinite(v).all() for v in checkpoint["state_dict"].values())


@pytest.mark.parametrize(("model", "noticed"), [("Derailed", True), ("NewStage", False)])
def test_a_training_that_runs_away_goes_on_from_its_running_mean_at_half_the_rate(
    model: str,
    noticed: bool,
    loops: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(models.MODELS, "toy", Entry(__name__, model, ToySettings.__name__))
    config = tmp_path / "toy.yaml"
    config.write_text(
        "model: toy\ntraining: {steps: 260, log_steps: 10, batch_size: 4, ema_decay: 0.99}\n"
        "optimiser: {schedule: constant, warm_up_steps: 0}\n"
    )
    assert train(loops, tmp_path / "run", config=config) == 0
    assert ("has run away" in caplog.text) == noticed
    rates = logged(tmp_path / "run", "learning_rate")
    assert rates[-1] == pytest.approx(rates[0] / 2 if noticed else rates[0])
    checkpoint = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["vaesynth"]["calm"] == (0.5 if noticed else 1.0)
    if noticed:
        losses = logged(tmp_path / "run", "loss")
        assert max(losses[15:18]) > 5 * max(losses[5:15]), "it was far off"
        assert max(losses[-5:]) < 2 * max(losses[5:15])
