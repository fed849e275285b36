"""Descriptors mean what their words say."""

import numpy as np
import pytest

from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_export import descriptors

GEOMETRY = LoopGeometry(sample_rate=16_000, channels=2, frames=32_000, beats=4)
STEP = 2_000


def hit(hz: float = 200.0, decay: float = 40.0, noise: float = 0.0) -> np.ndarray:
    t = np.arange(STEP) / 16_000
    hiss = np.random.default_rng(0).standard_normal(STEP)
    return 0.5 * np.exp(-decay * t) * ((1 - noise) * np.sin(2 * np.pi * hz * t) + noise * hiss)


def loop(sound: np.ndarray, steps: list[int], late: int = 0, width: float = 0.0) -> np.ndarray:
    audio = np.zeros((2, 32_000))
    for step in steps:
        at = (np.arange(STEP) + step * STEP + (late if step % 2 else 0)) % 32_000
        audio[:, at] += sound
    audio[1] *= 1 - width
    return audio


BEATS = [0, 4, 8, 12]
PLAIN = loop(hit(), BEATS)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("onset_density", loop(hit(), list(range(0, 16, 2)))),
        ("brightness", loop(hit(hz=2000), BEATS)),
        ("low_end", loop(hit(hz=60), BEATS)),
        ("noisiness", loop(hit(noise=0.8), BEATS)),
        ("decay", loop(hit(decay=8), BEATS)),
        ("dynamics", loop(hit(decay=200), BEATS)),
        ("off_beat", loop(hit(), [*BEATS, 3, 7, 11])),
        ("swing", loop(hit(), list(range(16)), late=600)),
        ("width", loop(hit(), BEATS, width=0.7)),
        ("level", 1.5 * PLAIN),
    ],
)
def test_a_loop_with_more_of_it_has_a_larger_value(name: str, more: np.ndarray) -> None:
    less = loop(hit(), list(range(16))) if name == "swing" else PLAIN
    found = descriptors.of(GEOMETRY).describe(np.stack([less, more]).astype(np.float32))
    assert found.values[name][1] > found.values[name][0] + 1e-3


def test_hats() -> None:
    busy = PLAIN + loop(0.3 * np.diff(hit(noise=1.0), prepend=0), list(range(1, 16, 2)))
    found = descriptors.of(GEOMETRY).describe(np.stack([PLAIN, busy]).astype(np.float32))
    assert found.values["hats"][1] > found.values["hats"][0]


def test_four_hits_are_four_onsets() -> None:
    found = descriptors.of(GEOMETRY).describe(PLAIN[None].astype(np.float32))
    assert found.values["onset_density"][0] * GEOMETRY.seconds == pytest.approx(4, abs=0.6)


def test_nothing_but_the_grid_changes_when_a_loop_is_rotated_by_a_beat() -> None:
    """The seam is no place of its own."""
    rotated = np.roll(PLAIN, 4 * STEP, axis=1)
    found = descriptors.of(GEOMETRY).describe(np.stack([PLAIN, rotated]).astype(np.float32))
    for name, (a, b) in found.values.items():
        assert a == pytest.approx(b, abs=1e-4), name


def test_silence_is_finite() -> None:
    found = descriptors.of(GEOMETRY).describe(np.zeros((1, 2, 32_000), np.float32))
    assert all(np.isfinite(v).all() for v in found.values.values())
    assert np.isfinite(found.embedding).all()


def test_the_embedding_tells_patterns_and_sounds_apart() -> None:
    items = np.stack([PLAIN, 1.05 * PLAIN, loop(hit(), [2, 6, 10, 14]), loop(hit(hz=2000), BEATS)])
    e = descriptors.of(GEOMETRY).describe(items.astype(np.float32)).embedding
    near, moved, other = (float(np.linalg.norm(e[0] - e[i])) for i in (1, 2, 3))
    assert near < 0.3 * min(moved, other)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("lightness", lambda x: x + 0.2),
        ("warmth", lambda x: x + np.array([0.1, 0, -0.1])[:, None, None]),
        ("contrast", lambda x: 0.5 + 1.5 * (x - 0.5)),
        ("side_light", lambda x: x * np.linspace(0.5, 1.5, 24)),
        ("top_light", lambda x: x * np.linspace(1.5, 0.5, 32)[:, None]),
        ("saturation", lambda x: np.stack([x[0] * 1.5, x[1], x[2] * 0.5])),
        ("detail", lambda x: x + 0.1 * np.random.default_rng(0).standard_normal(x.shape)),
        ("centre", lambda x: x + 0.3 * np.pad(np.ones((16, 12)), ((8, 8), (6, 6)))),
    ],
)
def test_an_image_with_more_of_it_has_a_larger_value(name: str, change) -> None:  # type: ignore[no-untyped-def]
    rows, columns = np.mgrid[0:32, 0:24] / 32
    image = np.stack([0.4 + 0.2 * np.sin(5 * rows + c) * np.cos(4 * columns) for c in (0.0, 0.3, 0.6)])
    kinds = descriptors.of(ImageGeometry(32, 24))
    found = kinds.describe(np.stack([image, change(image)]).astype(np.float32))
    assert found.values[name][1] > found.values[name][0] + 1e-3
    assert set(found.values) == set(kinds.words)
