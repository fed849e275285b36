"""Sessions under names of their own, by keys and drops."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog
from rig import Bench

from vaesynth import session as sessions
from vaesynth.session import OwnLoop, Snapshot

CONTROL = Qt.KeyboardModifier.ControlModifier


def choose(bench: Bench, file: Path) -> None:
    """Answer the dialog that asks for a file."""
    dialog = bench.window.findChild(QFileDialog)
    dialog.setDirectory(str(file.parent))
    dialog.selectFile(file.name)
    dialog.accept()


@pytest.fixture
def saved(playing: Bench) -> Path:
    """A session that was saved by its key and by hand; the instrument has moved on since."""
    instrument, file = playing.instrument, playing.folder / "evening.json"
    instrument.move_to(0.5, -0.25)
    instrument.set_macro("Room", 1.5)
    instrument.set_tempo(93)
    instrument.add_own_loops([OwnLoop("mine", 0.75, 0.75, (1.0, 2.0, 3.0, 4.0))])
    instrument.set_lock("kit")
    instrument.store_snapshot(3)
    instrument.set_lock(None)
    playing.key(Qt.Key.Key_Space)
    playing.key(Qt.Key.Key_S, CONTROL)
    choose(playing, file)
    playing.wait(lambda: "Saved evening.json" in playing.window.line.text)
    for name, value in (("x", -0.5), ("bpm", 170.0), ("macros", {}), ("own_loops", ()),
                        ("snapshots", {})):
        instrument.edit(None, **{name: value})
    return file


def test_a_saved_session_is_dropped_and_comes_back_while_it_plays(playing: Bench, saved: Path) -> None:
    before = playing.instrument.session
    playing.drop(saved)
    playing.wait(lambda: "Opened evening.json" in playing.window.line.text)
    engine = playing.engine
    assert (engine.position, engine.bpm, engine.playing) == ((0.5, -0.25), 93, True)
    assert ("set_macro", "Room", 1.5) in engine.calls
    assert playing.pad._contents.examples[0].own
    assert len(playing.engines) == 1
    holds = {"kit": Snapshot(0.5, -0.25, {"Room": 1.5})}
    assert playing.instrument.session.snapshots == {3: Snapshot(0.5, -0.25, {"Room": 1.5}, holds)}
    playing.key(Qt.Key.Key_Z, CONTROL)
    assert playing.instrument.session == before, "one step for undo"


def test_its_model_comes_with_it(playing: Bench, saved: Path) -> None:
    other = playing.folder / "other.onnx"
    other.write_bytes(b"model")
    playing.drop(other)
    playing.wait(lambda: playing.instrument.metadata.name == "other")
    playing.key(Qt.Key.Key_O, CONTROL)
    choose(playing, saved)
    playing.wait(lambda: "Opened evening.json" in playing.window.line.text)
    assert playing.instrument.metadata.name == "drums"
    assert playing.engine.position == (0.5, -0.25)
    assert [loop.name for loop in playing.instrument.session.own_loops] == ["mine"]
    assert playing.engine.playing


def test_a_session_of_no_use_changes_nothing(playing: Bench, saved: Path) -> None:
    before = playing.instrument.session
    left = sessions.read(saved)
    for text, reason in (('{"version": 1, "x": 7}', "x is 7"), ("no session", "is no JSON"),
                         (sessions.to_json(left).replace("drums.onnx", "gone.onnx"), "gone")):
        saved.write_text(text)
        playing.drop(saved)
        playing.wait(lambda reason=reason: reason in playing.window.banner.message)
    assert playing.instrument.session == before


def test_a_session_whose_model_cannot_be_opened_does_not_come_back_later(playing: Bench, saved: Path) -> None:
    other = playing.folder / "other.onnx"
    other.write_bytes(b"model")
    playing.drop(other)
    playing.wait(lambda: playing.instrument.metadata.name == "other")
    playing.model.write_bytes(b"broken")
    playing.drop(saved)
    playing.wait(lambda: "drums.onnx: is no model" in playing.window.banner.message)
    playing.model.write_bytes(b"model")
    playing.drop(playing.model)
    playing.wait(lambda: playing.instrument.metadata.name == "drums")
    assert playing.engine.position != (0.5, -0.25)
    assert playing.instrument.session.own_loops == ()


def test_a_bundled_model_is_called_by_its_name_so_that_another_machine_finds_it(playing: Bench) -> None:
    from vaesynth import models
    from vaesynth_gui import session_files

    session = sessions.Session(model=str(models.bundled("loop")))
    session_files._write(playing.folder / "a.json", session)
    assert sessions.read(playing.folder / "a.json").model == "drums"
    assert session_files._read(playing.folder / "a.json")[1] == models.bundled("loop")
