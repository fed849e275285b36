import numpy as np
import pytest
from loops import tone

from vaesynth.limiter import SafetyLimiter


def run(limiter: SafetyLimiter, audio: np.ndarray, block: int = 128) -> np.ndarray:
    out = audio.copy()
    for start in range(0, len(out), block):
        limiter.process(out[start:start + block])
    return out


def test_what_is_below_full_scale_passes_bit_by_bit() -> None:
    limiter = SafetyLimiter(48_000, 2048)
    audio = tone(100, level=1.0)
    assert np.array_equal(run(limiter, audio), audio)
    assert limiter.clipped == 0


def test_nothing_is_above_full_scale() -> None:
    limiter = SafetyLimiter(48_000, 2048)
    loud = np.random.default_rng(0).standard_normal((48_000, 2)).astype(np.float32) * 3
    assert np.abs(run(limiter, loud)).max() <= 1
    assert limiter.clipped > 0


def test_the_gain_comes_back_after_a_peak() -> None:
    limiter = SafetyLimiter(48_000, 2048)
    audio = tone(100, level=0.5)
    audio[1000] = 4
    out = run(limiter, audio)
    assert np.abs(out[1100:1500]).max() < 0.2
    assert out[-4800:] == pytest.approx(audio[-4800:], abs=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_becomes_silence(bad: float) -> None:
    limiter = SafetyLimiter(48_000, 2048)
    audio = tone(100)
    audio[5000, 1] = bad
    out = run(limiter, audio)
    assert np.isfinite(out).all()
    assert np.array_equal(out[:4992], audio[:4992])
    assert np.array_equal(out[5120:], audio[5120:])


def test_levels_fall_slowly() -> None:
    limiter = SafetyLimiter(48_000, 2048)
    audio = np.zeros((48_000, 2), np.float32)
    audio[10] = (0.5, 0.25)
    run(limiter, audio[:128])
    assert limiter.peaks == pytest.approx([0.5, 0.25])
    run(limiter, audio[128:])
    assert limiter.peaks[0] < 0.01
