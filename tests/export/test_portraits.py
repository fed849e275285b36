"""The pad of pictures: calm, through the middle, along what is seen, with words that are true."""

import numpy as np
import pytest

from vaesynth.geometry import ImageGeometry
from vaesynth_export import descriptors, plane, portraits, sheet

SIDE, DIM, SEEN = 24, 12, 8
KINDS = descriptors.of(ImageGeometry(SIDE, SIDE))
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1) - 0.5


def paint(z: np.ndarray) -> np.ndarray:
    """Brightness, warmth and a few soft waves: `SEEN` latents matter, the others are idle."""
    z = np.asarray(z, np.float64)
    waves = [np.cos(np.pi * (a * ROWS + b * COLUMNS)) for a, b in ((1, 0), (0, 1), (1, 1), (2, 1), (1, 2))]
    out = 0.5 + np.zeros((len(z), 3, SIDE, SIDE))
    out += 0.08 * z[:, 0, None, None, None]
    out[:, 0] += 0.06 * z[:, 1, None, None]
    out[:, 2] -= 0.06 * z[:, 1, None, None]
    for i, wave in enumerate(waves):
        out += 0.04 * z[:, i + 2, None, None, None] * wave
    out += 0.04 * z[:, 7, None, None, None] * COLUMNS
    return np.clip(out, 0, 1).astype(np.float32)


def latents(count: int) -> np.ndarray:
    z = np.random.default_rng(3).standard_normal((count, DIM))
    z[:, SEEN:] *= 1e-3
    return (z + 0.2).astype(np.float32)


@pytest.fixture(scope="module")
def many() -> plane.Plane:
    return portraits.build(paint, KINDS, latents(200))


def test_it_is_a_plane_through_the_middle_of_the_items(many: plane.Plane) -> None:
    corners = many.map.grid
    assert corners.shape == (2, 2, DIM)
    np.testing.assert_allclose(corners[0, 0] + corners[1, 1], corners[0, 1] + corners[1, 0], atol=1e-5)
    np.testing.assert_allclose(many.map.point(0, 0), latents(200).mean(0), atol=1e-5)
    assert many.shown == {}


def test_no_direction_goes_beyond_where_the_items_are(many: plane.Plane) -> None:
    """Not even in the corners: the axes share no direction."""
    whole = latents(200)
    far = np.abs(many.map.grid - whole.mean(0)) / whole.std(0)
    assert far.max() <= portraits.REACH + 1e-4
    used = np.abs(many.map.grid[0, 0] - whole.mean(0)) > 1e-6
    assert used[:SEEN].all()


def test_axes_are_called_what_they_change(many: plane.Plane) -> None:
    at = sheet.nodes(9).reshape(-1, 2)
    found = KINDS.describe(paint(np.stack([many.map.point(x, y) for x, y in at])))
    for i, axis in enumerate(many.axes):
        assert sheet.spearman(found.values[axis], at[:, i]) >= 0.7
    assert (many.map.x_label, many.map.y_label) == tuple(KINDS.words[a][0] for a in many.axes)


def test_it_changes_evenly_and_visibly(many: plane.Plane) -> None:
    assert many.quality.step <= 2
    assert many.quality.spread >= 0.3


def test_without_items_it_follows_the_prior() -> None:
    empty = portraits.build(paint, KINDS, np.zeros((0, DIM), np.float32))
    assert 0.5 < np.abs(empty.map.grid[:, :, :SEEN]).mean() < 1.5


def test_a_decoder_that_ignores_its_latents() -> None:
    def grey(z: np.ndarray) -> np.ndarray:
        return np.full((len(z), 3, SIDE, SIDE), 0.5, np.float32)

    flat = portraits.build(grey, KINDS, latents(40))
    assert np.isfinite(flat.map.grid).all()
