"""The pad's sheet follows its axes, passes through what it shows, changes evenly, for many items or none."""

import numpy as np
import pytest
from toys import Synthesiser

from vaesynth_export import descriptors, macros, plane, sheet

SYNTHESISER = Synthesiser()
KINDS = descriptors.of(SYNTHESISER.geometry)


def latents(count: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal((count, SYNTHESISER.dim)).astype(np.float32)


@pytest.fixture(scope="module")
def many() -> plane.Plane:
    return plane.build(SYNTHESISER, KINDS, latents(200))


def test_axes_follow_what_is_heard(many: plane.Plane) -> None:
    """Measured anew, from the metadata's point of view: (x, y) → z → audio → descriptor."""
    at = sheet.nodes(13).reshape(-1, 2)
    found = KINDS.describe(SYNTHESISER(np.stack([many.map.point(x, y) for x, y in at])))
    for i, axis in enumerate(many.axes):
        assert sheet.spearman(found.values[axis], at[:, i]) >= 0.8
    assert (many.map.x_label, many.map.y_label) == tuple(KINDS.words[a][0] for a in many.axes)
    assert (
        abs(sheet.spearman(many.described.values[many.axes[0]], many.described.values[many.axes[1]])) <= 0.5
    )


def test_it_shows_most_of_what_the_items_have_without_jumps(many: plane.Plane) -> None:
    assert many.quality.spread >= 0.6
    assert many.quality.territory >= 0.8
    assert many.quality.step <= 4


def test_points_are_as_far_out_as_the_items(many: plane.Plane) -> None:
    """Averages alone would shrink to the middle, where the decoder blurs."""
    lengths = np.linalg.norm(many.map.grid, axis=-1)
    items = np.linalg.norm(latents(200), axis=-1)
    assert 0.75 * np.median(items) < np.median(lengths) < 1.3 * np.median(items)


def test_it_passes_through_its_examples(many: plane.Plane) -> None:
    assert len(many.shown) == plane.SHOWN
    places = np.array(list(many.shown.values()))
    assert np.ptp(places, axis=0).min() > 1.5  # spread over the pad
    for item, (x, y) in many.shown.items():
        np.testing.assert_allclose(many.map.point(x, y), latents(200)[item], atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 10])
def test_a_few_items_are_all_shown(count: int) -> None:
    few = plane.build(SYNTHESISER, KINDS, latents(count), size=17)
    assert sorted(few.shown) == list(range(count))
    for item, (x, y) in few.shown.items():
        np.testing.assert_allclose(few.map.point(x, y), latents(count)[item], atol=1e-5)
    assert few.quality.worst_rho >= 0.8
    assert np.isfinite(few.map.grid).all()


def test_a_decoder_that_ignores_its_latents() -> None:
    """A collapsed model has no directions, and still a pad."""

    def silence(z: np.ndarray) -> np.ndarray:
        return np.zeros((len(z), 1, 8_000), np.float32)

    flat = plane.build(silence, KINDS, latents(12), size=9)
    assert np.isfinite(flat.map.grid).all()
    assert len(flat.shown) == 12


def test_badly_reconstructed_items_are_not_shown() -> None:
    scores = [float(i) for i in range(60)]
    shown = plane.build(SYNTHESISER, KINDS, latents(60), size=17, scores=scores).shown
    assert min(shown) >= 29


def test_a_large_set_is_woven_from_what_is_told_well() -> None:
    scores = [*map(float, range(800)), *[None] * 200]
    rng = np.random.default_rng(0)
    _, items = plane.candidates(latents(1_000), rng, scores)
    assert items.tolist() == list(range(800 - plane.MAX_CANDIDATES, 800))
    _, items = plane.candidates(latents(1_000), rng, [1.0, *[None] * 999])
    assert items.max() > 900, "too few are known to choose by"


def test_macros_move_the_sound_within_their_group(many: plane.Plane) -> None:
    groups = {"groove": (0, 4), "kit": (4, 8)}
    found = macros.choose(many, SYNTHESISER, KINDS, groups)
    assert 2 <= len(found) <= macros.COUNT
    for group in groups:
        own = [m for m in found if m["name"].startswith(f"{group}: ")]
        assert 1 <= len(own) <= macros.COUNT / len(groups)
        foreign = {KINDS.words[name][0] for name in KINDS.foreign.get(group, ())}
        assert not {m["name"].removeprefix(f"{group}: ") for m in own} & foreign
    assert len({m["name"] for m in found}) == len(found)
    base = KINDS.describe(SYNTHESISER(many.map.point(0, 0)[None])).embedding
    for macro in found:
        start, stop = groups[macro["name"].split(":")[0]]
        direction = np.array(macro["direction"])
        assert not np.delete(direction, range(start, stop)).any()
        moved = KINDS.describe(SYNTHESISER((many.map.point(0, 0) + 2 * direction)[None])).embedding
        assert np.linalg.norm(moved - base) > 0.1
