"""The circular multi-resolution STFT: physics of the spectra, and of the distance."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from vaesynth_training.losses.stft import MultiResolutionSTFT, circular_pad, circular_stft, magnitudes

FRAMES = 4096


def sine(cycles: float, frames: int = FRAMES) -> Tensor:
    return torch.sin(2 * math.pi * cycles * torch.arange(frames) / frames)


def noise(seed: int, batch: int = 1, channels: int = 1) -> Tensor:
    return 0.1 * torch.randn(batch, channels, FRAMES, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("left", "right"), [(0, 0), (3, 2), (7, 7), (20, 9)])
def test_padding_continues_the_loop(left: int, right: int) -> None:
    x = torch.arange(7.0)[None]
    expected = np.take(np.arange(7.0), np.arange(-left, 7 + right), mode="wrap")
    np.testing.assert_array_equal(circular_pad(x, left, right)[0].numpy(), expected)


def test_rotating_a_loop_rotates_its_spectra() -> None:
    x = noise(0)[:, 0]
    spectra = circular_stft(x, 256, 64)
    torch.testing.assert_close(
        circular_stft(x.roll(64 * 5, -1), 256, 64), spectra.roll(5, -1), atol=1e-5, rtol=1e-4
    )


def test_a_sine_of_full_scale_reads_one() -> None:
    level = magnitudes(sine(64)[None], 512, 128)
    assert level.amax().item() == pytest.approx(1, abs=1e-4)
    assert int(level.mean(-1).argmax()) == 64 * 512 // FRAMES


def test_distance_is_zero_for_equal_loops_and_blind_to_rotation_of_both() -> None:
    distance = MultiResolutionSTFT()
    a, b = noise(1, channels=2), noise(2, channels=2)
    assert distance(a, a).item() == pytest.approx(0, abs=1e-5)
    turned = distance(a.roll(512, -1), b.roll(512, -1))
    torch.testing.assert_close(turned, distance(a, b), atol=1e-4, rtol=1e-4)


def test_distance_of_a_scaled_loop_is_what_the_definition_says() -> None:
    # Twice the level everywhere: convergence |2B - B| / |B| = 1, log10 2 where nothing is below the floor.
    b = noise(3)
    distance = MultiResolutionSTFT((512,), floor=1e-9)
    assert distance(2 * b, b).item() == pytest.approx(1 + math.log10(2), rel=1e-3)


def test_items_are_measured_apart() -> None:
    distance = MultiResolutionSTFT()
    a, b = noise(4, batch=3), noise(5, batch=3)
    single = torch.stack([distance(a[i : i + 1], b[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(distance.items(a, b), single)


def test_stereo_sees_a_lost_side_signal_and_mono_does_not() -> None:
    wide = noise(6, channels=2)
    narrow = wide.mean(1, keepdim=True).expand_as(wide)
    assert MultiResolutionSTFT(stereo=False)(narrow, wide).item() == pytest.approx(0, abs=1e-4)
    assert MultiResolutionSTFT()(narrow, wide).item() > 0.3


def test_gradients_are_finite_even_for_silence() -> None:
    x = torch.zeros(1, 2, FRAMES, requires_grad=True)
    MultiResolutionSTFT()(x, noise(7, channels=2)).backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="frames"):
        MultiResolutionSTFT()(noise(0), noise(0)[:, 0])


def test_gradients_of_magnitudes_are_right() -> None:
    x = torch.randn(2, 64, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: magnitudes(x, 16, 4, epsilon=1e-3), (x.requires_grad_(),))
