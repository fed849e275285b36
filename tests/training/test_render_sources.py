"""What the renderer reads: kits of one-shots and MIDI grooves, from files of its own making."""

from pathlib import Path

import mido
import numpy as np
import pytest
import render_data as data
import soundfile as sf

from vaesynth.errors import AudioFileError, DatasetError
from vaesynth_training.models.drums import voices as modelled
from vaesynth_training.render import load_grooves, load_kits, synth_kits
from vaesynth_training.render.grooves import one_bar_windows
from vaesynth_training.voices import HAT_CLOSED, KICK, VOICES


def test_the_drum_model_knows_the_renderers_voices_in_their_order() -> None:
    assert tuple(voice.name for voice in modelled.VOICES) == VOICES


def centroid(audio: np.ndarray) -> float:
    """Energy-weighted mean frequency in Hz at 48 kHz."""
    power = np.abs(np.fft.rfft(audio.mean(axis=1))) ** 2
    return float((power * np.fft.rfftfreq(len(audio), 1 / 48_000)).sum() / power.sum())


def test_one_shots_become_48_khz_stereo_with_a_peak_of_one(tmp_path: Path) -> None:
    data.write_kits(tmp_path)
    kits = {kit.name: kit for kit in load_kits(tmp_path, tmp_path / "cache")}
    kick = kits["alpha"].instruments["kick"][0].layers[-1]
    assert kick.audio.dtype == np.float32
    assert kick.audio.shape[1] == 2
    assert np.abs(kick.audio).max() == pytest.approx(1, abs=1e-3)
    # A 60 Hz tone stays one, though the file is at 44.1 kHz.
    assert kits["alpha"].instruments["kick"][0].pitch == pytest.approx(60, abs=3)
    assert kick.licence == "CC0-1.0"


def test_layers_are_ordered_from_soft_to_loud(tmp_path: Path) -> None:
    data.write_kits(tmp_path)
    kits = {kit.name: kit for kit in load_kits(tmp_path, tmp_path / "cache")}
    layers = kits["alpha"].instruments["snare"][0].layers
    assert [Path(layer.file).stem for layer in layers] == ["snare_v1", "snare_v2"]


def test_a_second_load_reads_the_cache_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.write_kits(tmp_path)
    first = load_kits(tmp_path, tmp_path / "cache")
    monkeypatch.setattr(sf, "SoundFile", lambda *_, **__: pytest.fail("decoded again"))
    second = load_kits(tmp_path, tmp_path / "cache")
    for one, two in zip(first, second, strict=True):
        for sound_class, instruments in one.instruments.items():
            for a, b in zip(instruments, two.instruments[sound_class], strict=True):
                for x, y in zip(a.layers, b.layers, strict=True):
                    np.testing.assert_array_equal(x.audio, y.audio)


def test_long_samples_are_read_as_far_as_they_are_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.write_kits(tmp_path)
    loud_late = np.r_[0.1 * data.tone(60, 4.0), data.tone(60, 4.0)]
    sf.write(tmp_path / "alpha/kick.wav", loud_late, data.RATE)
    asked = []
    real = sf.SoundFile.read
    monkeypatch.setattr(sf.SoundFile, "read", lambda s, n, *a, **k: (asked.append(n), real(s, n, *a, **k))[1])
    kits = {kit.name: kit for kit in load_kits(tmp_path, tmp_path / "cache")}
    audio = kits["alpha"].instruments["kick"][0].layers[-1].audio
    assert set(asked) == {round(2.5 * data.RATE)}
    assert len(audio) <= 120_000
    assert np.abs(audio).max() == pytest.approx(1, abs=1e-3), "of what is played"


def test_a_changed_sample_is_decoded_again(tmp_path: Path) -> None:
    data.write_kits(tmp_path)
    load_kits(tmp_path, tmp_path / "cache")
    sf.write(tmp_path / "alpha/kick.wav", data.tone(200, 0.3), data.RATE)
    kits = {kit.name: kit for kit in load_kits(tmp_path, tmp_path / "cache")}
    assert kits["alpha"].instruments["kick"][0].pitch == pytest.approx(200, abs=5)


def test_presets_of_one_soundfont_weigh_as_two_kits(tmp_path: Path) -> None:
    names = [f"fluid_{i}" for i in range(5)]
    data.write_kits(tmp_path, (*names, "own"))
    weights = {kit.name: kit.weight for kit in load_kits(tmp_path, tmp_path / "cache")}
    assert sum(weights[name] for name in names) == pytest.approx(2)
    assert weights["own"] == 1


@pytest.mark.parametrize(
    ("change", "error", "expected"),
    [
        (lambda d: (d / "alpha/kick.wav").unlink(), AudioFileError, "kick.wav"),
        (lambda d: (d / "alpha/kick.wav").write_text("no audio"), AudioFileError, "kick.wav"),
        (lambda d: sf.write(d / "alpha/kick.wav", np.zeros(4_000), data.RATE), AudioFileError, "silent"),
        (lambda d: (d / "oneshots.csv").unlink(), DatasetError, "oneshots.csv"),
        (lambda d: (d / "oneshots.csv").write_text("file,kit\na,b\n"), DatasetError, "class"),
        (
            lambda d: data.edit(d / "oneshots.csv", "alpha/kick.wav", "../outside.wav"),
            DatasetError,
            "outside",
        ),
        (lambda d: data.edit(d / "oneshots.csv", ",kick,", ",gong,"), DatasetError, "gong"),
        (lambda d: data.edit(d / "oneshots.csv", ",1,", ",soft,"), DatasetError, "soft"),
        (
            lambda d: (d / "oneshots.csv").open("a").write("alpha/tom.wav,alpha,tom\n"),
            DatasetError,
            r"oneshots.csv: row \d+ ends before its instrument, expected a value",
        ),
        (
            lambda d: sf.write(
                d / "alpha/kick.wav", np.r_[np.zeros(3 * data.RATE), data.tone(60, 0.3)], data.RATE
            ),
            AudioFileError,
            r"kick.wav is silent or not finite: the peak of its first 2.5 s is 0",
        ),
    ],
)
def test_a_broken_folder_of_one_shots_is_refused_by_name(tmp_path: Path, change, error, expected) -> None:
    folder = tmp_path / "kits"
    data.write_kits(folder)
    change(folder)
    with pytest.raises(error, match=expected):
        load_kits(folder, tmp_path / "cache")


def test_human_timing_and_velocity_survive(tmp_path: Path) -> None:
    data.write_grooves(tmp_path)
    grooves = load_grooves(tmp_path, tmp_path / "cache")
    first = next(groove for groove in grooves if groove.id == "beat#0")
    kicks = [hit for hit in first.hits if hit.voice == KICK]
    assert [hit.position for hit in kicks] == pytest.approx([0.0, 0.5 + 7 / 1920])
    assert kicks[1].velocity == pytest.approx(100 / 127)


def test_only_four_four_is_read_and_cached_notes_are_the_same(tmp_path: Path) -> None:
    data.write_grooves(tmp_path)
    first = load_grooves(tmp_path, tmp_path / "cache")
    assert {groove.file for groove in first} == {"beat.mid", "fill.mid", "held.mid"}
    assert load_grooves(tmp_path, tmp_path / "cache") == first


def test_a_stroke_just_before_the_bar_line_belongs_to_the_next_bar() -> None:
    notes = np.array([[0.0, 36, 90], [0.25, 38, 90], [0.5, 36, 90], [0.75, 38, 90], [0.995, 36, 90]])
    later = notes[1:4] + np.array([1, 0, 0])
    windows = dict(one_bar_windows(np.concatenate([notes, later])))
    assert [hit.position for hit in windows[0]] == [0, 0.25, 0.5, 0.75]
    assert windows[1][-1].position == pytest.approx(0.995)


def test_sparse_and_ragged_bars_are_left_out() -> None:
    sparse = np.array([[0.0, 36, 90], [0.3, 38, 90], [0.6, 38, 90]])
    ragged = np.array([[0.0, 36, 90], [0.05, 42, 90], [0.1, 42, 90], [0.2, 38, 90], [0.25, 38, 90]])
    assert not list(one_bar_windows(sparse))
    assert not list(one_bar_windows(ragged))


@pytest.mark.parametrize("content", [b"", b"MThd", b"no midi at all"])
def test_a_broken_midi_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    data.write_grooves(tmp_path)
    (tmp_path / "beat.mid").write_bytes(content)
    with pytest.raises(DatasetError, match=r"beat\.mid"):
        load_grooves(tmp_path, tmp_path / "cache")


def test_a_folder_without_usable_bars_is_refused(tmp_path: Path) -> None:
    data.write_grooves(tmp_path)
    for file in tmp_path.glob("*.mid"):
        empty = mido.MidiFile()
        empty.tracks.append(mido.MidiTrack())
        empty.save(file)
    with pytest.raises(DatasetError, match="no bar"):
        load_grooves(tmp_path, tmp_path / "cache")


def test_a_table_without_a_bar_in_four_four_is_refused(tmp_path: Path) -> None:
    data.write_grooves(tmp_path)
    table = tmp_path / "grooves.csv"
    table.write_text(table.read_text().replace("4-4", "3-4"))
    with pytest.raises(DatasetError, match="has no row whose time_signature is 4-4"):
        load_grooves(tmp_path, tmp_path / "cache")


def test_synthesised_kits_are_whole_and_sound_like_their_classes() -> None:
    first, second = synth_kits(2)
    assert set(first.instruments) == {"rim", "clap", "crash", "ride", *VOICES} - {"rim_clap", "cymbal"}
    kick, hat = (first.instruments[name][0].layers[0].audio for name in ("kick", "hat_closed"))
    assert centroid(kick[4_800:]) < 150
    assert centroid(hat) > 5_000
    assert len(first.instruments["hat_open"][0].layers[0].audio) > 2 * len(hat)
    assert not np.array_equal(kick[:2_000], second.instruments["kick"][0].layers[0].audio[:2_000])
    np.testing.assert_array_equal(kick, synth_kits(2)[0].instruments["kick"][0].layers[0].audio)
    assert VOICES.index("hat_closed") == HAT_CLOSED
