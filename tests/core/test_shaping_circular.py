"""What shaping computes by numpy alone is what scipy computes."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest
from scipy import ndimage, signal

from vaesynth.shaping.circular import from_spectrum, lowest_ahead, mean_ahead, resample, spectrum
from vaesynth.shaping.space import filter_response

FRAMES, RATE = 9_600, 48_000


def noise(frames: int = FRAMES, channels: int = 2) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (frames, channels)).astype(np.float32)


@pytest.mark.parametrize("frames", [FRAMES, FRAMES - 1])
def test_a_spectrum_gives_the_loop_again(frames: int) -> None:
    audio = noise(frames)
    again = from_spectrum(spectrum(audio), frames)
    assert again.dtype == np.float32
    assert again.flags.c_contiguous
    np.testing.assert_allclose(again, audio, rtol=0, atol=1e-6)


@pytest.mark.parametrize("before", [FRAMES, FRAMES - 1])
@pytest.mark.parametrize("after", [4 * FRAMES, 4 * FRAMES + 1, FRAMES // 2, FRAMES // 2 + 1, FRAMES])
def test_resampling(before: int, after: int) -> None:
    audio = noise(before)
    expected = signal.resample(audio, after, axis=0)
    np.testing.assert_allclose(resample(audio, after), expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize("width", [1, 2, 3, 8, 145, 2 * FRAMES])
def test_windows_round_the_loop(width: int) -> None:
    values = np.random.default_rng(1).random(FRAMES)
    ahead = -(width // 2) if width < FRAMES else None
    if ahead is None:  # further than round: all of it
        np.testing.assert_array_equal(lowest_ahead(values, width), np.full(FRAMES, values.min()))
        np.testing.assert_allclose(mean_ahead(values, width), values.mean(), rtol=1e-9)
        return
    lowest = ndimage.minimum_filter1d(values, width, mode="wrap", origin=ahead)
    np.testing.assert_array_equal(lowest_ahead(values, width), lowest)
    mean = ndimage.uniform_filter1d(values, width, mode="wrap", origin=ahead)
    np.testing.assert_allclose(mean_ahead(values, width), mean, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("low_cut", "high_cut"), [(90.0, None), (None, 7_000.0), (60.0, 20_000.0)])
def test_cuts_are_butterworth_filters(low_cut: float | None, high_cut: float | None) -> None:
    bins = np.fft.rfftfreq(FRAMES, 1 / RATE)
    expected = np.ones(len(bins), complex)
    for corner, kind in ((low_cut, "highpass"), (high_cut, "lowpass")):
        if corner is not None:
            sos = signal.butter(2, corner, kind, fs=RATE, output="sos")
            expected *= signal.freqz_sos(sos, bins, fs=RATE)[1]
    response = filter_response(FRAMES, RATE, low_cut, high_cut)[:, 0]
    np.testing.assert_allclose(response, expected, rtol=0, atol=1e-6)


def test_scipy_is_loaded_for_the_loudness_alone() -> None:
    """It takes the desk 50 MB and most of a second."""
    code = textwrap.dedent("""
        import sys
        import numpy as np
        import vaesynth.engine
        from vaesynth.loop import Loop
        from vaesynth.shaping import Shaping, shape
        audio = np.random.default_rng(0).uniform(-1, 1, (48_000, 2)).astype(np.float32)
        everything = Shaping(low_cut=50, high_cut=9_000, drive=6, reverb=0.5, muted_steps=(1,))
        shape(Loop(audio, 48_000, 2), everything)
        assert "scipy" not in sys.modules, "before"
        shape(Loop(audio, 48_000, 2), Shaping(loudness=-14))
        assert "scipy" in sys.modules, "afterwards"
    """)
    subprocess.run([sys.executable, "-c", code], check=True)
