"""Training as a user meets it: what a run leaves behind, how it resumes, stops, and fails."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn
from training_runs import ToySettings, card, logged, train

from vaesynth.geometry import NATIVE_LOOP, ImageGeometry, LoopGeometry
from vaesynth_training import models
from vaesynth_training.cli import main
from vaesynth_training.model import Batch
from vaesynth_training.models import Entry
from vaesynth_training.models.paper import DenseVae
from vaesynth_training.run import Run

MakeData = Callable[..., Path]


class Adversarial(DenseVae):
    """The dense model with a discriminator that begins at step 5."""

    def __init__(self, settings: ToySettings, geometry: LoopGeometry | ImageGeometry) -> None:
        super().__init__(settings, geometry)
        self.critic = nn.Linear(
            geometry.frames * geometry.channels if isinstance(geometry, LoopGeometry) else 1, 1
        )

    def adversary(self) -> nn.Module:
        return self.critic

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        parts = super().losses(batch, step)
        fake = self.critic(self.decode(self.encode(batch.x).mean).flatten(1))
        return parts | {"loss": parts["loss"] - 0.01 * fake.mean()}

    def adversary_losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        if step < 5:
            return {}
        with torch.no_grad():
            decoded = self.decode(self.encode(batch.x).mean)
        return {
            "loss": (1 - self.critic(batch.x.flatten(1))).relu().mean()
            + (1 + self.critic(decoded.flatten(1))).relu().mean()
        }


def test_a_run_leaves_everything_behind(run: Path) -> None:
    opened = Run.open(run)
    assert opened.kind == "loop"
    assert opened.latents["train_mean"].shape == (6, 4)
    assert opened.latents["validation_log_variance"].shape == (2, 4)
    assert [r["name"] for r in opened.items["train"]] == [f"loop {i}" for i in range(6)]
    assert opened.card["steps"] == 40
    assert opened.card["minutes"] > 0
    assert opened.card["data_licences"]["CC0-1.0"]["items"] == 8
    assert opened.card["scores"]["validation"]["items"] == 2
    assert all("score" in r for r in opened.items["train"])
    assert list((run / "tensorboard").glob("events*"))


def test_latents_are_those_of_the_exported_weights(run: Path, loops: Path) -> None:
    from vaesynth_training.data import Data

    model = Run.open(run).model()
    batch = next(iter(Data.open([loops], "loop").once("train", 6)))
    with torch.no_grad():
        mean = model.encode(batch.x).mean
    torch.testing.assert_close(
        mean, torch.from_numpy(Run.open(run).latents["train_mean"]), atol=1e-4, rtol=1e-4
    )


def test_training_learns_and_logs_both_terms_of_the_bound(run: Path) -> None:
    losses = logged(run, "negative_elbo")
    assert len(losses) == 8
    assert losses[-1] < losses[0]
    for name in ("negative_log_likelihood", "kl"):
        assert len(logged(run, name)) == 8
    assert logged(run, "mr_stft", "validation")


def test_checkpoints_hold_tensors_and_plain_values_only(run: Path) -> None:
    checkpoint = torch.load(run / "checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["vaesynth"]["steps"] == 40
    assert not list((run / "checkpoints").glob(".*"))


def test_the_same_seed_gives_the_same_weights(run: Path, loops: Path, config: Path, tmp_path: Path) -> None:
    assert train(loops, tmp_path / "again", config=config) == 0
    a, b = (safetensors.torch.load_file(folder / "model.safetensors") for folder in (run, tmp_path / "again"))
    torch.testing.assert_close(a, b)


def test_resume_goes_on_with_optimiser_mean_and_count(loops: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "10", config=config) == 0
    before = torch.load(out / "checkpoints/last.ckpt", weights_only=True)
    assert train(loops, out, "--steps", "25", "--resume", config=config) == 0
    after = torch.load(out / "checkpoints/last.ckpt", weights_only=True)
    assert (before["vaesynth"]["steps"], after["vaesynth"]["steps"]) == (10, 25)
    assert after["vaesynth"]["mean"]["updates"] == 25
    assert float(after["optimizer_states"][0]["state"][0]["step"]) == 25
    assert card(out)["minutes"] > before["vaesynth"]["seconds"] / 60
    with open(out / "log.csv", newline="") as file:
        steps = [int(r["step"]) for r in csv.DictReader(file) if r["name"] == "kl" and r["split"] == "train"]
    assert steps == [5, 10, 15, 20, 25]


def test_mixed_precision_learns_too(loops: Path, config: Path, tmp_path: Path) -> None:
    assert train(loops, tmp_path / "run", "--set", "training.precision=bf16", config=config) == 0
    losses = logged(tmp_path / "run", "negative_elbo")
    assert losses[-1] < losses[0]
    weights = safetensors.torch.load_file(tmp_path / "run/model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {torch.float32}


def test_resuming_a_spent_budget_changes_nothing(loops: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert train(loops, out, "--steps", "5", config=config) == 0
    before = safetensors.torch.load_file(out / "model.safetensors")
    assert train(loops, out, "--resume", config=config) == 0
    torch.testing.assert_close(safetensors.torch.load_file(out / "model.safetensors"), before)


def test_resuming_a_spent_budget_settles_drums_as_before(tmp_path: Path, make_loops: MakeData) -> None:
    data = make_loops(tmp_path / "data", train=4, validation=0, geometry=NATIVE_LOOP)
    config = tmp_path / "small.yaml"
    config.write_text(
        "model: drums\nsettings: {channels: 16, hidden: 16, bands: 8, partials: 2}\n"
        "training: {steps: 1, batch_size: 1, previews: 0}\n"
    )
    out = tmp_path / "run"
    assert train(data, out, config=config) == 0
    before = [
        safetensors.torch.load_file(out / name) for name in ("model.safetensors", "latents.safetensors")
    ]
    assert train(data, out, "--resume", config=config) == 0
    after = [safetensors.torch.load_file(out / name) for name in ("model.safetensors", "latents.safetensors")]
    torch.testing.assert_close(after, before)


def test_a_run_is_not_overwritten_by_accident(
    run: Path, loops: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(loops, run) == 2
    message = capsys.readouterr().err
    assert "already holds a run" in message
    assert message.count("\n") == 1


def test_from_starts_with_the_weights_of_a_run(run: Path, loops: Path, tmp_path: Path) -> None:
    out = tmp_path / "tuned"
    arguments = [
        "drums",
        "--data",
        str(loops),
        "--from",
        str(run),
        "--out",
        str(out),
        "--steps",
        "1",
        "--device",
        "cpu",
    ]
    assert main([*arguments, "--set", "optimiser.learning_rate=1e-9"]) == 0
    a, b = (safetensors.torch.load_file(folder / "model.safetensors") for folder in (run, out))
    torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)


def test_images_train_too(images: Path, tmp_path: Path) -> None:
    assert train(images, tmp_path / "run", "--steps", "3", kind="faces", config="paper_faces") == 0
    opened = Run.open(tmp_path / "run")
    assert opened.kind == "image"
    with torch.no_grad():
        decoded = opened.model().decode(torch.zeros(2, opened.model().latent_dim))
    assert decoded.shape == (2, 3, 16, 12)
    assert decoded.min() >= 0
    assert decoded.max() <= 1
    assert set(opened.card["scores"]["train"]) == {"psnr", "ssim", "items"}


def test_an_adversary_has_an_optimiser_of_its_own(
    loops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(models.MODELS, "toy", Entry(__name__, "Adversarial", "ToySettings"))
    config = tmp_path / "toy.yaml"
    config.write_text("model: toy\ntraining: {steps: 12, log_steps: 1, batch_size: 2}\n")
    assert train(loops, tmp_path / "run", config=config) == 0
    checkpoint = torch.load(tmp_path / "run/checkpoints/last.ckpt", weights_only=True)
    first, second = checkpoint["optimizer_states"]
    assert float(first["state"][0]["step"]) == 12
    assert len(second["state"]) == 2
    assert float(second["state"][0]["step"]) == 7  # it joins at step 5
    assert len(logged(tmp_path / "run", "adversary_loss")) == 7
    exported = safetensors.torch.load_file(tmp_path / "run/model.safetensors")
    assert not [k for k in exported if k.startswith("critic")]
    Run.open(tmp_path / "run").model()


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM to catch")
@pytest.mark.parametrize("workers", [0, 1])
def test_a_signal_ends_the_run_and_saves_it(workers: int, loops: Path, config: Path, tmp_path: Path) -> None:
    """As from Ctrl-C or a batch system: the signal reaches the whole process group, workers too."""
    out = tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "vaesynth_training",
        "drums",
        "--data",
        str(loops),
        "--config",
        str(config),
        "--set",
        f"training.workers={workers}",
    ]
    child = subprocess.Popen(
        [*command, "--out", str(out), "--minutes", "30", "--device", "cpu"],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    while not (out / "log.csv").exists() and time.monotonic() < deadline:
        assert child.poll() is None
        time.sleep(0.1)
    os.killpg(child.pid, signal.SIGTERM)
    _, errors = child.communicate(timeout=120)
    assert child.returncode == 128 + signal.SIGTERM
    assert b"Traceback" not in errors
    steps = torch.load(out / "checkpoints/last.ckpt", weights_only=True)["vaesynth"]["steps"]
    assert card(out)["steps"] == steps > 0


def train_in_two_processes(data: Path, out: Path, config: Path, *more: str) -> None:
    """As `train`, under torchrun."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command = [*torchrun, "-m", "vaesynth_training", "drums", "--data", data, "--config", config]
    done = subprocess.run(
        [*command, "--out", out, "--device", "cpu", *more],
        capture_output=True,
        timeout=240,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def test_devices_without_torchrun_are_processes_of_lightnings(
    loops: Path, config: Path, tmp_path: Path
) -> None:
    """The second process finds the first one's folder, and is no other run that wants it."""
    command = [sys.executable, "-m", "vaesynth_training", "drums", "--data", loops, "--config", config]
    done = subprocess.run(
        [*command, "--out", tmp_path / "run", "--device", "cpu", "--devices", "2", "--steps", "3"],
        capture_output=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert card(tmp_path / "run")["steps"] == 3


def test_two_processes_train_drums(tmp_path: Path, make_loops: MakeData) -> None:
    """A step of the drum model uses some of its parameters, and not the same ones in all processes: one
    listens to bars that bring their hits, the other decodes bars that do not.
    """
    sizes = {"train": 4, "validation": 2, "shard_items": 2, "known": 2}
    data = make_loops(tmp_path / "data", geometry=NATIVE_LOOP, **sizes)
    config = tmp_path / "small.yaml"
    config.write_text(
        "model: drums\nsettings: {channels: 16, hidden: 32, bands: 12, partials: 2, listen_steps: 5}\n"
        "training: {steps: 3, batch_size: 2, shuffle_items: 1, log_steps: 1}\n"
    )
    train_in_two_processes(data, tmp_path / "run", config)
    assert card(tmp_path / "run")["steps"] == 3


def test_two_processes_train_as_one_with_twice_the_batch(tmp_path: Path, make_loops: MakeData) -> None:
    """Under torchrun (gloo), shards split by rank: the same losses and weights, and one of them writes.

    A plain autoencoder draws nothing, and a step meets every item once: nothing is left to chance but the
    order of sums.
    """
    data = make_loops(tmp_path / "data", train=8, validation=3, shard_items=2)
    config = tmp_path / "plain.yaml"
    config.write_text(
        "model: dense\n"
        "settings: {hidden: [32, 16], latent_dim: 4, variational: false}\n"
        "optimiser: {learning_rate: 1e-3, schedule: constant, warm_up_steps: 0}\n"
        "training: {steps: 20, ema_decay: 0.9, log_steps: 1, shuffle_items: 1}\n"
    )
    assert train(data, tmp_path / "one", "--set", "training.batch_size=8", config=config) == 0
    two = tmp_path / "two"
    train_in_two_processes(data, two, config, "--set", "training.batch_size=4")
    curves = [logged(tmp_path / name, "mean_squared_error") for name in ("one", "two")]
    assert len(curves[0]) == 20
    assert curves[0][-1] < 0.9 * curves[0][0]
    assert curves[1] == pytest.approx(curves[0], rel=1e-3)
    weights = [safetensors.torch.load_file(tmp_path / name / "model.safetensors") for name in ("one", "two")]
    torch.testing.assert_close(weights[1], weights[0], atol=1e-4, rtol=1e-3)
    assert card(two)["steps"] == 20
    assert logged(two, "mr_stft", "validation") == pytest.approx(
        logged(tmp_path / "one", "mr_stft", "validation"), rel=1e-2
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--data", "nowhere"], "nowhere"),
        (["--config", "no-such"], "no-such"),
        (["--set", "training.batch_size=0"], "batch_size is 0"),
        (["--from", "nowhere"], "nowhere"),
        (["--device", "cuda"], "cuda"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_no_run(
    arguments: list[str], told: str, loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "cuda" in arguments and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    arguments = [*(("--data", str(loops)) if "--data" not in arguments else ()), *arguments]
    arguments += [] if "--from" in arguments or "--config" in arguments else ["--config", "paper_drums"]
    assert main(["drums", "--out", str(tmp_path / "run"), *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run/config.yaml").exists()


def test_an_unwritable_folder_is_named(
    loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert train(loops, tmp_path / "file" / "run") == 2
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize("more", ["--force", "--resume"])
def test_a_data_set_is_no_place_for_a_run(
    more: str, config: Path, tmp_path: Path, make_loops: MakeData, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_loops(tmp_path / "data")
    before = sorted(data.rglob("*"))
    assert train(data, data, more, config=config) == 2
    assert "data is a data set (dataset.json), expected another folder" in capsys.readouterr().err
    assert sorted(data.rglob("*")) == before
