"""Small data sets that the training tests make for themselves, and one short run that several of them look
at.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from vaesynth.dataset import DatasetWriter
from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.cli import main

LOOP = LoopGeometry(sample_rate=8_000, channels=2, frames=1_600, beats=1, beats_per_bar=4)
IMAGE = ImageGeometry(height=16, width=12)
MakeData = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def write_loops(
    folder: Path,
    train: int = 6,
    validation: int = 2,
    shard_items: int = 4,
    seed: int = 0,
    geometry: LoopGeometry = LOOP,
    known: int = 0,
) -> Path:
    """Loops that are decaying sines of different pitch and level, so that a few steps learn something.

    The first `known` of them have their hits beside them.
    """
    rng = np.random.default_rng(seed)
    t = np.arange(geometry.frames) / geometry.sample_rate
    with DatasetWriter(folder, "loop", geometry, shard_items=shard_items) as writer:
        for i in range(train + validation):
            tone = 0.6 * np.sin(2 * np.pi * rng.uniform(100, 1000) * t) * np.exp(-t * rng.uniform(5, 30))
            audio = np.stack([tone, 0.5 * tone], 1).astype(np.float32)
            split = "train" if i < train else "validation"
            record = {"name": f"loop {i}", "source": "test", "licence": "CC0-1.0", "split": split}
            writer.add(f"item{i}", audio, record | ({"hits": [[0.0, 0, 1.0]]} if i < known else {}))
    return folder


def write_images(folder: Path, train: int = 6, validation: int = 2) -> Path:
    """Images that are gradients of different slope."""
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[0 : IMAGE.height, 0 : IMAGE.width]
    with DatasetWriter(folder, "image", IMAGE) as writer:
        for i in range(train + validation):
            grey = 40 + rng.uniform(0, 8) * rows + rng.uniform(0, 8) * columns
            image = np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, 2)
            split = "train" if i < train else "validation"
            writer.add(
                f"item{i}",
                image,
                {"name": f"image {i}", "source": "test", "licence": "CC0-1.0", "split": split},
            )
    return folder


@pytest.fixture(scope="session")
def make_loops() -> MakeData:
    """Writes a data set of loops: `make_loops(folder, train=…, validation=…, …)`."""
    return write_loops


@pytest.fixture(scope="session")
def loops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of six loops for training and two for validation."""
    return write_loops(tmp_path_factory.mktemp("data") / "loops")


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of six images for training and two for validation."""
    return write_images(tmp_path_factory.mktemp("data") / "images")


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration that trains in a moment."""
    path = tmp_path_factory.mktemp("config") / "tiny.yaml"
    path.write_text(
        "model: dense\n"
        "settings: {hidden: [32, 16], latent_dim: 4}\n"
        "optimiser: {learning_rate: 1e-3, schedule: constant, warm_up_steps: 0}\n"
        "training: {steps: 40, batch_size: 3, ema_decay: 0.9, log_steps: 5, validate_minutes: 0.001}\n"
    )
    return path


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory, loops: Path, config: Path) -> Path:
    """A finished run of 40 steps on `loops`."""
    out = tmp_path_factory.mktemp("runs") / "run"
    assert (
        main(["drums", "--data", str(loops), "--config", str(config), "--out", str(out), "--device", "cpu"])
        == 0
    )
    return out
