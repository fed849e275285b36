"""The image VAE: its start in closed form, its two sizes, what its losses and its adversary teach."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from vaesynth.dataset import DatasetWriter
from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry
from vaesynth_training.cli import main
from vaesynth_training.model import Batch
from vaesynth_training.models.faces.appearance import AppearanceModel
from vaesynth_training.models.faces.layers import LinearBackbone
from vaesynth_training.models.faces.model import FacesSettings, FacesVae, reduce
from vaesynth_training.run import Run

SMALL = FacesSettings(
    latent_dim=6,
    encoder_channels=(4, 6, 8),
    seed_channels=4,
    decoder_channels=(6, 6, 4),
    discriminator_channels=(4, 6, 8, 8),
    dream_detail=0.5,
    adversary=0.4,
)
BIG = replace(SMALL, decoder_channels=(6, 6, 4, 4), discriminator_channels=(4, 4, 6, 8, 8))
SQUARE = ImageGeometry(64, 64)


def pictures(items: int, side: int = 64, seed: int = 0) -> torch.Tensor:
    """Discs of different place, size and colour on grey, `(items, 3, side, side)`."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:side, 0:side] / side
    out = np.full((items, 3, side, side), 0.5, np.float32)
    for picture in out:
        centre, radius, colour = rng.uniform(0.35, 0.65, 2), rng.uniform(0.1, 0.3), rng.uniform(0, 1, 3)
        inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2
        picture[:, inside] = colour[:, None]
    return torch.from_numpy(out)


def batch(items: int, side: int = 64, seed: int = 0) -> Batch:
    """`pictures` as a batch."""
    return Batch(pictures(items, side, seed), [{}] * items)


@functools.lru_cache
def appearance() -> Mapping[str, torch.Tensor]:
    """Weights of an appearance model of 40 pictures, found once."""
    torch.manual_seed(0)
    model = FacesVae(SMALL, SQUARE)
    model.begin([batch(20, 64, 1), batch(20, 64, 2)])
    return model.appearance.state_dict()


def fitted(settings: FacesSettings = SMALL, side: int = 64) -> FacesVae:
    """A model that has seen its training images once."""
    torch.manual_seed(0)
    model = FacesVae(settings, ImageGeometry(side, side))
    model.appearance.load_state_dict(appearance())
    return model


def unmoved(model: FacesVae) -> None:
    """Let every face have the common shape: what is drawn is what the decoder makes."""
    model.appearance.moved.zero_()
    model.appearance.moved_mean.zero_()


def test_backbone_is_the_closed_form_of_probabilistic_pca() -> None:
    """Tipping & Bishop: the largest variances of the data are kept, the others averaged."""
    torch.manual_seed(0)
    deviations = torch.tensor([5.0, 3.0, 1.0, 1.0, 1.0, 1.0])
    x = torch.randn(4000, 6) * deviations + 2
    backbone = LinearBackbone(6, 2)
    backbone.fit(x)
    synthesis = backbone.signal * backbone.directions.T
    model = synthesis @ synthesis.T + backbone.noise**2 * torch.eye(6)
    assert torch.allclose(model.diagonal().sqrt(), deviations, rtol=0.05)
    z = backbone.encode(x)
    aggregate = torch.cov(z.T) + torch.diag(backbone.log_variance.exp())
    assert torch.allclose(z.mean(0), torch.zeros(2), atol=1e-4)
    assert torch.allclose(aggregate, torch.eye(2), atol=2e-3)


def test_backbone_of_fewer_images_than_dimensions_leaves_the_prior() -> None:
    backbone = LinearBackbone(12, 5)
    backbone.fit(torch.rand(3, 12))
    x = torch.rand(4, 12)
    assert torch.isfinite(backbone.encode(x)).all()
    assert (backbone.encode(x)[:, 2:] == 0).all()
    assert (backbone.log_variance[2:] == 0).all()


@pytest.mark.parametrize(("settings", "side"), [(SMALL, 64), (BIG, 128)])
def test_begins_as_its_appearance_model(settings: FacesSettings, side: int) -> None:
    """The networks add nothing before the first step, so unseen pictures come back as that has them."""
    model = fitted(settings, side).eval()
    x = pictures(5, side, 9)
    small = reduce(x, 64)
    with torch.no_grad():
        posterior = model.encode(x)
        y = model.decode(posterior.mean)
        mean, _ = model.appearance.encode(small)
        usual = reduce(model.decode(torch.zeros(1, 6)), 64)
    assert torch.allclose(posterior.mean, mean, atol=1e-5)
    assert y.shape == x.shape
    assert 0 <= float(y.min()) <= float(y.max()) <= 1
    assert (reduce(y, 64) - small).square().mean() < (usual - small).square().mean()


def test_starts_of_a_kind() -> None:
    """The aggregate posterior of what was learnt from, mirror images included, is the prior."""
    model = AppearanceModel(6)
    model.load_state_dict(appearance())
    x = torch.cat([pictures(20, 64, 1), pictures(20, 64, 2)])
    z, _ = model.encode(torch.cat([x, x.flip(3)]))
    aggregate = torch.cov(z.T, correction=0) + torch.diag(model.linear.log_variance.exp())
    assert torch.allclose(z.mean(0), torch.zeros(6), atol=1e-3)
    assert torch.allclose(aggregate, torch.eye(6), atol=1e-2)


def test_decoding_is_deterministic_and_independent_of_the_batch() -> None:
    model = fitted().eval()
    torch.nn.init.normal_(model.decoder.details["32"].weight, std=0.05)
    z = torch.randn(3, 6)
    with torch.no_grad():
        together, again = model.decode(z), model.decode(z)
        apart = torch.cat([model.decode(q[None]) for q in z])
    assert torch.equal(together, again)
    assert torch.allclose(together, apart, atol=1e-5)


def train(model: FacesVae, steps: int, first: int = 0) -> list[Mapping[str, torch.Tensor]]:
    """Some steps of both players on one batch; the losses of each."""
    own = [p for n, p in model.named_parameters() if not n.startswith("discriminator")]
    optimiser = torch.optim.Adam(own, 2e-3)
    adversary = model.adversary()
    other = torch.optim.Adam(adversary.parameters(), 2e-3) if adversary is not None else None
    data, found = batch(8, model.geometry.height, 3), []
    for step in range(first, first + steps):
        parts = model.losses(data, step)
        optimiser.zero_grad()
        parts["loss"].backward()
        optimiser.step()
        if other is not None:
            against = model.adversary_losses(data, step)
            other.zero_grad()
            against["loss"].backward()
            other.step()
            parts |= {f"adversary_{k}": v for k, v in against.items()}
        found.append({k: v.detach() for k, v in parts.items()})
    return found


def test_networks_learn_what_the_backbone_cannot() -> None:
    model = fitted(replace(SMALL, adversary=0.0, detail=0.0, dream_detail=0.0))
    assert model.adversary() is None
    found = train(model, 40)
    first, last = (torch.stack([f["mse"] for f in part]).mean() for part in (found[:5], found[-5:]))
    assert last < 0.8 * first


def test_adversary_tells_copies_from_pictures_and_the_decoder_answers() -> None:
    model = fitted(replace(SMALL, penalty_every=4, augmentation=0.1))
    found = train(model, 24)
    assert [step for step, f in enumerate(found) if "adversary_penalty" in f] == list(range(0, 24, 4))
    assert found[-1]["adversary_real"] > found[-1]["adversary_fake"]
    model.zero_grad()
    model.losses(batch(8, 64, 3), 1)["adversarial"].backward()
    gradient = model.decoder.details["32"].weight.grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_a_narrower_prior_leaves_out_the_rarest_pictures() -> None:
    """The pair still fits together, and N(0, I) draws nearer to the mean picture."""
    wide, narrow = fitted().eval(), fitted(replace(SMALL, prior_deviation=0.5)).eval()
    narrow.load_state_dict(wide.state_dict())
    x = pictures(6, seed=5)
    z = torch.randn(200, 6)
    with torch.no_grad():
        here, there = wide.encode(x), narrow.encode(x)
        assert torch.allclose(wide.decode(here.mean), narrow.decode(there.mean), atol=1e-5)
        assert torch.allclose(there.mean, 2 * here.mean)
        assert torch.allclose(there.log_variance.exp(), 4 * here.log_variance.exp())
        assert torch.allclose(narrow.decode(z), wide.decode(0.5 * z), atol=1e-5)


def test_the_finest_octave_is_decoded_stronger_than_learnt() -> None:
    plain, strong = fitted(BIG, 128).eval(), fitted(replace(BIG, finest=1.5), 128).eval()
    for name in ("32", "64"):
        torch.nn.init.normal_(plain.decoder.details[name].weight, std=0.02)
    unmoved(plain)
    strong.load_state_dict(plain.state_dict())
    z = 0.1 * torch.randn(2, 6)
    with torch.no_grad():
        a, b = plain.draw(z, 128), strong.decode(z)
        inside = (a > 0.1) & (a < 0.9) & (b > 0) & (b < 1)
        coarse = torch.nn.functional.interpolate(
            plain.draw(z, 64), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        assert torch.allclose((b - coarse)[inside], 1.5 * (a - coarse)[inside], atol=1e-4)
        assert torch.equal(strong.draw(z, 128), a)


def test_detail_of_copies_and_of_draws_is_learnt_and_can_be_left_out() -> None:
    parts = fitted().losses(batch(8, 64, 3), 0)
    assert {"detail", "dream_detail"} < set(parts)
    without = fitted(replace(SMALL, detail=0.0, dream_detail=0.0)).losses(batch(8, 64, 3), 0)
    assert not {"detail", "dream_detail"} & set(without)
    alone = fitted(replace(SMALL, adversary=0.0)).losses(batch(8, 64, 3), 0)  # draws are made all the same
    assert {"detail", "dream_detail"} < set(alone)
    assert not {"features", "adversarial"} & set(alone)


def test_adversary_needs_the_fakes_of_the_step() -> None:
    with pytest.raises(RuntimeError, match="before losses"):
        fitted().adversary_losses(batch(2), 0)


def test_grows_to_its_full_side() -> None:
    """Before `grow_step` the last octave gets no gradient; after it, it does, and the image so far stays."""
    model = fitted(replace(BIG, grow_step=10), 128)
    for step, used in ((0, False), (10, True)):
        model.zero_grad()
        model.losses(batch(4, 128), step)["loss"].backward()
        assert (model.decoder.details["64"].weight.grad is not None) == used
        assert model.decoder.details["32"].weight.grad is not None
    unmoved(model)
    with torch.no_grad():
        z = torch.randn(2, 6)
        half, full = model.draw(z, 64), model.draw(z, 128)
    assert torch.allclose(
        torch.nn.functional.interpolate(half, scale_factor=2.0, mode="bilinear"), full, atol=1e-4
    )


def test_validation_is_without_augmentation_and_adversary() -> None:
    model = fitted().eval()
    torch.manual_seed(0)
    parts = model.losses(batch(4), 0)
    assert set(parts) == {"loss", "reconstruction", "kl", "mse"}


@pytest.mark.parametrize("geometry", [ImageGeometry(70, 70), ImageGeometry(64, 128), ImageGeometry(128, 128)])
def test_refuses_other_sizes(geometry: ImageGeometry) -> None:
    with pytest.raises(SettingError, match="expected a square"):
        FacesVae(SMALL, geometry)


def test_trains_from_the_command_line(tmp_path: Path) -> None:
    """The appearance model is fitted at the start, stays as it is, and is not fitted again on resuming."""
    with DatasetWriter(tmp_path / "data", "image", SQUARE) as writer:
        for i, picture in enumerate(pictures(10).permute(0, 2, 3, 1).numpy()):
            split = "train" if i < 8 else "validation"
            record: dict[str, Any] = {"name": f"disc {i}", "source": "test", "licence": "CC0-1.0"}
            writer.add(
                f"disc{i}",
                (255 * picture).astype(np.uint8),
                record | {"split": split},
            )
    config = tmp_path / "small.yaml"
    config.write_text(
        "model: faces\nsettings: {latent_dim: 6, encoder_channels: [4, 6, 8], seed_channels: 4, "
        "decoder_channels: [6, 6, 4], discriminator_channels: [4, 6, 8, 8]}\ntraining: {batch_size: 4}\n"
    )
    out = tmp_path / "run"
    arguments = [
        "faces",
        "--data",
        str(tmp_path / "data"),
        "--config",
        str(config),
        "--out",
        str(out),
        "--device",
        "cpu",
    ]
    assert main([*arguments, "--steps", "3"]) == 0
    first = Run.open(out).model().state_dict()
    assert float(first["appearance.linear.directions"].abs().max()) > 0
    assert main([*arguments, "--steps", "5", "--resume"]) == 0
    second = Run.open(out).model().state_dict()
    assert torch.equal(first["appearance.linear.directions"], second["appearance.linear.directions"])
    assert not torch.equal(first["decoder.seed.weight"], second["decoder.seed.weight"])
    assert Run.open(out).latents["validation_mean"].shape == (2, 6)
