"""Short versions of the benches that run the player for long, without a device (see `bench/`)."""

import sys
from pathlib import Path

import pytest

from vaesynth.tempo import Quantise

BENCH = str(Path(__file__).parents[2] / "bench")


@pytest.fixture(autouse=True)
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripts of `bench/` may be imported."""
    monkeypatch.syspath_prepend(BENCH)
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.mark.parametrize("quantise", list(Quantise))
def test_no_hand_over_is_heard_above_the_band(quantise: Quantise) -> None:
    import clicks

    found, same = clicks.peaks(quantise, 12, seed=1)
    assert len(found) == 12
    assert found.max() < 10 ** (-80 / 20)
    assert same, "left alone, the player plays what the offline render gives"


def test_the_measure_hears_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    import clicks

    # A crossfade of 16 samples is no crossfade.
    monkeypatch.setattr("vaesynth.decks.CROSSFADE_SECONDS", 16 / 48_000)
    found, _ = clicks.peaks(Quantise.OFF, 6, seed=1)
    assert found.max() > 10 ** (-80 / 20)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_downbeats_do_not_drift(rate: int) -> None:
    import drift

    off = drift.downbeats(2, 97.3, rate)
    assert len(off) == 49
    assert all((off >= 0) & (off <= 1)), "a downbeat is the first sample at or after its place"
