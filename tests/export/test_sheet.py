"""The surface itself: exact where it must be, smooth everywhere, unmoved by what is far away."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from vaesynth_export import sheet

RNG = np.random.default_rng(0)


def test_nodes_have_rows_from_minus_y_and_columns_from_minus_x() -> None:
    assert sheet.nodes(3)[0, 2].tolist() == [1, -1]
    assert sheet.nodes(3)[2, 1].tolist() == [0, 1]


def test_spearman_agrees_with_scipy_ties_included() -> None:
    a, b = RNG.integers(0, 5, 100).astype(float), RNG.integers(0, 5, 100).astype(float)
    assert sheet.spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    assert sheet.spearman(a, np.ones(100)) == 0


def test_items_on_a_plane_are_woven_into_it() -> None:
    places = RNG.uniform(-1, 1, (400, 2))
    latents = np.concatenate([places * [3, 5], np.full((400, 1), 2.0)], 1)
    woven = sheet.weave(latents, places, 17, neighbours=8)
    inner = (slice(4, 13), slice(4, 13))
    np.testing.assert_allclose(woven[inner][..., :2], (sheet.nodes(17) * [3, 5])[inner], atol=0.6)


def test_means_of_independent_items_keep_their_length() -> None:
    latents = RNG.standard_normal((300, 64))
    woven = sheet.weave(latents, RNG.uniform(-1, 1, (300, 2)), 17, neighbours=10)
    assert np.median(np.linalg.norm(woven, axis=-1)) == pytest.approx(8, rel=0.1)


def test_pass_through_is_exact_and_local() -> None:
    flat = np.zeros((33, 33, 2))
    at = np.array([[4, 4], [4, 28], [28, 16]])
    latents = np.array([[1.0, 0], [0, 2], [-3, 1]])
    bent = sheet.pass_through(flat, latents, at)
    np.testing.assert_array_equal(bent[at[:, 0], at[:, 1]], latents)
    assert np.abs(bent[32, 0]).max() < 0.1  # far from all three
    steps = np.abs(np.diff(bent, axis=0)).max(-1)
    assert steps.max() < 0.7  # a hill, not a spike
    np.testing.assert_array_equal(sheet.pass_through(flat, latents[:0], at[:0]), flat)


def test_seats_are_different_and_apart() -> None:
    crowded = np.zeros((12, 2))
    at = sheet.seats(crowded, 33)
    gaps = np.abs(at[:, None] - at[None]).max(-1)[np.triu_indices(12, 1)]
    assert gaps.min() >= 3
    assert at[0].tolist() == [16, 16]
    everywhere = sheet.seats(np.zeros((25, 2)), 5)
    assert len({tuple(s) for s in everywhere.tolist()}) == 25


def test_resample_keeps_corners_and_straight_lines() -> None:
    coarse = sheet.nodes(9)
    np.testing.assert_allclose(sheet.resample(coarse, 33), sheet.nodes(33), atol=1e-12)


def test_spread_out_takes_the_corners() -> None:
    places = np.concatenate([sheet.nodes(9).reshape(-1, 2)])
    chosen = places[sheet.spread_out(places, 5)].tolist()
    assert chosen[0] == [0, 0]
    assert sorted(map(tuple, chosen[1:])) == [(-1, -1), (-1, 1), (1, -1), (1, 1)]
    assert len(set(sheet.spread_out(np.zeros((4, 2)), 9).tolist())) == 4
