from pathlib import Path

import numpy as np
import pytest
import soundfile
from tone_model import tone_levels, weights, write_tone_model

from vaesynth import cli


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone_model(tmp_path_factory.mktemp("models") / "tones.decoder.onnx")


def render(model: Path, out: Path, *words: str) -> int:
    return cli.main(["render", "--model", str(model), "--out", str(out), "--provider", "cpu", *words])


def test_the_file_holds_the_loop_at_the_pad_position(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.wav"
    assert render(tones, out, "--x", "-0.6", "--bars", "2") == 0
    audio, rate = soundfile.read(out, dtype="float32")
    assert (audio.shape, rate) == ((192_000, 2), 48_000)
    levels = tone_levels(audio[:48_000, 0])
    np.testing.assert_allclose(levels / levels.sum(), weights(-0.6), atol=0.02)
    assert (
        capsys.readouterr().out == f"{out}: 2 bars of tones, 4.00 s at 120 BPM and 48000 Hz, decoded by cpu\n"
    )


def test_a_macro_moves_the_sound(tones: Path, tmp_path: Path) -> None:
    assert render(tones, tmp_path / "a.wav", "--x", "-0.5", "--bars", "1", "--macro", "shift=0.5") == 0
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    levels = tone_levels(audio[:48_000, 0])
    np.testing.assert_allclose(levels / levels.sum(), weights(0), atol=0.02)


def test_tempo_rate_and_form_are_as_asked(tones: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.flac"
    assert (
        render(
            tones, out, "--bars", "1", "--bpm", "150", "--rate", "44100", "--mode", "repitch", "--bits", "16"
        )
        == 0
    )
    info = soundfile.info(out)
    assert (info.frames, info.samplerate, info.channels) == (round(60 * 4 / 150 * 44_100), 44_100, 2)
    assert (info.format, info.subtype) == ("FLAC", "PCM_16")


def test_a_grid_of_places_is_written_with_place_and_tempo_in_the_names(tones: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "grid"
    assert render(tones, folder, "--grid", "3", "--bars", "1", "--bpm", "97.3") == 0
    files = sorted(folder.iterdir())
    assert len(files) == 9
    assert folder / "tones x-1.00 y+0.00 97.3bpm.wav" in files
    for x in ("-1.00", "+0.00", "+1.00"):
        single = tmp_path / "single.wav"
        assert render(tones, single, "--x", x, "--y", "-1", "--bars", "1", "--bpm", "97.3") == 0
        assert (folder / f"tones x{x} y-1.00 97.3bpm.wav").read_bytes() == single.read_bytes()


def test_a_chain_plays_a_bar_of_each_place_in_turn(tones: Path, tmp_path: Path) -> None:
    assert render(tones, tmp_path / "a.wav", "--chain", "-0.6,0 0.6,0", "--bars", "4") == 0
    audio, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    for n, x in enumerate((-0.6, 0.6, -0.6, 0.6)):
        levels = tone_levels(audio[96_000 * n:96_000 * n + 48_000, 0])
        np.testing.assert_allclose(levels / levels.sum(), weights(x), atol=0.02)
    with pytest.raises(SystemExit):
        render(tones, tmp_path / "b.wav", "--chain", "-0.6 0,2")
    with pytest.raises(SystemExit):
        render(tones, tmp_path / "b.wav", "--chain", "")


def test_a_grid_is_not_written_over_a_file(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.wav"
    out.write_bytes(b"dear")
    assert render(tones, out, "--grid", "1") == 2
    assert "o.wav, a file, expected a folder for the files of --grid" in capsys.readouterr().err
    assert out.read_bytes() == b"dear"


def test_the_sound_is_shaped_as_in_the_window(tones: Path, tmp_path: Path) -> None:
    assert render(tones, tmp_path / "a.wav", "--bars", "1", "--bits", "32") == 0
    assert render(tones, tmp_path / "b.wav", "--bars", "1", "--bits", "32", "--mute-steps", "4,5",
                  "--loudness", "-30") == 0
    plain, quiet = (soundfile.read(tmp_path / f"{n}.wav", dtype="float32")[0] for n in "ab")
    assert np.abs(quiet[25_000:35_000]).max() < 0.01 * np.abs(quiet).max()
    assert np.abs(quiet).max() < 0.5 * np.abs(plain).max()


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("a.ogg", [], "expected .wav or .flac"),
        ("a.flac", ["--bits", "32"], "expected 16 or 24"),
        ("none/a.wav", [], "cannot be written"),
        ("a.wav", ["--macro", "shift"], "expected NAME=VALUE"),
        ("a.wav", ["--macro", "volume=1"], "volume"),
        ("a.wav", ["--macro", "shift=nan"], "--macro 'shift' is nan, expected -0.5 to 0.5"),
        ("a.wav", ["--macro", "shift=9"], "--macro 'shift' is 9, expected -0.5 to 0.5"),
        ("a.wav", ["--bars", "9999"], "bars is 9999"),
        ("a.wav", ["--drive", "99"], "drive is 99"),
        ("a.wav", ["--low-cut", "nan"], "low_cut is nan"),
        ("a.wav", ["--solo", "nobody"], "'nobody', expected a stem of tones: none, as it has no stems"),
        ("a.wav", ["--mute", "nobody"], "--mute is 'nobody', expected a stem of tones"),
        ("a.wav", ["--mute-steps", "3,99"], "--mute-steps has 99, expected steps from 0 to 15"),
        ("a.wav", ["--mute-steps", "32", "--chain", "0,0 1,1"], "has 32, expected steps from 0 to 31"),
        ("a.wav", ["--chain", "0,0 1,1", "--x", "0.5"], "--x is given beside --chain, expected one of them"),
        ("grid", ["--grid", "2", "--y", "0"], "--y is given beside --grid, expected one of them"),
    ],
)
def test_a_mistake_is_told_and_leaves_no_file(
    tones: Path, tmp_path: Path, name: str, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(tones, tmp_path / name, *words) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("vaesynth: error: ")
    assert told in shown.err
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert render(tmp_path / "gone.onnx", tmp_path / "a.wav") == 2
    assert "gone.onnx" in capsys.readouterr().err


def test_the_groove_goes_into_a_midi_file(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mido")
    words = ["render", "--model", str(tones), "--provider", "cpu", "--bars", "2"]
    assert cli.main([*words, "--midi", str(tmp_path / "a.mid"), "--bpm", "97.5"]) == 0
    assert "a.mid: 2 bars at 97.5 BPM, 0 hits of 0 voices in a loop of 4 beats" in capsys.readouterr().out
    assert [f.name for f in tmp_path.iterdir()] == ["a.mid"]
    for others in ([], ["--grid", "2", "--midi", "a.mid"],
                   ["--grid", "2", "--midi", "a.mid", "--out", str(tmp_path / "b")]):
        assert cli.main([*words, *others]) == 2
        assert "expected" in capsys.readouterr().err
    assert [f.name for f in tmp_path.iterdir()] == ["a.mid"]


def test_what_is_muted_is_not_in_the_midi_file(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")

    def notes(*words: str) -> list[tuple[int, float]]:
        file = tmp_path / "a.mid"
        assert cli.main(["render", "--midi", str(file), "--provider", "cpu", "--bars", "1", *words]) == 0
        at, found = 0.0, []
        for message in mido.MidiFile(file):
            at += message.time
            if message.type == "note_on" and message.velocity:
                found.append((message.note, at))
        return found
    everything, kick = {note for note, _ in notes()}, {36}
    assert everything > kick
    assert {note for note, _ in notes("--mute", "kick")} == everything - kick
    assert {note for note, _ in notes("--solo", "kick")} == kick
    first = [at for note, at in notes() if at < 0.05]
    assert first
    assert not [at for note, at in notes("--mute-steps", "0") if at < 0.05]
