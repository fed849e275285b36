"""Patterns of hits, and the hits that a groove decodes to."""

import pytest
import torch

from vaesynth_training.models.drums.groove import (
    LATENESS,
    STEPS,
    TIMES,
    GrooveDecoder,
    GrooveEncoder,
    lateness,
    pattern_loss,
    pattern_of,
)


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


def test_the_loud_hit_of_a_16th_says_how_late_it_is() -> None:
    late = 0.5 / STEPS
    snare_and_hat = pattern_of([(0.25 + late, 1, 0.9), (0.25 - late, 3, 0.5)])[None]
    found = lateness(snare_and_hat)[0]
    assert found[4] == pytest.approx(0.5, abs=0.05)
    assert found.count_nonzero() == 1, "where nothing is played nothing is late"


def test_half_sure_hits_are_as_late_as_sure_ones() -> None:
    pattern = pattern_of([(0.5 + 0.3 / STEPS, 0, 0.8)])[None]
    assert lateness(0.5 * pattern)[0, 8] == pytest.approx(float(lateness(pattern)[0, 8]), abs=0.01)


def test_latents_of_time_move_their_16th_and_half_of_what_lies_beside_it() -> None:
    decoder = GrooveDecoder(20)
    with torch.no_grad():
        for weight in decoder.parameters():
            weight.zero_()
        z = torch.zeros(1, 20)
        z[0, TIMES - 1] = 2.0
        offset = decoder.pattern(z)[2][0, 0]
    assert offset[STEPS - 2] == pytest.approx(2 * LATENESS)
    assert offset[STEPS - 1] == offset[STEPS - 3] == pytest.approx(LATENESS)
    assert offset.count_nonzero() == 3


def test_the_groove_is_read_from_hits_the_time_of_16ths_at_once() -> None:
    torch.manual_seed(0)
    encoder = GrooveEncoder(20).eval()
    early, on_time = (pattern_of([(0.5 + late / STEPS, 0, 1.0)])[None] for late in (-0.4, 0.0))
    with torch.no_grad():
        moved = encoder(early)[0] - encoder(on_time)[0]
    assert moved[0, 8] == pytest.approx(-0.4 / LATENESS, abs=0.3)


def test_a_late_snare_is_less_likely_than_a_late_hat() -> None:
    pattern = pattern_of([(0.25, 1, 0.8), (0.5, 3, 0.8)])[None]
    logits, velocity = pattern[..., 0] * 20 - 10, pattern[..., 1].clamp_min(0.1)
    late = torch.zeros(2, 1, 8, STEPS)
    late[0, 0, 1], late[1, 0, 3] = 0.1, 0.1
    snare, hat = (pattern_loss((logits, velocity, o), pattern)["offsets"] for o in late)
    assert snare > 1.5 * hat > 0
