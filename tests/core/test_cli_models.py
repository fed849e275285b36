"""`vaesynth models`, `info`, `validate` and `devices`."""

import json
from pathlib import Path

import onnx
import pytest
from tone_model import write_tone_model

from vaesynth import cli, models
from vaesynth.control import midi_ports
from vaesynth.control.timeline import ControlError
from vaesynth.server import devices
from vaesynth.server.devices import OutputDevice


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone_model(tmp_path_factory.mktemp("models") / "tones.decoder.onnx")


def renamed(source: Path, target: Path, **changes: object) -> Path:
    """A copy of a model file with other metadata."""
    model = onnx.load(source)
    metadata = json.loads(model.metadata_props[0].value) | changes
    model.metadata_props[0].value = json.dumps(metadata)
    onnx.save(model, target)
    return target


def test_info_tells_what_the_file_says(tones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(tones), "--provider", "cpu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    facts = {line.split()[0]: " ".join(line.split()[1:]) for line in lines[1:]}
    assert lines[0] == str(tones)
    assert facts["name"] == "tones"
    assert facts["gives"] == "4 beats at 120 BPM in 4/4, 2.000 s (96000 frames) at 48000 Hz stereo"
    assert facts["latent"] == "2 dimensions: pitch 0 to 0"
    assert facts["macros"] == "shift -0.5 to 0.5"
    assert facts["provider"] == "cpu"
    assert "authors" not in facts


def test_info_as_json_holds_the_whole_metadata(tones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(tones), "--json", "--provider", "cpu"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["metadata"] == json.loads(onnx.load(tones).metadata_props[0].value)
    assert values["graph"]["outputs"] == {"audio": [None, 2, 96000]}
    assert values["provider"] == "cpu"


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_escape_sequences_in_a_file_do_not_reach_the_terminal(
    tones: Path, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = renamed(
        tones,
        tmp_path / "a.onnx",
        name="\x1b]0;pwned\x07\nvaesynth: error: no",
        authors=["\x9b2J"],
        licence="\u202eCC0",
        scores={"\x1bscore": 1.0},
    )
    assert cli.main(["info", str(hostile), *words]) == 0
    shown = capsys.readouterr().out
    assert not any(c in shown for c in "\x1b\x07\x9b\u202e")
    assert "\nvaesynth: error" not in shown


def test_info_refuses_a_file_that_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "random.onnx"
    path.write_bytes(b"not a model at all" * 10)
    assert cli.main(["info", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("vaesynth: error: random.onnx: ")
    assert shown.err.count("\n") == 1


def test_models_lists_good_ones_and_tells_what_is_wrong_with_others(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(models, "user_folder", lambda: tmp_path)
    renamed(tones, tmp_path / "mine.decoder.onnx", name="My\x1b[5mTones")
    renamed(tones, tmp_path / "lying.decoder.onnx", frames=48_000)
    assert cli.main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["NAME", "KIND", "GIVES", "ORIGIN", "TITLE"]
    mine = next(line for line in lines if line.startswith("mine "))
    assert mine.split()[1:] == [
        "loop",
        "4",
        "beats",
        "at",
        "120",
        "BPM,",
        "48000",
        "Hz",
        "user",
        r"My\x1b[5mTones",
    ]
    assert any(line.startswith("Not usable: lying.decoder.onnx: bpm is 120") for line in lines)
    assert lines[-1] == f"Your own go into {tmp_path}"


def test_validate_passes_a_good_file_and_fails_a_bad_one(
    tones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["validate", str(tones)]) == 0
    assert all(line.startswith("ok ") for line in capsys.readouterr().out.splitlines())
    lying = renamed(tones, tmp_path / "lying.onnx", channels=1)
    assert cli.main(["validate", str(lying), "--json"]) == 2
    findings = json.loads(capsys.readouterr().out)
    assert [f["name"] for f in findings if not f["passed"]] == ["graph"]


def test_devices_are_listed_with_the_default_marked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [
        OutputDevice(0, "Built-in\x1b[31m", "ALSA", 2, 44_100, 0.0087, False),
        OutputDevice(3, "system", "JACK", 8, 48_000, 0.0027, True),
    ]
    monkeypatch.setattr(devices, "output_devices", lambda: found)
    ports = {True: ["Keys\x1b 1", "Knobs"], False: []}
    monkeypatch.setattr(midi_ports, "port_names", lambda *, inputs: ports[inputs])
    assert cli.main(["devices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["0", r"Built-in\x1b[31m", "ALSA", "2", "44100", "Hz", "8.7", "ms"]
    assert lines[2].split() == ["*", "3", "system", "JACK", "8", "48000", "Hz", "2.7", "ms"]
    assert lines[-2] == r"MIDI in: Keys\x1b 1, Knobs. MIDI out: no port."
    assert lines[-1].endswith("cpu")


def test_no_device_is_no_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def no_midi(*, inputs: bool) -> list[str]:
        raise ControlError("MIDI does not start (why), expected a working MIDI system")
    monkeypatch.setattr(devices, "output_devices", list)
    monkeypatch.setattr(midi_ports, "port_names", no_midi)
    assert cli.main(["devices"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("No audio output device was found")
    assert "\nNo MIDI: MIDI does not start (why), expected a working MIDI system.\n" in shown
