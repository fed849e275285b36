"""Tempo and meter from names and from sound."""

import numpy as np
import pytest
from beats import beat, pattern

from vaesynth.prepare.onsets import attacks, onset_strength
from vaesynth.prepare.tempo import estimate_tempo, meter_in_name, tempo_by_number, tempo_in_name


@pytest.mark.parametrize(("name", "bpm"), [
    ("loop_05 77 BPM.wav", 77), ("140bpmmovinbeat.wav", 140), ("Acoustic Kit_03 89 BPM.wav", 89),
    ("BPM_128_house.wav", 128), ("beat-97.5bpm.flac", 97.5), ("12 174bpm 3.wav", 174),
    ("80_HH_Groove_38.wav", None), ("no tempo.wav", None), ("7bpm.wav", None), ("999bpm.wav", None),
    ("1140bpm.wav", None)])
def test_tempo_that_a_name_states(name: str, bpm: float | None) -> None:
    assert tempo_in_name(name) == bpm


def test_a_bare_number_counts_only_where_the_length_agrees() -> None:
    assert tempo_by_number("80_HH_Groove_38.wav", 6.015) == 80
    assert tempo_by_number("80_HH_Groove_38.wav", 5.4) is None
    assert tempo_by_number("take 99 of 120.wav", 4.0) == 120
    assert tempo_by_number("beat#120.wav", 4.0) is None


@pytest.mark.parametrize(("name", "meter"), [
    ("waltz 3-4 90bpm.wav", (3, 4)), ("x_6-8_y.wav", (6, 8)), ("2023-4-1.wav", None), ("loop 4.wav", None)])
def test_meter_that_a_name_states(name: str, meter: tuple[int, int] | None) -> None:
    assert meter_in_name(name) == meter


@pytest.mark.parametrize(("bpm", "beats"), [(96.0, 8), (120.0, 4), (137.5, 16), (110.0, 32)])
def test_a_whole_loop_gives_its_exact_tempo(bpm: float, beats: int) -> None:
    seconds, times, levels = pattern(beats, bpm)
    estimate = estimate_tempo(onset_strength(beat(seconds, times, levels=levels), 44_100))
    assert estimate.beats == beats
    assert estimate.bpm == pytest.approx(bpm, rel=1e-3)


def test_a_piece_that_is_no_whole_loop_gives_its_tempo_too() -> None:
    _, times, levels = pattern(16, 120.0)
    whole = beat(8.0, times, levels=levels)
    estimate = estimate_tempo(onset_strength(whole[:round(6.83 * 44_100)], 44_100))
    assert estimate.beats is None
    assert estimate.bpm == pytest.approx(120, rel=0.005)


def test_a_loop_shorter_than_a_beat_still_gets_an_answer() -> None:
    assert estimate_tempo(onset_strength(beat(0.26, [0.0]), 44_100)).beats == 1


@pytest.mark.parametrize("rate", [11_025, 44_100, 96_000])
def test_attacks_are_found_where_they_are(rate: int) -> None:
    times = [0.0, 0.25, 0.31, 0.5, 0.9, 1.4, 1.75]
    audio = beat(2.0, times, rate)
    found = attacks(onset_strength(audio, rate), audio, rate) / rate
    assert len(found) == len(times)
    assert np.abs(found - times).max() < 0.002
