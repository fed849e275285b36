"""Budget, learning rate, running mean, weights on disk."""

from pathlib import Path

import pytest
import torch
from torch import nn

from vaesynth.errors import SettingError
from vaesynth.geometry import LoopGeometry
from vaesynth_training.budget import Budget, rate_factor
from vaesynth_training.configuration import OptimiserConfig, TrainingConfig
from vaesynth_training.ema import ExponentialMean
from vaesynth_training.models import build
from vaesynth_training.models.drums.memory import Memory
from vaesynth_training.models.paper import DenseSettings
from vaesynth_training.run import load_weights, write_tensors

LOOP = LoopGeometry(8000, 1, 400, 1, 4)


def test_epochs_are_counted_in_items_whatever_the_batch() -> None:
    assert (
        Budget(TrainingConfig(epochs=3), items=10, items_per_step=4).total_steps == 8
    )  # 30 items, 4 at a time
    assert Budget(TrainingConfig(epochs=3, steps=5), items=10, items_per_step=4).total_steps == 5


def test_the_first_budget_to_be_spent_ends_the_run() -> None:
    budget = Budget(TrainingConfig(steps=100, minutes=1), 10, 1, steps=50, seconds=45)
    assert budget.progress == pytest.approx(0.75)
    assert budget.seconds_left == pytest.approx(15)
    budget.seconds = 60
    assert budget.spent


def test_time_between_stop_and_start_is_not_training(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("vaesynth_training.budget.time.monotonic", lambda: now[0])
    budget = Budget(TrainingConfig(minutes=1), 10, 1)
    budget.start()
    now[0] += 2
    budget.tick()
    now[0] += 1
    budget.stop()
    now[0] += 50
    budget.start()
    now[0] += 3
    budget.tick()
    assert (budget.steps, budget.seconds) == (2, 6)


def test_processor_time_can_be_what_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [5.0]
    monkeypatch.setattr("vaesynth_training.budget.time.process_time", lambda: now[0])
    budget = Budget(TrainingConfig(minutes=1, clock="processor"), 10, 1)
    budget.start()
    now[0] += 30
    budget.tick()
    assert budget.progress == pytest.approx(0.5)


def test_rate_warms_up_then_falls_to_its_final_share() -> None:
    config = OptimiserConfig(warm_up_steps=9, final_factor=0.1)
    assert rate_factor(config, 0, 0.0) == pytest.approx(0.1)
    assert rate_factor(config, 9, 0.0) == 1.0
    assert rate_factor(config, 50, 0.5) == pytest.approx(0.55)
    assert rate_factor(config, 99, 1.0) == pytest.approx(0.1)
    assert rate_factor(OptimiserConfig(warm_up_steps=0, schedule="constant"), 99, 1.0) == 1.0


def test_mean_lags_behind_the_weights_and_leaves_them_alone() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.BatchNorm1d(1))
    mean = ExponentialMean(model, 0.5)
    start = model[0].weight.detach().clone()
    with torch.no_grad():
        model[0].weight += 1
        model[1].num_batches_tracked += 3
    mean.update(model)
    # The first update keeps 1/10: the decay warms up.
    torch.testing.assert_close(mean.state["0.weight"], start + 0.9)
    assert int(mean.state["1.num_batches_tracked"]) == 3
    with mean.applied(model):
        torch.testing.assert_close(model[0].weight, start + 0.9)
        assert not model.training
    torch.testing.assert_close(model[0].weight, start + 1)
    assert model.training


def test_mean_survives_a_checkpoint() -> None:
    model = nn.Linear(2, 2)
    mean, other = ExponentialMean(model, 0.9), ExponentialMean(nn.Linear(2, 2), 0.9)
    mean.update(model)
    other.load_state_dict(mean.state_dict())
    assert other.updates == 1
    torch.testing.assert_close(other.state, mean.state)


def test_mean_takes_the_sizes_of_a_checkpoint() -> None:
    """A model that remembers loops goes on where it was stopped: a new one remembers none."""
    memory, empty = Memory(3, 2, 4), Memory(3, 2, 4)
    memory.learn(torch.randn(5, 3), torch.randn(5, 2, 4))
    mean, other = ExponentialMean(memory, 0.9), ExponentialMean(empty, 0.9)
    other.load_state_dict(mean.state_dict())
    with other.applied(empty):
        assert torch.equal(empty.rests, memory.rests)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    model = build("dense", DenseSettings(hidden=(8,)), LOOP)
    write_tensors(tmp_path / "w", build("dense", DenseSettings(hidden=(9,)), LOOP).state_dict())
    with pytest.raises(SettingError, match="does not fit"):
        load_weights(model, tmp_path / "w")
    write_tensors(tmp_path / "w", {"nothing": torch.zeros(1)})
    with pytest.raises(SettingError, match="does not fit"):
        load_weights(model, tmp_path / "w")
    (tmp_path / "w").write_bytes(b"no safetensors")
    with pytest.raises(SettingError, match="cannot be read"):
        load_weights(model, tmp_path / "w")
