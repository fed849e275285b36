import pytest

from vaesynth.tap_tempo import TapTempo


@pytest.mark.parametrize("bpm", [60.0, 93.5, 174.0])
def test_steady_taps_give_their_tempo(bpm: float) -> None:
    taps = TapTempo()
    assert taps.tap(0) is None
    assert [taps.tap(i * 60 / bpm) for i in range(1, 6)][-1] == pytest.approx(bpm, abs=0.1)


def test_one_bad_tap_does_no_harm() -> None:
    taps = TapTempo()
    result = [taps.tap(t) for t in (0, 0.5, 1.0, 1.62, 2.0, 2.5, 3.0)][-1]
    assert result == pytest.approx(120, abs=1)


def test_taps_after_a_pause_count_anew_and_stay_in_range() -> None:
    taps = TapTempo()
    for t in (0, 0.5, 1.0):
        taps.tap(t)
    assert taps.tap(60) is None
    assert taps.tap(60.05) == 240
