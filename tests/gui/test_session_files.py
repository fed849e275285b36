"""Sessions under names of their own, by keys and drops."""

from pathlib import Path

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QMessageBox
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


def suggested(bench: Bench) -> Path:
    """What the dialog suggests that saves the session; then it is left."""
    bench.key(Qt.Key.Key_S, CONTROL)
    dialog = bench.window.findChild(QFileDialog)
    (name,) = dialog.selectedFiles()
    dialog.reject()
    bench.wait(lambda: bench.window.findChild(QFileDialog) is None)
    return Path(name)


def test_the_session_that_is_open_has_a_name(playing: Bench) -> None:
    title = playing.window.windowTitle
    assert suggested(playing).name == "session.json"
    assert title() == "drums – vaesynth"
    file, copy = playing.folder / "my set.json", playing.folder / "elsewhere" / "later.json"
    copy.parent.mkdir()
    playing.instrument.move_to(0.5, 0.5)
    playing.window.saving.save(file)
    playing.wait(lambda: title() == "my set – drums – vaesynth")
    copy.write_bytes(file.read_bytes())
    playing.drop(copy)
    playing.wait(lambda: title() == "later – drums – vaesynth")
    assert suggested(playing) == copy
    (playing.folder / "bad.json").write_text("no session")
    playing.drop(playing.folder / "bad.json")
    playing.wait(lambda: "is no JSON" in playing.window.banner.message)
    assert (title(), suggested(playing)) == ("later – drums – vaesynth", copy)
    other = playing.folder / "other.onnx"
    other.write_bytes(b"model")
    playing.drop(other)
    playing.wait(lambda: title() == "later – other – vaesynth")


def test_the_name_is_there_again_after_a_restart(playing: Bench) -> None:
    file = playing.folder / "my set.json"
    playing.instrument.move_to(0.5, 0.5)
    playing.window.saving.save(file)
    playing.wait(lambda: playing.window.saving.file == file)
    playing.app.close()
    playing.start()
    assert playing.window.saving.file == file
    playing.app.close()
    (playing.folder / "session.json").write_text("broken")
    playing.start()
    assert playing.window.saving.file is None, "started afresh"


def test_a_session_is_written_over_only_when_the_answer_is_yes(playing: Bench, saved: Path) -> None:
    before = saved.read_bytes()
    asked: list[str] = []

    def answer(button: QMessageBox.StandardButton) -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        QTest.mouseClick(box.button(button), Qt.MouseButton.LeftButton)
    playing.key(Qt.Key.Key_S, CONTROL)
    dialog = playing.window.findChild(QFileDialog)
    QTimer.singleShot(200, lambda: answer(QMessageBox.StandardButton.No))
    dialog.accept()
    assert dialog.isVisible()
    assert saved.read_bytes() == before
    QTimer.singleShot(200, lambda: answer(QMessageBox.StandardButton.Yes))
    dialog.accept()
    playing.wait(lambda: saved.read_bytes() != before)
    assert len(asked) == 2
    assert "evening.json" in asked[0]


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
