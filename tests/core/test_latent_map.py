"""The pad's sheet: exact at its nodes, bilinear between them, the same after a trip through the metadata."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaesynth.latent_map import LatentMap

GRID = np.random.default_rng(0).standard_normal((5, 9, 3)).astype(np.float32)
SHEET = LatentMap(GRID, "busier", "brighter")
position = st.floats(-1, 1, width=32)


def test_nodes_are_exact() -> None:
    for row, y in enumerate(np.linspace(-1, 1, 5)):
        for column, x in enumerate(np.linspace(-1, 1, 9)):
            np.testing.assert_allclose(SHEET.point(x, y), GRID[row, column], atol=1e-6)


def test_rows_go_with_y_and_columns_with_x() -> None:
    np.testing.assert_array_equal(SHEET.point(1, -1), GRID[0, -1])
    np.testing.assert_array_equal(SHEET.point(-1, 1), GRID[-1, 0])


def test_half_way_between_two_nodes_is_their_mean() -> None:
    np.testing.assert_allclose(SHEET.point(-0.875, -1), (GRID[0, 0] + GRID[0, 1]) / 2, atol=1e-6)


@given(position, position)
def test_a_plane_is_origin_plus_axes(x: float, y: float) -> None:
    origin, x_axis, y_axis = np.array([1.0, 2, 3]), np.array([0.5, 0, -1]), np.array([0.0, 2, 1])
    pad = {"origin": origin.tolist(), "x_axis": x_axis.tolist(), "y_axis": y_axis.tolist()}
    np.testing.assert_allclose(
        LatentMap.from_metadata(pad).point(x, y), origin + x * x_axis + y * y_axis, atol=1e-5
    )


@given(position, position, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_the_sheet_has_no_jumps(x: float, y: float, dx: float, dy: float) -> None:
    moved = np.abs(SHEET.point(x + dx, y + dy) - SHEET.point(x, y)).max()
    steepest = max(np.abs(np.diff(GRID, axis=0)).max() * 2, np.abs(np.diff(GRID, axis=1)).max() * 4)
    assert moved <= steepest * (abs(dx) + abs(dy)) + 1e-5


@pytest.mark.parametrize(("x", "y"), [(7, 0), (-7, 0.5), (0.2, math.inf), (-math.inf, -3), (math.nan, 0)])
def test_positions_outside_are_clamped(x: float, y: float) -> None:
    inside = SHEET.point(min(1, max(-1, x)), min(1, max(-1, y)))
    np.testing.assert_array_equal(SHEET.point(x, y), inside)
    assert np.isfinite(inside).all()


def test_position_finds_the_point_back() -> None:
    # Latents that leave no doubt: one dimension for each pad coordinate.
    x, y = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 5))
    sheet = LatentMap(np.stack([x, y], -1).astype(np.float32))
    for at in ((0.0, 0.0), (0.31, -0.77), (1.0, -1.0)):
        np.testing.assert_allclose(sheet.position(sheet.point(*at)), at, atol=0.04)


def test_metadata_keeps_every_bit_and_the_labels() -> None:
    entry = json.loads(json.dumps(SHEET.to_metadata()))
    back = LatentMap.from_metadata(entry)
    np.testing.assert_array_equal(back.grid, GRID)
    assert (back.x_label, back.y_label, back.latent_dim) == ("busier", "brighter", 3)
