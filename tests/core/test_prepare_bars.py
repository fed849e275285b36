"""Bars from files: their length, tempo, seam, sharpness and level, and what becomes of short files."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from beats import beat, onsets, pattern

from vaesynth.errors import AudioFileError, SettingError
from vaesynth.geometry import NATIVE_LOOP, PAPER_LOOP, LoopGeometry
from vaesynth.prepare import prepare_file
from vaesynth.prepare.bars import prepare_paper_file


def _file(path: Path, audio: np.ndarray, rate: int = 44_100, subtype: str | None = None) -> Path:
    soundfile.write(path, audio, rate, subtype=subtype)
    return path


def _quarters(beats: int, bpm: float, rate: int = 44_100, channels: int = 1, lead: float = 0.0) -> np.ndarray:
    """One hit on each beat."""
    return beat(60 * beats / bpm, lead + np.arange(beats) * 60 / bpm, rate, channels)


@pytest.mark.parametrize(("bpm", "rate", "channels", "name", "subtype"), [
    (120, 44_100, 1, "a 120bpm.wav", "PCM_U8"), (120.9, 48_000, 2, "a 120.9 bpm.wav", "FLOAT"),
    (90, 44_100, 2, "a 90bpm.aiff", "PCM_24"), (150, 22_050, 1, "a 150bpm.flac", "PCM_16"),
    (174, 96_000, 2, "a 174bpm.wav", "DOUBLE"), (100, 44_100, 2, "a 100bpm.ogg", None)])
def test_every_beat_lands_on_its_place(tmp_path: Path, bpm: float, rate: int, channels: int, name: str,
                                       subtype: str | None) -> None:
    path = _file(tmp_path / name, _quarters(8, bpm, rate, channels), rate, subtype)
    bars = prepare_file(path)
    assert len(bars) == 2
    for i, bar in enumerate(bars):
        assert bar.loop.audio.shape == (96_000, 2)
        assert bar.loop.bpm == 120
        assert np.abs(bar.loop.audio).max() == pytest.approx(10 ** (-1 / 20), abs=1e-4)
        assert onsets(bar.loop.audio, 48_000) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.004)
        assert bar.record["tempo"] == pytest.approx(bpm, abs=0.05)
        assert bar.record["tempo_source"] == "file name"
        assert bar.record["start_sample"] == pytest.approx(i * 240 / bpm * rate, abs=2)


@pytest.mark.parametrize("bpm", [80, 150])
def test_attacks_stay_as_sharp_as_they_were(tmp_path: Path, bpm: int) -> None:
    source = _quarters(4, bpm, 48_000)
    [bar] = prepare_file(_file(tmp_path / f"a {bpm}bpm.wav", source, 48_000))
    scale = np.abs(bar.loop.audio).max() / np.abs(source).max()
    for i in range(1, 4):
        at, was = round(i * 24_000), round(i * 60 / bpm * 48_000)
        before = bar.loop.audio[at - 1_500:at - 30, 0]
        # A phase vocoder alone spreads the hit over these 30 ms before it.
        assert np.abs(before).max() < 0.01 * np.abs(bar.loop.audio).max()
        window = bar.loop.audio[at - 30:at + 1_000, 0]
        fits = [float(np.abs(window[k:k + 900] - scale * source[was:was + 900, 0]).max()) for k in range(60)]
        assert min(fits) < 0.02


def test_a_tone_goes_on_over_the_seam(tmp_path: Path) -> None:
    # 4.3 s at 97 BPM: neither beat nor bar holds a whole number of periods.
    time = np.arange(round(8 * 60 / 97 * 44_100)) / 44_100
    clicks = _quarters(8, 97)[:, 0]
    path = _file(tmp_path / "tone 97bpm.wav", 0.5 * np.sin(2 * np.pi * 220.7 * time) + 0.2 * clicks)
    for bar in prepare_file(path):
        mono = bar.loop.audio[:, 0]
        step = np.abs(np.diff(mono, append=mono[:1]))
        assert step[-1] < 4 * np.median(step)


def test_an_early_downbeat_belongs_to_its_own_bar(tmp_path: Path) -> None:
    # The second bar's first hit comes 20 ms early; the first bar's does not.
    times = np.arange(8) / 2
    times[4] -= 0.020
    first, second = prepare_file(_file(tmp_path / "a 120bpm.wav", beat(4.0, times, 48_000), 48_000))
    assert onsets(first.loop.audio, 48_000) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.004)
    assert np.abs(first.loop.audio[-2_000:-100]).max() < 0.01
    assert onsets(np.roll(second.loop.audio, 4_800, axis=0), 48_000) == pytest.approx(
        [0.08, 0.6, 1.1, 1.6], abs=0.004)


def test_mono_becomes_two_equal_channels_and_stereo_stays(tmp_path: Path) -> None:
    mono = prepare_file(_file(tmp_path / "m 100bpm.wav", _quarters(4, 100)))[0].loop.audio
    assert np.array_equal(mono[:, 0], mono[:, 1])
    stereo = prepare_file(_file(tmp_path / "s 100bpm.wav", _quarters(4, 100, channels=2)))[0].loop.audio
    assert not np.allclose(stereo[:, 0], stereo[:, 1])


def test_of_seven_channels_the_first_two_are_taken_and_this_is_said(tmp_path: Path) -> None:
    audio = np.zeros((88_200, 7), np.float32)
    audio[:, :1] = _quarters(4, 120)
    audio[:, 5] = 0.9
    [bar] = prepare_file(_file(tmp_path / "a 120bpm.wav", audio))
    assert np.abs(bar.loop.audio[:, 0]).max() > 0.8
    assert np.abs(bar.loop.audio[:, 1]).max() == 0
    assert "first two of 7 channels" in bar.record["remark"]


def test_the_octave_can_be_corrected(tmp_path: Path) -> None:
    seconds, times, levels = pattern(8, 100)
    path = _file(tmp_path / "a.wav", beat(seconds, times, levels=levels))
    assert [bar.record["tempo"] for bar in prepare_file(path)] == pytest.approx([100, 100], abs=0.01)
    assert [bar.record["tempo"] for bar in prepare_file(path, octave="half")] == pytest.approx([50], abs=0.01)
    assert len(prepare_file(path, octave="double")) == 4
    assert [bar.record["tempo_source"] for bar in prepare_file(path, bpm=50)] == ["option"]
    with pytest.raises(SettingError, match="tempo is 1000 BPM, expected 40 to 300"):
        prepare_file(path, bpm=1000)


def test_a_table_says_where_the_bars_are(tmp_path: Path) -> None:
    audio = np.concatenate([np.full((1_105, 1), 1e-5, np.float32), _quarters(8, 96)])
    path = _file(tmp_path / "a 55bpm.wav", np.concatenate([audio, 0.1 * audio[:5_000]]))
    row = {"tempo": "96.0", "bars": "2", "start_sample": "1105", "n_samples": "220500",
           "time_signature": "4-4"}
    bars = prepare_file(path, table=row)
    assert [bar.record["start_sample"] for bar in bars] == [1105, 1105 + 110_250]
    assert {bar.record["tempo_source"] for bar in bars} == {"table"}
    assert onsets(bars[1].loop.audio, 48_000) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.002)


@pytest.mark.parametrize(("row", "message"), [
    ({"tempo": "fast"}, "tempo is 'fast' in the table, expected a number from 40 to 300"),
    ({"n_samples": "999999999"}, "expected at most the 88200 samples"),
    ({"time_signature": "waltz"}, "time_signature is 'waltz'"),
    ({"time_signature": "3/4"}, "is in 3/4, expected 4/4")])
def test_a_table_that_contradicts_is_refused(tmp_path: Path, row: dict[str, str], message: str) -> None:
    path = _file(tmp_path / "a 120bpm.wav", _quarters(4, 120))
    with pytest.raises(AudioFileError) as caught:
        prepare_file(path, table=row)
    assert message in str(caught.value)
    assert str(caught.value).count(str(path.name)) == 1


def test_silence_before_the_first_hit_is_not_part_of_the_bar(tmp_path: Path) -> None:
    # 0.7 s of silence and a bar and a half: no whole number of beats.
    audio = np.concatenate([np.zeros((30_870, 1), np.float32), _quarters(6, 120)])
    [bar] = prepare_file(_file(tmp_path / "a 120bpm.wav", audio))
    assert onsets(bar.loop.audio, 48_000) == pytest.approx([0, 0.5, 1.0, 1.5], abs=0.004)
    assert "the last 2 beats left out" in bar.record["remark"]


def test_two_beats_are_played_twice_and_three_are_followed_by_silence(tmp_path: Path) -> None:
    [two] = prepare_file(_file(tmp_path / "a 100bpm.wav", _quarters(2, 100)))
    assert np.array_equal(two.loop.audio[:48_000], two.loop.audio[48_000:])
    assert two.record["remark"] == "2 beats, played 2 times"
    [three] = prepare_file(_file(tmp_path / "b 100bpm.wav", _quarters(3, 100)))
    assert onsets(three.loop.audio, 48_000) == pytest.approx([0, 0.5, 1.0], abs=0.004)
    assert three.record["remark"] == "3 beats, followed by silence"


def test_less_than_half_a_bar_that_is_no_loop_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path / "a 120bpm.wav", beat(0.75, [0.0]))
    with pytest.raises(AudioFileError, match="1 whole beat at 120 BPM, expected at least 2"):
        prepare_file(path)


def test_a_silent_bar_is_left_out_and_this_is_said(tmp_path: Path) -> None:
    audio = _quarters(12, 120)
    audio[88_200:176_400] = 0
    bars = prepare_file(_file(tmp_path / "a 120bpm.wav", audio))
    assert [bar.record["bar"] for bar in bars] == [0, 2]
    assert "bar 2 left out as nearly silent" in bars[0].record["remark"]


def test_other_geometries(tmp_path: Path) -> None:
    path = _file(tmp_path / "a 120bpm.wav", _quarters(8, 120, channels=2))
    [bar] = prepare_file(path, LoopGeometry(sample_rate=32_000, channels=1, frames=128_000, beats=8))
    assert bar.loop.audio.shape == (128_000, 1)
    assert onsets(bar.loop.audio, 32_000) == pytest.approx(np.arange(8) / 2, abs=0.004)


def test_the_same_file_gives_the_same_bars(tmp_path: Path) -> None:
    path = _file(tmp_path / "a 93bpm.wav", _quarters(4, 93, channels=2))
    first, second = (prepare_file(path, NATIVE_LOOP)[0].loop.audio for _ in range(2))
    assert np.array_equal(first, second)


def test_the_papers_vectors_are_raw(tmp_path: Path) -> None:
    audio = 0.2 * _quarters(4, 120, channels=2)
    loop = prepare_paper_file(_file(tmp_path / "a.wav", audio, subtype="FLOAT"), PAPER_LOOP).loop
    assert loop.audio[:, 0] == pytest.approx(audio[:30_000].mean(1), abs=1e-7)
    with pytest.raises(AudioFileError, match="22050 Hz, expected the 44100 Hz"):
        prepare_paper_file(_file(tmp_path / "b.wav", audio, 22_050), PAPER_LOOP)
    with pytest.raises(AudioFileError, match=r"has 20000 samples, expected the paper's 30000"):
        prepare_paper_file(_file(tmp_path / "c.wav", audio[:20_000]), PAPER_LOOP)
