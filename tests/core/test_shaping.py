import builtins
import dataclasses
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from loops import BEATS, FRAMES, RATE, hits, tone

from vaesynth.errors import SettingError
from vaesynth.loop import Loop
from vaesynth.shaping import NEUTRAL, SHAPED_PEAK, Shaping, shape
from vaesynth.shaping.dynamics import limit, loudness
from vaesynth.shaping.settings import RANGES

SIXTEENTH = FRAMES // 16


def loop(audio: npt.NDArray[np.float32], stems: npt.NDArray[np.float32] | None = None) -> Loop:
    return Loop(audio, RATE, BEATS, stems=stems)


def assert_close(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32], tolerance: float) -> None:
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


def levels(audio: npt.NDArray[np.float32], frequency: float) -> float:
    """Amplitude of a tone that has whole periods in the loop."""
    return float(2 * np.abs(np.fft.rfft(audio[:, 0])[round(frequency * len(audio) / RATE)]) / len(audio))


def shifted(audio: npt.NDArray[np.float32], frames: int) -> npt.NDArray[np.float32]:
    return np.roll(audio, frames, axis=0)


def test_neutral_settings_give_the_loop_itself() -> None:
    given_loop = loop(hits([0, 24_000]))
    assert shape(given_loop, NEUTRAL) is given_loop
    unheard = shape(given_loop, Shaping(reverb_seconds=3)).audio
    assert_close(unheard, given_loop.audio - given_loop.audio.mean(0), 1e-6)


def test_filters_cut_by_12_db_an_octave_and_leave_the_rest() -> None:
    audio = tone(50) + tone(1000) + tone(8000)
    cut = shape(loop(audio), Shaping(low_cut=200, high_cut=2000)).audio
    assert levels(cut, 1000) == pytest.approx(0.3, rel=0.1)
    assert levels(cut, 50) == pytest.approx(0.3 / 16, rel=0.1)
    assert levels(cut, 8000) == pytest.approx(0.3 / 16, rel=0.5)


def test_a_corner_above_half_the_rate_is_off() -> None:
    low = Loop(tone(440)[:4000], 8_000, 1)
    assert_close(shape(low, Shaping(high_cut=20_000)).audio, low.audio - low.audio.mean(0), 1e-5)


@pytest.mark.parametrize("shaping", [
    Shaping(low_cut=90), Shaping(drive=20), Shaping(reverb=1, reverb_seconds=6), Shaping(loudness=-12),
    Shaping(low_cut=60, high_cut=6000, drive=12, reverb=0.5)])
def test_what_is_shaped_knows_no_beginning(shaping: Shaping) -> None:
    """A loop that begins elsewhere comes out the same, begun there: nothing happens at the seam."""
    audio = hits([0, 9_000, 30_000, 95_000], ring=6000)
    turned = 25_000  # not a whole number of loudness blocks either
    straight = shape(loop(audio), shaping).audio
    other = shape(loop(shifted(audio, turned)), shaping).audio
    gain = np.sqrt(np.mean(straight**2) / np.mean(other**2))
    assert gain == pytest.approx(1, abs=0.02)
    assert_close(shifted(other, -turned) * gain, straight, 2e-3)


def test_the_tail_of_the_reverb_wraps_as_often_as_it_must() -> None:
    audio = np.zeros((FRAMES, 2), np.float32)
    audio[FRAMES - 4000] = 0.5
    wet = shape(loop(audio), Shaping(reverb=1, reverb_seconds=8)).audio
    quarters = np.sqrt(np.square(wet).reshape(4, -1, 2).mean(axis=(1, 2)))
    assert wet[FRAMES - 4000, 0] == pytest.approx(0.5, rel=0.1)
    # From the click round to just before it the tail falls evenly: 60 dB in 8 s are 3.75 dB in a quarter.
    falls = 20 * np.log10(quarters[1:3] / quarters[:2])
    assert falls == pytest.approx(-3.75, abs=0.8)
    assert np.corrcoef(wet[:40_000].T)[0, 1] < 0.2, "a room is wide"


def test_drive_adds_odd_harmonics_keeps_the_peak_and_does_not_alias() -> None:
    driven = shape(loop(tone(5000, 0.5)), Shaping(drive=24)).audio
    assert np.abs(driven).max() == pytest.approx(0.5, rel=0.02)
    assert levels(driven, 15_000) > 0.05
    # The fifth harmonic lies at 25 kHz and would come back at 23 kHz.
    assert levels(driven, 23_000) < 1e-3


def test_the_compressor_narrows_the_distance_between_loud_and_soft() -> None:
    pytest.importorskip("pedalboard")
    audio = np.concatenate([tone(220, 0.8)[:FRAMES // 2], tone(220, 0.08)[:FRAMES // 2]])
    out = shape(loop(audio), Shaping(compressor=0.8)).audio

    def distance(a: npt.NDArray[np.float32]) -> float:
        loud, soft = np.abs(a[30_000:45_000]).max(), np.abs(a[80_000:93_000]).max()
        return float(20 * np.log10(loud / soft))
    assert distance(audio) == pytest.approx(20, abs=0.1)
    assert distance(out) < 12
    twice = shape(loop(np.tile(audio, (2, 1))), Shaping(compressor=0.8)).audio
    assert_close(twice[FRAMES:], out, 2e-3)  # the first turn sounds as every other


def test_without_pedalboard_the_compressor_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "pedalboard":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"expected the package pedalboard .* 'vaesynth\[fx\]'"):
        shape(loop(tone(440)), Shaping(compressor=0.5))
    with pytest.raises(SettingError, match=r"vaesynth\[fx\]"):
        Shaping(compressor=0.5).check_installed()
    Shaping(reverb=1, drive=3, loudness=-14).check_installed()


@pytest.mark.parametrize("level", [0.9, 0.03])
@pytest.mark.parametrize("make", [lambda: hits([0, 12_000, 48_000]), lambda: hits([5000], ring=300),
                                  lambda: tone(440)])
def test_loops_come_out_equally_loud(make: Any, level: float) -> None:
    audio = make()
    audio = audio * np.float32(level / np.abs(audio).max())
    out = shape(loop(audio), Shaping(loudness=-32)).audio
    if loudness(audio, RATE) > -55:  # no more than 24 dB are added
        around = np.tile(out, (5, 1)).astype(np.float64)
        assert pyloudnorm.Meter(RATE).integrated_loudness(around) == pytest.approx(-32, abs=0.3)


def test_silence_and_next_to_silence_stay_so() -> None:
    silent = np.zeros((FRAMES, 2), np.float32)
    everything = Shaping(loudness=-6, low_cut=40, drive=36, reverb=1)
    assert not shape(loop(silent), everything).audio.any()
    assert np.abs(shape(loop(silent + np.float32(1e-7)), everything).audio).max() < 1e-4
    assert loudness(silent, RATE) == -np.inf


def test_a_muted_step_is_silent_and_the_next_attack_whole() -> None:
    # The second hit is swung late, the third comes early: each still belongs to its own step.
    audio = hits([0, SIXTEENTH + 1200, 8 * SIXTEENTH - 700], ring=300)
    out = shape(loop(audio), Shaping(muted_steps=(1, 8))).audio
    first = slice(0, SIXTEENTH)
    assert_close(out[first], audio[first], 1e-3)
    assert np.abs(out[SIXTEENTH + 1000:7 * SIXTEENTH]).max() < 1e-3
    assert np.abs(out[8 * SIXTEENTH - 720:9 * SIXTEENTH - 200]).max() < 1e-3
    only = shape(loop(audio), Shaping(muted_steps=(0,))).audio
    attack = slice(SIXTEENTH + 1190, SIXTEENTH + 1300)
    assert_close(only[attack], audio[attack], 2e-3)
    assert np.abs(only[:SIXTEENTH - 200]).max() < 1e-3
    # No click: fades of 3 ms.
    hum = shape(loop(tone(100)), Shaping(muted_steps=(2, 3))).audio
    assert np.abs(np.diff(hum[:, 0])).max() < 1.5 * np.abs(np.diff(tone(100)[:, 0])).max()


def test_stems_are_muted_and_soloed() -> None:
    stems = np.stack([tone(200), tone(300), tone(500)])
    whole = loop(np.asarray(stems.sum(0), np.float32), stems)
    voices = ("kick", "snare", "hat")

    def heard(**changes: Any) -> list[bool]:
        out = shape(whole, Shaping(**changes), voices)
        assert out.stems is None
        return [levels(out.audio, f) > 0.29 for f in (200, 300, 500)]
    assert heard(muted_stems=("kick",)) == [False, True, True]
    assert heard(solo_stems=("kick", "hat")) == [True, False, True]
    assert heard(solo_stems=("kick",), muted_stems=("kick",)) == [True, False, False]
    assert heard(muted_stems=voices) == [False, False, False]
    assert heard(muted_stems=("cowbell",)) == [True, True, True], "another model's voices"
    assert heard(solo_stems=("cowbell",)) == [True, True, True]
    plain = loop(whole.audio)
    assert_close(shape(plain, Shaping(solo_stems=("kick",)), voices).audio, plain.audio, 1e-6)


@given(hnp.arrays(np.float32, st.tuples(st.integers(50, 400), st.just(2)),
                  elements=st.floats(-8, 8, width=32)), st.floats(0.1, 1))
def test_the_limiter_holds_its_ceiling_and_the_balance(
        audio: npt.NDArray[np.float32], ceiling: float) -> None:
    out = limit(audio, RATE, ceiling)
    assert np.abs(out).max(initial=0) <= np.float32(ceiling)
    if float(np.abs(audio).max(initial=0)) <= ceiling:
        assert out is audio
    assert (out * audio >= 0).all()


def values() -> st.SearchStrategy[dict[str, Any]]:
    ranged = {name: st.floats(low, high) for name, (low, high, _) in RANGES.items() if name != "compressor"}
    return st.fixed_dictionaries({}, optional={
        **ranged, "muted_steps": st.lists(st.integers(0, 30), max_size=20).map(tuple),
        "solo_stems": st.sampled_from([(), ("a",), ("b",), ("x",)]),
        "muted_stems": st.sampled_from([(), ("a",), ("a", "b")])})


def hostile(seed: int, kind: int, frames: int, channels: int) -> Loop:
    """Full-scale noise, squares, a constant, clicks, or a decoder's stems far beyond full scale."""
    rng = np.random.default_rng(seed)
    noise = rng.uniform(-1, 1, (frames, channels))
    audio = (noise, np.sign(noise), np.ones_like(noise), np.where(noise > 0.999, 1.0, 0.0),
             1e-30 * noise, np.clip(50 * noise, -1, 1))[kind].astype(np.float32)
    stems = (rng.uniform(-30, 30, (2, frames, channels))).astype(np.float32) if seed % 2 else None
    if stems is not None and seed % 3 == 0:
        stems[0, 5] = np.nan
        stems[1, 7] = np.inf
    return Loop(audio, 8_000, 4, stems=stems)


@settings(max_examples=40, deadline=None)
@given(values(), st.integers(0, 99), st.integers(0, 5), st.sampled_from([3_000, 3_201, 16_000]),
       st.sampled_from([1, 2]))
def test_whatever_is_set_nothing_exceeds_full_scale_nor_is_no_number_nor_constant(
        changes: dict[str, Any], seed: int, kind: int, frames: int, channels: int) -> None:
    shaping = Shaping(**changes)
    out = shape(hostile(seed, kind, frames, channels), shaping, ("a", "b")).audio
    assert out.shape == (frames, channels)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1
    if shaping != NEUTRAL:
        assert np.abs(out).max() <= SHAPED_PEAK + 1e-6
        assert np.abs(out.mean(axis=0, dtype=np.float64)).max() < 1e-6


@given(values())
def test_settings_survive_json(changes: dict[str, Any]) -> None:
    shaping = Shaping(**changes)
    assert Shaping.from_json(json.loads(json.dumps(shaping.to_json()))) == shaping


@pytest.mark.parametrize(("changes", "said"), [
    ({"drive": 37}, "drive is 37, expected 0 to 36 dB"), ({"drive": None}, "drive is None, expected 0 to 36"),
    ({"low_cut": float("nan")}, "low_cut is nan, expected 20 to 2000 Hz, or none"),
    ({"loudness": True}, "loudness is True"), ({"reverb": "much"}, "reverb is much"),
    ({"muted_steps": [-1]}, "muted_steps is"), ({"muted_steps": 3}, "muted_steps is 3"),
    ({"solo_stems": "kick"}, "solo_stems is kick, expected names"), ({"muted_stems": [1]}, "muted_stems is")])
def test_wrong_settings_are_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        Shaping(**changes)
    with pytest.raises(SettingError, match=said):
        Shaping.from_json(changes)


def test_settings_are_one_value() -> None:
    assert Shaping(muted_steps=(3, 1, 3)) == Shaping(muted_steps=(1, 3))
    assert hash(Shaping(drive=2)) == hash(Shaping(drive=2.0))
    assert dataclasses.replace(Shaping(), drive=1).to_json() == {"drive": 1.0}
    with pytest.raises(SettingError, match="shaping is 3"):
        Shaping.from_json(3)
