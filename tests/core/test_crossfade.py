import numpy as np
import pytest
from loops import tone

from vaesynth.crossfade import CrossfadeTable, correlation, smootherstep

FRAMES = 4096


def gains(shared: float) -> tuple[np.ndarray, np.ndarray]:
    old, new = np.empty((FRAMES, 1), np.float32), np.empty((FRAMES, 1), np.float32)
    CrossfadeTable(FRAMES).gains(shared, old, new)
    return old[:, 0], new[:, 0]


@pytest.mark.parametrize("shared", [0.0, 0.3, 0.8, 1.0])
def test_power_stays_for_every_correlation(shared: float) -> None:
    """Two noises with a known correlation: the power of each stretch of the fade is that of the ends."""
    rng = np.random.default_rng(0)
    a, independent = rng.standard_normal((2, 400, FRAMES))
    b = shared * a + (1 - shared**2) ** 0.5 * independent
    old, new = gains(shared)
    mixed = old * a + new * b
    power = np.square(mixed).mean(0).reshape(16, -1).mean(1)
    assert power == pytest.approx(np.ones(16), rel=0.05)


def test_equal_signals_pass_unchanged() -> None:
    old, new = gains(1.0)
    assert old + new == pytest.approx(np.ones(FRAMES), abs=1e-6)


def test_gains_are_never_above_one_and_meet_in_the_middle() -> None:
    for shared in (-1.0, 0.0, 0.5, 1.0):
        old, new = gains(shared)
        assert max(old.max(), new.max()) <= 1
        assert old == pytest.approx(new[::-1], abs=1e-6)


def test_the_curve_has_no_corner() -> None:
    curve = smootherstep(480)
    assert abs(np.diff(curve, 2)).max() < 1e-4
    assert curve[0] < 1e-6
    assert curve[-1] > 1 - 1e-6


def test_correlation_of_known_signals() -> None:
    sine, cosine = tone(500), tone(500, phase=np.pi / 2)
    assert correlation(sine, sine) == pytest.approx(1)
    assert correlation(sine, -sine) == pytest.approx(-1)
    assert correlation(sine, cosine) == pytest.approx(0, abs=1e-4)
    assert correlation(sine, 0 * sine) == 0
