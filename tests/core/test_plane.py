"""Planes of the musician's own: through given latents, and smooth between them."""

import numpy as np
import pytest

from vaesynth.latent_map import LatentMap
from vaesynth.plane import REACH, AnchoredPlane, pinned

RNG = np.random.default_rng(1)
SHEET = LatentMap(RNG.standard_normal((9, 9, 6)).astype(np.float32))


def test_corners_are_met_and_the_middle_is_their_mean() -> None:
    corners = RNG.standard_normal((4, 6)).astype(np.float32)
    plane = pinned(corners)
    for corner, (x, y) in zip(corners, ((-1, -1), (1, -1), (-1, 1), (1, 1)), strict=True):
        np.testing.assert_array_equal(plane.point(x, y), corner)
    np.testing.assert_allclose(plane.point(0, 0), corners.mean(0), atol=1e-6)


def test_anchors_are_met_exactly_even_side_by_side() -> None:
    places = np.array([[0.1, 0.2], [0.13, 0.2], [-0.7, 0.9], [1.0, -1.0]])
    latents = RNG.standard_normal((4, 6))
    plane = AnchoredPlane(SHEET, places, latents)
    for place, latent in zip(places, latents, strict=True):
        np.testing.assert_allclose(plane.point(*place), latent, atol=1e-5)


def test_plane_is_untouched_out_of_reach_and_bends_without_a_jump() -> None:
    plane = AnchoredPlane(SHEET, [[0.0, 0.0]], np.full((1, 6), 3.0))
    np.testing.assert_array_equal(plane.point(REACH + 0.01, 0), SHEET.point(REACH + 0.01, 0))
    way = np.array([plane.point(x, 0) for x in np.linspace(-1, 1, 2001)])
    assert np.abs(np.diff(way, axis=0)).max() < 0.05


def test_two_latents_at_one_place_give_their_mean() -> None:
    plane = AnchoredPlane(SHEET, [[0.5, 0.5], [0.5, 0.5]], [np.zeros(6), np.ones(6)])
    np.testing.assert_allclose(plane.point(0.5, 0.5), np.full(6, 0.5), atol=1e-5)


@pytest.mark.parametrize("position", [(7.0, -7.0), (float("nan"), 0.0)])
def test_positions_off_the_pad_are_clamped(position: tuple[float, float]) -> None:
    plane = AnchoredPlane(SHEET, [[0.5, 0.5]], np.ones((1, 6)))
    assert np.isfinite(plane.point(*position)).all()
