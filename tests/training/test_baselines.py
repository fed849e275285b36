"""Probabilistic PCA, streamed, against the singular value decomposition of the whole."""

from pathlib import Path

import pytest
import torch

from vaesynth_training.baselines import LinearPca, PcaSettings
from vaesynth_training.cli import main
from vaesynth_training.data import Data
from vaesynth_training.model import Batch
from vaesynth_training.run import Run


@pytest.fixture(scope="module")
def data(images: Path) -> Data:
    return Data.open([images], "image")


def whole(data: Data) -> torch.Tensor:
    return torch.cat([b.x.flatten(1) for b in data.once("train", 4)])


def test_components_are_the_principal_ones(data: Data) -> None:
    model = LinearPca(PcaSettings(latent_dim=2), data.geometry)
    model.fit(data, seed=0)
    x = whole(data)
    _, values, directions = torch.linalg.svd(x - x.mean(0), full_matrices=False)
    torch.testing.assert_close(model.mean, x.mean(0), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close((model.directions @ directions[:2].T).abs(), torch.eye(2), atol=1e-3, rtol=0)
    torch.testing.assert_close(model.variances, values[:2] ** 2 / len(x), rtol=1e-3, atol=1e-6)


def test_codes_of_the_training_items_match_the_prior(data: Data) -> None:
    """On average over the items, posterior variance plus variance of the means is the prior's 1."""
    model = LinearPca(PcaSettings(latent_dim=2), data.geometry)
    model.fit(data, seed=0)
    q = model.encode(whole(data))
    torch.testing.assert_close(
        q.mean.var(0, correction=0) + q.log_variance.exp().mean(0), torch.ones(2), atol=1e-3, rtol=0
    )


def test_more_components_than_items_rebuild_the_items(data: Data) -> None:
    model = LinearPca(PcaSettings(latent_dim=20), data.geometry)
    model.fit(data, seed=0)
    x = whole(data)
    assert (model.decode(model.encode(x).mean).flatten(1) - x).abs().max() < 0.01
    assert torch.isfinite(model.losses(Batch(x.reshape(-1, 3, 16, 12), [{}] * len(x)), 0)["loss"])


def test_it_trains_and_opens_like_any_other_run(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = [
        "faces",
        "--data",
        str(images),
        "--config",
        "pca",
        "--out",
        str(out),
        "--set",
        "settings.latent_dim=3",
    ]
    assert main(arguments) == 0
    run = Run.open(out)
    assert run.latents["train_mean"].shape == (6, 3)
    assert isinstance(run.model(), LinearPca)
