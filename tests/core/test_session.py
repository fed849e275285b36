"""Sessions survive their file: written whole, read with care."""

import json
import os
import threading
from dataclasses import fields, replace
from pathlib import Path

import pytest

from vaesynth.errors import OutputError
from vaesynth.metronome import Metronome
from vaesynth.session import (
    Autosave,
    Corner,
    OwnLoop,
    Session,
    SessionError,
    Snapshot,
    as_closed,
    from_json,
    read,
    recover,
    to_json,
    write,
)
from vaesynth.shaping import Shaping
from vaesynth.tempo import Quantise, TempoMode

FULL = Session(
    model="/models/drums.onnx", x=-0.25, y=0.625, macros={"Room": 1.5}, lock="kit",
    held=Snapshot(0.5, -0.5, {"Room": 1.0}), bpm=97.5, volume=-60.0,
    swing=58.0, metronome=Metronome.MAIN,
    quantise=Quantise.BAR, tempo_mode=TempoMode.REPITCH, bars=2, playing=True,
    snapshots={3: Snapshot(0.1, -0.2, {"Room": -1.0}, {"kit": Snapshot(1.0, 0.5, {"Room": 0.5})}),
               9: Snapshot(1.0, -1.0)}, morph_beats=4.0,
    path=((0.0, 0.0, 0.0), (1.5, 0.5, -0.5)), path_beats=2.0, path_playing=True,
    path_speed=0.5, chain=((0.25, -1.0), (0.5, 0.5)), chaining=True,
    own_loops=(OwnLoop("mine", 0.5, -1.0, (0.25, -3.0)),),
    corners={2: Corner("Funk", (1.0, 0.5))}, mutation=0.3, a=Snapshot(0.0, 1.0),
    b=Snapshot(1.0, 0.0, holds={"groove": Snapshot(0.0, 0.0)}), mix=0.75,
    shaping=Shaping(drive=6, low_cut=80, muted_steps=(1, 4), solo_stems=("kick",)), closed=True)


def test_every_field_comes_back(tmp_path: Path) -> None:
    default = Session()
    assert all(getattr(FULL, f.name) != getattr(default, f.name) for f in fields(Session))
    write(tmp_path / "a" / "session.json", FULL)
    assert read(tmp_path / "a" / "session.json") == FULL


def test_a_snapshot_of_an_older_version_holds_nothing() -> None:
    session = from_json('{"version": 1, "snapshots": {"1": {"x": 0.5, "y": 0, "macros": {"Room": 1}}}}')
    assert session.snapshots == {1: Snapshot(0.5, 0.0, {"Room": 1.0})}
    assert "holds" not in to_json(session)


def test_what_is_set_is_the_place_to_come_back_to() -> None:
    assert FULL.place == Snapshot(-0.25, 0.625, {"Room": 1.5}, {"kit": Snapshot(0.5, -0.5, {"Room": 1.0})})
    assert replace(FULL, lock=None, held=None).place.holds == {}
    assert FULL.place.fitting({"Dirt"}, {"groove"}) == Snapshot(-0.25, 0.625)


@pytest.mark.parametrize(("field", "value", "expected"), [
    ("held", 3, "a place of x, y and macros"),
    ("snapshots", {"1": {"x": 0, "y": 0, "holds": {"kit": 7}}}, "a place of x, y and macros"),
    ("snapshots", {"1": {"x": 0, "y": 0, "holds": {"kit": {"x": 0, "y": 2}}}}, "a number from -1 to 1"),
    ("a", {"x": 0, "y": 0, "holds": "kit"}, "holds as group → place of at most 16 latent groups"),
    ("b", {"x": 0, "y": 0, "holds": {str(n): {"x": 0, "y": 0} for n in range(17)}},
     "holds as group → place of at most 16 latent groups")])
def test_what_a_bad_place_should_be_is_said(field: str, value: object, expected: str) -> None:
    with pytest.raises(SessionError) as e:
        from_json(json.dumps({"version": 1, field: value}), "s")
    assert str(e.value).endswith(f"expected {expected}")


def test_a_session_of_an_older_version_takes_the_defaults() -> None:
    assert from_json('{"version": 1, "x": 0.5}') == Session(x=0.5)


@pytest.mark.parametrize(("field", "value"), [
    ("x", 1.5), ("y", None), ("bars", 3), ("bars", True),
    ("bpm", 400), ("bpm", True), ("volume", float("nan")), ("quantise", "sometimes"),
    ("model", 5), ("macros", {"a": "b"}), ("snapshots", {"12": {"x": 0, "y": 0}}),
    ("snapshots", {"1": {"x": 0}}),
    ("snapshots", {"1": 7}), ("path", [[0, 0]]), ("path", [[0, 0, 9]]), ("path", 3), ("playing", 1),
    ("own_loops", [{"name": "a", "x": 2, "y": 0}]), ("own_loops", "x"),
    ("own_loops", [{"name": "a", "x": 0, "y": 0, "z": ["b"]}]), ("corners", {"4": {"name": "a", "z": [0]}}),
    ("corners", {"0": {"name": "a"}}), ("held", 3), ("mix", 1.5)])
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(SessionError, match=rf"^s: {field} is .*, expected "):
        from_json(json.dumps({"version": 1, field: value}), "s")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 2}', "{}", "[" * 100_000])
def test_what_is_no_session_is_refused(text: str) -> None:
    with pytest.raises(SessionError, match="expected"):
        from_json(text)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"not json", b" " * (5 * 2**20)])
def test_recover_sets_a_damaged_file_aside(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "session.json"
    file.write_bytes(data)
    session, notice = recover(file)
    assert session == Session()
    assert notice is not None
    assert "session.json" in notice
    assert not file.exists()
    assert (tmp_path / "session.json.broken").read_bytes() == data


def test_no_file_is_a_fresh_session_without_a_word(tmp_path: Path) -> None:
    assert recover(tmp_path / "session.json") == (Session(), None)


def test_a_failed_write_leaves_the_old_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "session.json"
    write(file, FULL)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OutputError, match="No space left"):
        write(file, Session())
    assert read(file) == FULL
    assert [p.name for p in tmp_path.iterdir()] == ["session.json"]


def test_autosave_writes_the_newest_and_nothing_is_lost_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    saver = Autosave(file, interval=0.01)
    for i in range(200):
        saver.offer(Session(x=i / 200))
    saver.close(Session(x=1.0))
    assert read(file) == Session(x=1.0)


def test_autosave_keeps_up_without_being_closed(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    saver = Autosave(file, interval=0.01)
    saver.offer(Session(x=0.25))
    waiting = threading.Event()
    while not file.exists():
        waiting.wait(0.01)
    assert read(file) == Session(x=0.25)
    saver.close()


def test_autosave_tells_once_that_it_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    told: list[str] = []
    saver = Autosave(tmp_path / "file" / "session.json", interval=0.01, failed=told.append)
    saver.offer(Session(x=0.1))
    waiting = threading.Event()
    while not told:
        waiting.wait(0.01)
    saver.close(Session(x=0.2))
    assert len(told) == 1
    assert "session.json" in told[0]


def test_closing_by_hand_keeps_everything_but_the_sound() -> None:
    closed = as_closed(FULL)
    assert (closed.playing, closed.path_playing, closed.closed) == (False, False, True)
    assert (closed.x, closed.snapshots, closed.path) == (FULL.x, FULL.snapshots, FULL.path)


def test_json_is_for_people_too() -> None:
    assert '"quantise": "bar"' in to_json(FULL)
