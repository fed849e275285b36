"""Trainings that go wrong."""

import shutil
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor
from training_runs import ToySettings, logged, train

from vaesynth_training import models
from vaesynth_training.cli import main
from vaesynth_training.lightning_module import MAX_BAD_STEPS
from vaesynth_training.model import Batch, Posterior
from vaesynth_training.models import Entry
from vaesynth_training.models.paper import DenseVae
from vaesynth_training.run import CARD, LATENTS, WEIGHTS


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


class Hopeless(DenseVae):
    """A model whose loss is never a number, and which fails on what comes of that."""

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        return {"loss": self.to_output(self.decoder(torch.zeros(1, self.latent_dim))).sum() * float("nan")}

    def encode(self, x: Tensor) -> Posterior:
        raise IndexError("there is no place like nan")


def test_a_run_that_threw_all_its_steps_away_is_no_success(
    loops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(models.MODELS, "toy", Entry(__name__, "Hopeless", ToySettings.__name__))
    config = tmp_path / "toy.yaml"
    config.write_text("model: toy\ntraining: {steps: 5, batch_size: 2}\n")
    assert train(loops, tmp_path / "run", config=config) == 2
    assert "loss or gradient was not finite in all 5 steps" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "run/card.json").exists()


@pytest.mark.parametrize("rate", ["1000", "1e9"])
def test_a_run_that_blew_up_is_no_success(
    rate: str, loops: Path, config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, blown = tmp_path / "run", f"optimiser.learning_rate={rate}"
    assert train(loops, out, "--steps", "10", "--set", blown, config=config) == 2
    assert "of the trained model is not finite" in capsys.readouterr().err.splitlines()[-1]
    assert not [name for name in (WEIGHTS, LATENTS, CARD) if (out / name).exists()]


@pytest.mark.parametrize(
    ("file", "name", "value", "told"),
    [
        (WEIGHTS, "to_posterior.bias", torch.nan, "to_posterior.bias is not finite"),
        (WEIGHTS, "log_deviation", 5_000.0, "deviation is inf"),
        (LATENTS, "train_mean", torch.inf, "train_mean is not finite"),
    ],
)
def test_what_blew_up_is_not_evaluated(
    file: str,
    name: str,
    value: float,
    told: str,
    run: Path,
    loops: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    broken = shutil.copytree(run, tmp_path / "run")
    tensors = safetensors.torch.load_file(broken / file)
    tensors[name] = torch.full_like(tensors[name], value)
    safetensors.torch.save_file(tensors, broken / file)
    capsys.readouterr()
    assert main(["evaluate", str(broken), "--data", str(loops)]) == 2
    message = capsys.readouterr().err
    assert told in message
    assert message.count("\n") == 1


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
