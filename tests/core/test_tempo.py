from fractions import Fraction

import pytest

from vaesynth.errors import SettingError
from vaesynth.tempo import BeatClock, Quantise, check_bpm, grid_units


def test_downbeats_of_an_hour_at_97_3_bpm_lie_within_a_sample_of_the_ideal_grid() -> None:
    rate = 48_000
    clock = BeatClock(rate, 97.3)
    bar = 4 * clock.units_per_beat
    ideal_bar = Fraction(4 * 60 * rate * 10, 973)
    frame, bars = 0, 0
    while frame < 3600 * rate:
        wait = clock.frames_until(clock.next_line(bar))
        frame += wait
        clock.advance(wait)
        assert 0 <= frame - bars * ideal_bar < 1
        frame, bars = frame + 1, bars + 1
        clock.advance(1)
    assert bars > 1459


def test_blocks_of_any_size_add_up_exactly() -> None:
    whole, parts = BeatClock(44_100, 133.7), BeatClock(44_100, 133.7)
    whole.advance(1_000_003)
    for frames in [1, 64, 999, 128] * 10:
        parts.advance(frames)
    parts.advance(1_000_003 - 10 * (1 + 64 + 999 + 128))
    assert whole.position == parts.position


def test_a_ramp_of_tempi_loses_nothing() -> None:
    rate = 48_000
    clock = BeatClock(rate, 90)
    ideal = Fraction(0)
    for block in range(10_000):
        bpm = 90 + 50 * block / 10_000
        clock.set_tempo(bpm)
        clock.advance(128)
        ideal += Fraction(round(bpm * 10**6), 10**6) * 128 / (60 * rate)
    assert Fraction(clock.position, clock.units_per_beat) == ideal


@pytest.mark.parametrize(("quantise", "beats"), [
    (Quantise.SIXTEENTH, 0.25), (Quantise.EIGHTH, 0.5), (Quantise.BEAT, 1), (Quantise.BAR, 3),
    (Quantise.LOOP, 6)])
def test_lines_of_the_grid(quantise: Quantise, beats: float) -> None:
    assert grid_units(quantise, 1000, beats=6, beats_per_bar=3) == 1000 * beats


def test_no_grid_when_off() -> None:
    assert grid_units(Quantise.OFF, 1000, 4, 4) == 0


@pytest.mark.parametrize("bpm", [39.9, 240.1, float("nan"), float("inf"), -120])
def test_tempo_out_of_range_is_refused(bpm: float) -> None:
    with pytest.raises(SettingError, match="expected 40 to 240 BPM"):
        check_bpm(bpm)
