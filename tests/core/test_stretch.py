import numpy as np
import pytest
from loops import FRAMES, RATE, hits, tone

from vaesynth.loop import Loop
from vaesynth.stretch import at_rate, at_tempo, resample_circular
from vaesynth.tempo import TempoMode


@pytest.mark.parametrize("frames", [88_200, 100_001, 64_000])
def test_a_resampled_tone_is_the_tone_everywhere_round_the_seam_too(frames: int) -> None:
    out = resample_circular(tone(250, 0.5), frames)[:, 0]
    ideal = 0.5 * np.sin(2 * np.pi * 500 * np.arange(frames) / frames)  # 500 periods a loop
    assert np.abs(out - ideal).max() < 1e-5


def test_rate_changes_length_not_time() -> None:
    loop = at_rate(Loop(tone(250), RATE, 4), 44_100)
    assert (loop.sample_rate, loop.frames, loop.bpm) == (44_100, 88_200, 120)
    assert at_rate(loop, 44_100) is loop


@pytest.mark.parametrize("bpm", [90.0, 133.3])
@pytest.mark.parametrize("mode", [TempoMode.STRETCH, TempoMode.REPITCH])
def test_hits_come_on_their_beats_and_the_loop_stays_seamless(mode: TempoMode, bpm: float) -> None:
    if mode is TempoMode.STRETCH:
        pytest.importorskip("python_stretch")
    loop = at_tempo(Loop(hits([24_000, 60_000], ring=600), RATE, 4), bpm, mode)
    assert abs(loop.frames - 240 / bpm * RATE) <= 1
    energy = np.convolve(np.square(loop.audio[:, 0]), np.ones(240), "same")
    for position in (24_000, 60_000):
        ideal = round(position * loop.frames / FRAMES)
        found = ideal - 3000 + int(np.argmax(energy[ideal - 3000:ideal + 3000]))
        assert abs(found - ideal) < 480  # 10 ms
    steady = at_tempo(Loop(tone(250, 0.5), RATE, 4), bpm, mode).audio[:, 0]
    jumps = np.abs(np.diff(steady, append=steady[0]))
    assert jumps[-1] <= 1.05 * jumps[:-1].max()


def test_stretching_keeps_the_pitch_and_repitching_moves_it() -> None:
    pytest.importorskip("python_stretch")
    loop = Loop(tone(1000, 0.5), RATE, 4)
    for mode, pitch in ((TempoMode.STRETCH, 1000), (TempoMode.REPITCH, 750)):
        audio = at_tempo(loop, 90, mode).audio[:, 0]
        spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
        assert np.argmax(spectrum) * RATE / len(audio) == pytest.approx(pitch, abs=1)


def test_slice_mode_leaves_the_loop_to_the_player() -> None:
    loop = Loop(tone(1000), RATE, 4)
    assert at_tempo(loop, 90, TempoMode.SLICES) is loop
