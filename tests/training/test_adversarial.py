"""The discriminator's parts, and the likelihood by bands."""

import pytest

pytest.importorskip("torch")

import torch

from vaesynth_training.losses.adversarial import (
    Augmentation,
    ImageDiscriminator,
    discriminator_loss,
    feature_distance,
    generator_loss,
    gradient_penalty,
)
from vaesynth_training.losses.bands import band_error, haar
from vaesynth_training.losses.detail import UsualDetail, detail_distance, detail_levels

CPU = torch.device("cpu")


def test_augmentation_changes_pairs_alike_and_nothing_at_strength_zero() -> None:
    torch.manual_seed(0)
    x = torch.rand(4, 3, 32, 32)
    change = Augmentation.draw(4, 32, 1.0, CPU)
    assert torch.equal(change(x), change(x))
    assert not torch.allclose(change(x), x, atol=0.05)
    assert torch.allclose(Augmentation.draw(4, 32, 0.0, CPU)(x), x, atol=1e-6)


def test_augmentation_passes_gradients_back() -> None:
    x = torch.rand(2, 3, 32, 32, requires_grad=True)
    Augmentation.draw(2, 32, 0.5, CPU)(x).sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
    assert (x.grad != 0).float().mean() > 0.5


def test_discriminator_sees_single_pixels_and_both_sides() -> None:
    torch.manual_seed(0)
    discriminator = ImageDiscriminator(64, (4, 6, 8, 8))
    x = torch.rand(2, 3, 64, 64)
    checked = x.clone()
    checked[:, :, ::2, ::2] += 0.2
    for before, after in zip(discriminator(x), discriminator(checked), strict=True):
        assert (before - after).abs().max() > 1e-4
    logits = discriminator(torch.rand(3, 3, 32, 32))
    assert [v.shape for v in logits] == [(3, 16 * 16), (3, 8 * 8), (3, 1)]  # places, and the whole


def test_fine_logits_see_a_small_part_of_the_image() -> None:
    torch.manual_seed(0)
    discriminator = ImageDiscriminator(64, (4, 6, 8, 8))
    x = torch.rand(1, 3, 64, 64)
    spoilt = x.clone()
    spoilt[:, :, :8, :8] = 0
    fine, coarse, whole = (
        (a != b).float().mean() for a, b in zip(discriminator(x), discriminator(spoilt), strict=True)
    )
    assert 0 < fine < coarse < whole == 1


def test_losses_fall_where_each_player_wins() -> None:
    sure, unsure = [torch.full((4, 1), 3.0)], [torch.zeros(4, 1)]
    assert generator_loss(sure) < generator_loss(unsure)
    assert discriminator_loss(sure, [-sure[0]]) < discriminator_loss(unsure, unsure)
    assert float(discriminator_loss(unsure, unsure)) == pytest.approx(2 * 0.6931, abs=1e-3)


def test_gradient_penalty_is_the_squared_slope() -> None:
    """Doubling the last layers doubles the slope of a discriminator."""
    torch.manual_seed(0)
    discriminator = ImageDiscriminator(32, (4, 6, 8))
    x = torch.rand(2, 3, 32, 32)
    before = gradient_penalty(discriminator, x)
    with torch.no_grad():
        for patch in discriminator.patches.values():
            patch.weight.mul_(2)
        discriminator.head[2].weight.mul_(2)
    after = gradient_penalty(discriminator, x)
    assert float(after.detach() / before.detach()) == pytest.approx(4, rel=1e-3)
    assert after.requires_grad


def test_feature_distance_is_zero_for_copies_and_relative() -> None:
    features = [torch.rand(2, 4, 8, 8), torch.rand(2, 8, 4, 4)]
    assert float(feature_distance(features, features)) == 0
    nothing = [torch.zeros_like(f) for f in features]
    assert float(feature_distance(features, nothing)) == pytest.approx(1, abs=1e-5)


def test_haar_keeps_energy_and_separates_scales() -> None:
    torch.manual_seed(0)
    x = torch.rand(2, 3, 32, 32)
    bands = haar(x, 2)
    assert [b.shape[1:] for b in bands] == [(3, 8, 8), (9, 8, 8), (9, 16, 16)]
    assert sum(float(b.square().sum()) for b in bands) == pytest.approx(float(x.square().sum()), rel=1e-5)
    flat = haar(torch.full((1, 3, 32, 32), 0.5), 2)
    assert all(float(b.abs().max()) < 1e-6 for b in flat[1:])
    checks = (torch.arange(32)[:, None] + torch.arange(32)) % 2 - 0.5
    fine = haar(checks.expand(1, 3, 32, 32), 2)
    assert [float(b.abs().max()) > 1e-6 for b in fine] == [False, False, True]


def test_band_error_weighs_each_band_by_its_noise() -> None:
    """An error as large as the noise costs half a nat a coefficient, times its weight."""
    flat = torch.full((1, 3, 32, 32), 0.1)
    assert float(band_error(flat, torch.zeros_like(flat), (0.1, 1.0), (1.0, 1.0))) == pytest.approx(0.5)
    checks = 0.2 * ((torch.arange(32)[:, None] + torch.arange(32)) % 2 - 0.5).expand(1, 3, 32, 32)
    error = float(band_error(checks, torch.zeros_like(checks), (9.0, 0.1), (1.0, 0.5)))
    assert error == pytest.approx(0.5 * 0.5 * 4 / 3, rel=1e-4)  # all energy in one of 3 details


def test_detail_is_a_matter_of_strength_not_of_what_it_looks_like() -> None:
    """Another draw of the same noise has the same detail; half as strong it is half away."""
    torch.manual_seed(0)
    noise, other = (0.3 * torch.rand(4, 3, 64, 64) for _ in range(2))
    wanted = detail_levels(noise, 2)
    assert [w.shape[1:] for w in wanted] == [(13, 14, 14), (13, 6, 6)]
    means = [[level.mean(0) for level in levels] for levels in (wanted, detail_levels(other, 2))]
    assert float(detail_distance(*means)) < 0.1
    assert float(detail_distance(wanted, detail_levels(0.5 * noise, 2))) == pytest.approx(0.5, abs=0.02)


def test_detail_leaves_flat_and_smooth_images_alone_and_pulls_blur_up() -> None:
    """Brightness and slopes are no detail; a blurred image is drawn towards more of it."""
    slope = torch.linspace(0, 0.5, 64).expand(1, 3, 64, 64)
    flat = torch.full((1, 3, 64, 64), 0.8)
    assert float(detail_distance(detail_levels(slope, 2), detail_levels(flat, 2))) < 1e-3
    torch.manual_seed(0)
    sharp = torch.rand(1, 3, 64, 64)
    blurred = torch.nn.functional.avg_pool2d(sharp, 3, 1, 1).requires_grad_(True)
    detail_distance(detail_levels(sharp, 1), detail_levels(blurred, 1)).backward()
    gradient = blurred.grad
    assert gradient is not None
    middle = blurred.detach() - torch.nn.functional.avg_pool2d(blurred.detach(), 3, 1, 1)
    assert float((gradient * middle).sum()) < 0  # more contrast between neighbours lowers the distance


def test_detail_counts_where_it_is_told_to() -> None:
    torch.manual_seed(0)
    wanted, found = torch.rand(2, 3, 64, 64), torch.rand(2, 3, 64, 64)
    found[..., :32] = wanted[..., :32]
    left = torch.zeros(64, 64)
    left[:, :20] = 1
    levels = detail_levels(wanted, 2), detail_levels(found, 2)
    assert float(detail_distance(*levels, left)) == 0
    assert float(detail_distance(*levels, left.flip(1))) > float(detail_distance(*levels)) > 0


@pytest.mark.parametrize(("period", "silent"), [(2, 9), (4, 11)])
def test_a_lattice_of_pixels_is_no_hair(period: int, silent: int) -> None:
    """Checks of one pixel are energy in bands that are odd both ways, stripes in those that are even along
    them; noise is as much in all."""
    place = torch.arange(64)
    checks = (place[:, None] + place) % 2 - 0.5
    stripes = (place // (period // 2) % 2 - 0.5).expand(64, 64)
    lattice = checks if period == 2 else stripes
    levels = detail_levels(lattice.expand(1, 3, 64, 64), 1)[0].mean((0, 2, 3))
    floor = float(detail_levels(torch.zeros(1, 3, 64, 64), 1)[0].mean())
    assert int((levels < 1.01 * floor).sum()) == silent
    assert int((levels > 50 * floor).sum()) == 13 - silent
    torch.manual_seed(0)
    noise = detail_levels(torch.rand(4, 1, 64, 64).expand(4, 3, 64, 64), 1)[0].mean((0, 2, 3))
    assert float(noise.max() / noise.min()) < 1.1


def plain_and_busy(plain: int, busy: int, seed: int) -> torch.Tensor:
    """Images of which some are noise and the others hardly so."""
    strength = torch.tensor([0.02] * plain + [0.2] * busy).view(-1, 1, 1, 1)
    noise = torch.randn(plain + busy, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    return 0.5 + strength * noise


def test_draws_are_to_differ_in_detail_as_photos_do() -> None:
    """As many plain and busy ones: no distance, whichever they are. All middling: far, in spread alone."""
    photos = detail_levels(plain_and_busy(8, 8, 0), 3)
    alike = UsualDetail().distance(photos, detail_levels(plain_and_busy(8, 8, 1).flip(0), 3))
    middling = 0.5 + 0.11 * torch.randn(16, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    found = detail_levels(middling, 3)
    same = UsualDetail().distance(photos, found)
    assert float(alike) < 0.3
    assert float(same) > 0.8
    means = [[level.mean(0) for level in levels] for levels in (photos, found)]
    assert float(detail_distance(*means)) < 0.2


def test_usual_detail_is_that_of_many_batches() -> None:
    """Batches that differ by chance cost little; those that are always too smooth are pulled up."""
    generator = torch.Generator().manual_seed(3)
    usual = UsualDetail(horizon=20)
    for _ in range(20):
        photos, draws = (0.2 * torch.randn(n, 3, 64, 64, generator=generator) for n in (4, 2))
        distance = usual.distance(detail_levels(photos, 2), detail_levels(draws, 2))
    assert float(distance) < 0.25
    draws = (0.1 * torch.randn(2, 3, 64, 64, generator=generator)).requires_grad_()
    for _ in range(20):
        photos = 0.2 * torch.randn(4, 3, 64, 64, generator=generator)
        distance = usual.distance(detail_levels(photos, 2), detail_levels(draws, 2))
    distance.backward()
    assert draws.grad is not None
    assert float((draws.grad * draws.detach()).sum()) < 0  # stronger is nearer
    again = usual.distance(*[detail_levels(torch.rand(2, 3, 128, 128, generator=generator), 2)] * 2)
    assert float(again) == pytest.approx(0, abs=1e-6)  # other sizes: it begins again
