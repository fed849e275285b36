"""Patterns of hits, and the hits that a groove decodes to."""

import pytest
import torch

from vaesynth_training.models.drums.groove import STEPS, GrooveDecoder, pattern_loss, pattern_of


def test_a_hit_belongs_to_its_nearest_16th() -> None:
    pattern = pattern_of([(0.25 + 0.004, 1, 0.8)])
    assert pattern[1, 8].tolist() == pytest.approx([1.0, 0.8, 0.004 * STEPS], abs=1e-5)
    assert pattern[..., 0].sum() == 1


def test_a_second_hit_of_the_same_16th_takes_the_32nd_on_its_side() -> None:
    pattern = pattern_of([(0.25, 3, 1.0), (0.25 + 1 / 40, 3, 0.5)])
    assert pattern[3, 8, 0] == 1
    assert pattern[3, 9, 0] == 1
    assert pattern[3, 9, 2] == pytest.approx(STEPS / 40 - 1, abs=1e-5)


def test_an_early_hit_wraps_round_the_bar() -> None:
    pattern = pattern_of([(0.995, 0, 1.0)])
    assert pattern[0, 0, 0] == 1
    assert pattern[0, 0, 2] == pytest.approx(-0.005 * STEPS, abs=1e-5)


def test_hits_stand_where_the_pattern_says() -> None:
    decoder = GrooveDecoder(20).eval()
    logit = torch.full((1, 8, STEPS), -20.0)
    velocity, offset = torch.full_like(logit, 0.5), torch.zeros_like(logit)
    logit[0, 2, 4], offset[0, 2, 4] = 20.0, -0.5
    logit[0, 0, 0], offset[0, 0, 0] = 20.0, -0.25
    decoder.pattern = lambda z: (logit, velocity, offset)  # type: ignore[method-assign]
    amplitude, place = decoder(torch.zeros(1, 20))
    assert place[0, 2, 4] == pytest.approx(3.5 / STEPS)
    assert place[0, 0, 0] == pytest.approx(1 - 0.25 / STEPS), "early hits of a bar stand at its end"
    assert amplitude[0, 2, 4] == pytest.approx(0.5**1.6, rel=1e-3)
    assert amplitude.sum() == pytest.approx(2 * 0.5**1.6, rel=1e-3)


def test_the_pattern_itself_is_likelier_than_another() -> None:
    pattern = pattern_of([(0.0, 0, 1.0), (0.5, 1, 0.7)])[None]
    right = (pattern[..., 0] * 20 - 10, pattern[..., 1].clamp_min(0.1), pattern[..., 2])
    wrong = tuple(part.roll(3, 2) for part in right)
    total = [sum(float(v) for v in pattern_loss(p, pattern).values()) for p in (right, wrong)]  # type: ignore[arg-type]
    assert total[0] < 0.2 < 20 < total[1]
