"""What is switched on of the outside world: ranges, the file, and knobs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vaesynth.control import settings as control
from vaesynth.control.mapping import Binding, Kind, Knob, Mapping, moved_knob
from vaesynth.control.settings import ControlSettings, Notes, send_address
from vaesynth.control.sync_settings import SyncSettings
from vaesynth.errors import OutputError, SettingError

CC74 = Knob(Kind.CC, 74, 2)
FULL = ControlSettings(
    "Keystation", 10, Notes.SLICES, 48,
    Mapping((Binding(CC74, "x"), Binding(Knob(Kind.PITCH_BEND), "tempo", 140, 90),
             Binding(Knob(Kind.NOTE, 127, 10), "snapshot/3"))),
    9100, "0.0.0.0", "10.0.0.2:7000", SyncSettings(clock_in="Key", clock_out="Drum", offset_ms=-12.5))


def test_all_is_off_at_first() -> None:
    assert not ControlSettings().any_on
    assert ControlSettings().osc_host == "127.0.0.1"
    assert FULL.any_on


def test_settings_survive_the_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "control.json"
    assert control.read(file) == ControlSettings()
    for settings in (FULL, ControlSettings()):
        control.write(file, settings)
        assert control.read(file) == settings
    assert [f.name for f in file.parent.iterdir()] == ["control.json"]


def test_a_file_from_before_notes_could_be_learnt() -> None:
    old = [{"knob": "cc", "number": 74, "channel": 2, "parameter": "x", "low": None, "high": None}]
    assert ControlSettings.from_json({"mapping": old}).mapping.bindings == (Binding(CC74, "x"),)


def test_a_later_version_may_know_more() -> None:
    values = FULL.to_json() | {"wireless": True}
    assert ControlSettings.from_json(json.loads(json.dumps(values))) == FULL
    assert ControlSettings.from_json({}) == ControlSettings()


@pytest.mark.parametrize("changes", [
    {"midi_channel": 17}, {"midi_channel": "1"}, {"notes": "loud"}, {"notes": []}, {"first_note": 128},
    {"osc_port": 0}, {"osc_port": 70_000}, {"osc_port": True}, {"osc_host": "localhost:1"}, {"osc_host": 5},
    {"osc_send": "nowhere:port"}, {"osc_send": 9000}, {"midi_in": ""}, {"midi_in": 3}, {"mapping": {}},
    {"mapping": [3]}, {"mapping": [{"knob": "lever"}]}, {"mapping": [{"knob": ["cc"]}]},
    {"mapping": [{"knob": "cc", "number": 120, "parameter": "x"}]},
    {"mapping": [{"knob": "note", "number": 128, "parameter": "x"}]},
    {"mapping": [{"knob": "cc", "number": 1}]}, {"mapping": [{"knob": "cc", "parameter": "x", "low": "1"}]},
    {"mapping": [{"knob": "cc", "parameter": "x"}] * 300}, {"sync": []}, {"sync": {"link": 1}},
    {"sync": {"link": True, "jack": True}}, {"sync": {"offset_ms": 101}}, {"sync": {"clock_in": "x" * 200}},
])
def test_values_out_of_range_are_named(changes: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    file.write_text(json.dumps(FULL.to_json() | changes))
    with pytest.raises(SettingError, match=r"control\.json: .*expected"):
        control.read(file)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", "nonsense"])
def test_a_broken_file_is_named(text: str, tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    file.write_text(text)
    with pytest.raises(SettingError, match=r"control\.json"):
        control.read(file)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="expected a writable folder"):
        control.write(tmp_path / "file" / "control.json", FULL)


def test_osc_targets() -> None:
    assert send_address("localhost:7000") == ("localhost", 7000)
    assert send_address("10.0.0.2") == ("10.0.0.2", 9001)
    assert send_address("[::1]:80") == ("::1", 80)
    assert send_address("[::1]") == ("::1", 9001)


def test_moved_knobs() -> None:
    assert moved_knob([0xB1, 74, 127]) == (CC74, 1.0)
    bend = [moved_knob([0xE0, *pair]) for pair in ((0, 0), (0, 64), (127, 127))]
    assert [m[1] for m in bend if m] == [0.0, 0.5, 1.0]
    for other in ([], [0xB0, 74], [0xB0, 123, 0], [0x90, 60], [0xA0, 60, 100], [0x90, 200, 1], [0xF8],
                  [0xB0, 200, 0]):
        assert moved_knob(other) is None
    for message, position in (([0x99, 36, 127], 1.0), ([0x99, 36, 0], 0.0), ([0x89, 36, 64], 0.0)):
        assert moved_knob(message) == (Knob(Kind.NOTE, 36, 10), position)


def test_a_knob_moves_what_it_is_bound_to_and_no_other() -> None:
    mapping = Mapping().bound(Binding(CC74, "x")).bound(Binding(Knob(Kind.CC, 74), "tempo", 140, 90))
    assert [b.parameter for b in mapping.moved_by(CC74)] == ["x", "tempo"]
    assert [b.parameter for b in mapping.moved_by(replace(CC74, channel=3))] == ["tempo"]
    assert mapping.moved_by(Knob(Kind.CC, 75, 2)) == []
    tempo = mapping.of("tempo")
    assert tempo is not None
    assert [tempo.value(p, 40, 240) for p in (0, 0.5, 1)] == [140, 115, 90]
    assert Binding(CC74, "x").value(0.75, -1, 1) == 0.5
    assert Binding(CC74, "x", -5, 5).value(1, -1, 1) == 1, "never out of the parameter's range"
    assert mapping.bound(Binding(Knob(Kind.CC, 1), "x")).moved_by(CC74) == [tempo]
    assert mapping.unbound("tempo").of("tempo") is None
    assert mapping.moved_by(Knob(Kind.NOTE, 74, 2)) == []
    assert str(Knob(Kind.NOTE, 36)) == "note 36"
    with pytest.raises(SettingError, match="note is 128, expected 0 to 127"):
        Knob(Kind.NOTE, 128)
    assert str(CC74) == "CC 74, channel 2"
