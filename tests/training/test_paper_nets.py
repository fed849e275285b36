"""The paper's networks: their shapes, their objective, and what the plain autoencoder lacks."""

import math

import pytest
import torch

from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.losses.elbo import KlSettings
from vaesynth_training.model import Batch
from vaesynth_training.models import build
from vaesynth_training.models.paper import DenseSettings, DenseVae

LOOP = LoopGeometry(8000, 2, 120, 1, 4)
IMAGE = ImageGeometry(9, 7)


def net(geometry: LoopGeometry | ImageGeometry = LOOP, **settings: object) -> DenseVae:
    model = build("dense", DenseSettings(hidden=(16, 8), latent_dim=3, **settings), geometry)
    assert isinstance(model, DenseVae)
    return model


def test_loops_pass_through_in_their_range() -> None:
    model = net()
    posterior = model.encode(torch.randn(4, 2, 120))
    assert posterior.mean.shape == posterior.log_variance.shape == (4, 3)
    decoded = model.decode(100 * torch.randn(4, 3))
    assert decoded.shape == (4, 2, 120)
    assert decoded.abs().max() <= 1


def test_grey_images_have_three_equal_channels_and_are_modelled_once() -> None:
    model = net(IMAGE, output="sigmoid", grey=True)
    decoded = model.decode(torch.randn(2, 3))
    assert decoded.shape == (2, 3, 9, 7)
    torch.testing.assert_close(decoded[:, 0], decoded[:, 2])
    assert model.modelled(decoded).shape == (2, 63)


def test_objective_is_the_negative_bound_of_its_two_terms() -> None:
    model = net()
    parts = model.losses(Batch(0.3 * torch.randn(4, 2, 120), [{}] * 4), 0)
    bound = parts["negative_log_likelihood"] + parts["kl"]
    torch.testing.assert_close(parts["negative_elbo"], bound)
    torch.testing.assert_close(parts["loss"] * 240, bound)


def test_beta_weighs_the_kl_alone() -> None:
    torch.manual_seed(0)
    model, batch = net(kl=KlSettings(beta=4.0)), Batch(0.3 * torch.randn(4, 2, 120), [{}] * 4)
    parts = model.losses(batch, 0)
    torch.testing.assert_close(parts["loss"] * 240, parts["negative_log_likelihood"] + 4 * parts["kl"])


def test_learnt_noise_approaches_the_error_that_is_made() -> None:
    torch.manual_seed(0)
    model, x = net(), 0.2 * torch.randn(64, 2, 120)
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    for step in range(150):
        optimiser.zero_grad()
        model.losses(Batch(x, [{}] * 64), step)["loss"].backward()
        optimiser.step()
    error = model.losses(Batch(x, [{}] * 64), 0)["mean_squared_error"]
    assert math.exp(model.log_deviation.item()) == pytest.approx(math.sqrt(error.item()), rel=0.15)


def test_the_plain_autoencoder_neither_samples_nor_pays_for_its_code() -> None:
    model, x = net(variational=False), torch.randn(4, 2, 120)
    first, second = (model.losses(Batch(x, [{}] * 4), 0) for _ in range(2))
    torch.testing.assert_close(first["loss"], second["loss"])
    assert set(first) == {"loss", "mean_squared_error"}
    assert (model.encode(x).log_variance == -20).all()


def test_an_output_that_does_not_fit_the_kind_is_refused() -> None:
    with pytest.raises(SettingError, match="sigmoid for images"):
        net(IMAGE)
