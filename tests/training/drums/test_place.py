"""Placing one-shots on the bar."""

import pytest
import torch
from torch import Tensor

from vaesynth_training.models.drums.place import ROW, ROWS, SILENT, Convolved, mixed, placed

FRAMES = 4 * 240


@pytest.fixture
def shots() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, c, FRAMES, generator=generator) for c in (2, 1)]


def test_hits_are_scaled_copies_on_their_millisecond(shots: list[Tensor]) -> None:
    amplitude, place = torch.zeros(2, 2, 5), torch.full((2, 2, 5), 0.9)
    amplitude[0, 0, 1], place[0, 0, 1] = 0.5, 0.25
    amplitude[1, 1, 3], place[1, 1, 3] = 2.0, 0.7504
    stems = placed(amplitude, place, shots)
    start = 500 * ROW
    torch.testing.assert_close(stems[0][0, :, start : start + FRAMES], 0.5 * shots[0][0])
    start = 1501 * ROW  # 1500.8 ms
    torch.testing.assert_close(stems[1][1, :, start : start + FRAMES], 2 * shots[1][1])
    assert stems[0].square().sum() == pytest.approx(float((0.5 * shots[0][0]).square().sum()), rel=1e-4)


def test_tails_wrap_round_the_bar(shots: list[Tensor]) -> None:
    amplitude, place = torch.zeros(2, 2, 4), torch.zeros(2, 2, 4)
    amplitude[:, 0, 0], place[:, 0, 0] = 1.0, 1 - 10 / ROWS
    stem = placed(amplitude, place, shots)[0]
    torch.testing.assert_close(stem[:, :, -10 * ROW :], shots[0][:, :, : 10 * ROW])
    torch.testing.assert_close(stem[:, :, : FRAMES - 10 * ROW], shots[0][:, :, 10 * ROW :])


def test_hits_that_overlap_add_up(shots: list[Tensor]) -> None:
    amplitude = torch.tensor([[[0.3, 0.1, 0.4, 0.2]] * 2] * 2)
    place = torch.full((2, 2, 4), 0.5)
    for stem, shot in zip(placed(amplitude, place, shots), shots, strict=True):
        torch.testing.assert_close(stem[:, :, 1000 * ROW : 1000 * ROW + FRAMES], shot)


def test_what_nobody_would_hear_is_not_placed(shots: list[Tensor]) -> None:
    amplitude = torch.tensor([[[SILENT, SILENT / 2]] * 2, [[0.5, SILENT]] * 2])
    place = torch.tensor([[[0.1, 0.6]] * 2] * 2)
    for stem, shot in zip(placed(amplitude, place, shots), shots, strict=True):
        assert not stem[0].any()
        torch.testing.assert_close(stem[1, :, 200 * ROW : 200 * ROW + FRAMES], 0.5 * shot[1])
        assert not stem[1, :, 1000 * ROW :].any()


def test_bars_do_not_depend_on_what_they_are_decoded_with(shots: list[Tensor]) -> None:
    generator = torch.Generator().manual_seed(2)
    amplitude, place = torch.rand(2, 2, 9, generator=generator), torch.rand(2, 2, 9, generator=generator)
    amplitude[1, :, 2:] = 0
    for i in range(2):
        alone = placed(amplitude[i : i + 1], place[i : i + 1], [shot[i : i + 1] for shot in shots])
        for stem, one in zip(placed(amplitude, place, shots), alone, strict=True):
            torch.testing.assert_close(stem[i], one[0])


def test_learning_hears_the_same_bar(shots: list[Tensor]) -> None:
    generator = torch.Generator().manual_seed(1)
    amplitude, place = torch.rand(2, 2, 3, generator=generator), torch.rand(2, 2, 3, generator=generator)
    stems = placed(amplitude, place, shots)
    torch.testing.assert_close(mixed(amplitude, place, shots), sum(stems), atol=1e-4, rtol=0)


def test_the_time_of_a_hit_can_be_learnt() -> None:
    smooth = torch.hann_window(FRAMES).expand(1, 2, -1)
    target = mixed(torch.ones(1, 2, 1), torch.full((1, 2, 1), 0.5), [smooth, smooth[:, :1]])
    for start, sign in ((0.498, -1), (0.502, 1)):
        place = torch.full((1, 2, 1), start, requires_grad=True)
        mix = mixed(torch.ones(1, 2, 1), place, [smooth, smooth[:, :1]])
        (mix - target).square().sum().backward()
        assert place.grad is not None
        assert (place.grad * sign > 0).all(), "an early hit is moved later, a late one earlier"


def test_the_gradient_of_the_mix_is_right() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 3, 60), (2, 1, 20), (2, 2, 60), (2, 2, 7))
    tensors = [torch.randn(s, generator=generator, dtype=torch.float64).requires_grad_() for s in shapes]
    assert torch.autograd.gradcheck(Convolved.apply, tensors)
