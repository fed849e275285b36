"""Measures of loops and images, against what their definitions promise."""

import math

import pytest
import torch
from torch import Tensor

from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.metrics import (
    active_units,
    item_metrics,
    mel_filters,
    nats_per_dimension,
    onset_correlation,
    onset_envelope,
    psnr,
    sharpness,
    ssim,
)

RATE = 16_000


def clicks(at: list[float], seconds: float = 1.0) -> Tensor:
    """Decaying noise bursts at some times: `(1, 1, frames)`."""
    generator = torch.Generator().manual_seed(0)
    frames = int(seconds * RATE)
    x = torch.zeros(frames)
    for t in at:
        burst = torch.randn(800, generator=generator) * torch.exp(-torch.arange(800) / 150)
        x[(int(t * RATE) + torch.arange(800)) % frames] += 0.3 * burst
    return x[None, None]


def test_every_mel_band_listens_to_something() -> None:
    filters = mel_filters(48_000, 256, 80)
    assert filters.shape == (80, 129)
    assert (filters.sum(1) > 0).all()
    assert (filters >= 0).all()


def test_onsets_stand_where_the_hits_are() -> None:
    envelope = onset_envelope(clicks([0.2, 0.7]), RATE)[0]
    assert envelope.shape == (200,)
    peaks = {round(int(i) * 0.005, 2) for i in envelope.topk(4).indices}
    assert all(min(abs(p - 0.2), abs(p - 0.7)) < 0.03 for p in peaks)


def test_onset_correlation_knows_the_rhythm_and_not_the_level() -> None:
    a = clicks([0.0, 0.25, 0.5, 0.75])
    assert onset_correlation(0.5 * a, a, RATE).item() > 0.95
    assert onset_correlation(clicks([0.1, 0.42, 0.61]), a, RATE).item() < 0.4
    assert onset_correlation(torch.zeros_like(a), a, RATE).item() == 0


def test_loops_rotated_alike_measure_alike() -> None:
    a, b = clicks([0.0, 0.5]), clicks([0.03, 0.6])
    geometry = LoopGeometry(RATE, 1, RATE, 2, 4)
    first, turned = (item_metrics(*(x.roll(r, -1) for x in (a, b)), geometry) for r in (0, 3200))
    for name, value in first.items():
        torch.testing.assert_close(turned[name], value, atol=0.02, rtol=0.02)


def test_psnr_of_a_constant_error() -> None:
    x = torch.full((2, 3, 8, 8), 0.5)
    torch.testing.assert_close(psnr(x + 0.1, x), torch.full((2,), 20.0), atol=1e-3, rtol=0)


def test_ssim_is_one_for_equal_images_and_falls_with_noise() -> None:
    x = torch.rand(1, 3, 24, 24, generator=torch.Generator().manual_seed(1))
    scores = [ssim((x + s * torch.randn_like(x)).clamp(0, 1), x).item() for s in (0.0, 0.05, 0.3)]
    assert scores[0] == pytest.approx(1, abs=1e-5)
    assert scores[0] > scores[1] > scores[2]


def test_blur_lowers_sharpness() -> None:
    x = torch.rand(1, 3, 24, 24)
    assert sharpness(torch.nn.functional.avg_pool2d(x, 3, 1, 1)) < sharpness(x)


def test_active_units_are_those_that_vary() -> None:
    mean = torch.stack([torch.linspace(-1, 1, 9), torch.linspace(-0.05, 0.05, 9)], 1)
    assert active_units(mean) == 1


def test_nats_of_the_prior_are_none() -> None:
    nats = nats_per_dimension(torch.tensor([[0.0, 2.0]]), torch.tensor([[0.0, math.log(0.25)]]))
    torch.testing.assert_close(nats, torch.tensor([0.0, 0.5 * (4 + 0.25 - 1 - math.log(0.25))]))


def test_images_have_their_own_measures() -> None:
    x = torch.rand(2, 3, 16, 16)
    assert set(item_metrics(x, x, ImageGeometry(16, 16))) == {"psnr", "ssim"}
