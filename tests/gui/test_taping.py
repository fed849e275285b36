"""Recording from the window, by its key."""

from pathlib import Path

import pytest
from fakes import FakeRecording
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog
from rig import Bench

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "music" / "vaesynth"
    monkeypatch.setattr("vaesynth_gui.taping.recordings_folder", lambda: place)
    return place


def test_one_key_records_into_a_new_file_and_ends_it(playing: Bench, folder: Path) -> None:
    recording, line = playing.engine.recording, playing.window.line
    playing.key(Qt.Key.Key_R, CTRL)
    assert recording.running
    assert recording.path is not None
    assert (recording.path.parent, recording.path.suffix) == (folder, ".wav")
    assert folder.is_dir()
    assert "Recording 0:0" in line.text
    playing.wait(lambda: recording.seconds > 2)
    playing.key(Qt.Key.Key_R, CTRL)
    assert not recording.running
    assert f"into {recording.path}" in line.text
    assert "Recording" not in line.text


def test_remarks_are_read_while_it_records(playing: Bench) -> None:
    line = playing.window.line
    playing.key(Qt.Key.Key_R, CTRL)
    line.hold_note("Frozen")
    playing.window.exporting.noted.emit("Wrote one.wav")
    for _ in range(8):
        QTest.qWait(50)
        assert "Wrote one.wav" in line.text
        assert "Recording 0:0" in line.text
    line.hold_note("")
    assert "Wrote one.wav" in line.text, "what is over takes back its own remark alone"
    line.hold_note("Frozen again")
    assert "Wrote" not in line.text
    line.set_note("")
    assert "Frozen again" in line.text
    playing.key(Qt.Key.Key_R, CTRL)
    assert "Recording" not in line.text


def test_the_button_records_is_lit_and_ends_it(playing: Bench) -> None:
    button, recording = playing.window.bar.record, playing.engine.recording
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert recording.running
    assert button.isChecked()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not recording.running
    assert not button.isChecked()
    playing.key(Qt.Key.Key_R, CTRL)
    assert button.isChecked(), "whoever began it"
    playing.key(Qt.Key.Key_R, CTRL)
    recording.refused = "the folder is read-only"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isChecked()


def offered(bench: Bench) -> QAction:
    """The take among what the button for exporting offers."""
    QTest.mouseClick(bench.window.panel.export, Qt.MouseButton.LeftButton)
    return next(a for a in QApplication.activePopupWidget().actions() if a.text() == "Recorded take …")


def test_what_was_recorded_is_exported_with_its_take(playing: Bench, tmp_path: Path) -> None:
    assert not offered(playing).isEnabled(), "nothing has been recorded"
    QApplication.activePopupWidget().close()
    playing.key(Qt.Key.Key_R, CTRL)
    recorded = playing.engine.recording.path
    recorded.write_bytes(b"sound")
    recorded.with_suffix(".take").write_bytes(b"orders")
    playing.key(Qt.Key.Key_R, CTRL)
    take = offered(playing)
    menu = QApplication.activePopupWidget()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(take).center())
    dialog = playing.window.findChild(QFileDialog)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("evening.wav")
    dialog.accept()
    playing.wait((tmp_path / "evening.take").is_file)
    assert (tmp_path / "evening.wav").read_bytes() == b"sound"
    assert (tmp_path / "evening.take").read_bytes() == b"orders"
    assert not list(tmp_path.glob("*.tmp"))


def test_a_full_disk_is_told_once_and_the_key_begins_anew(playing: Bench) -> None:
    recording = playing.engine.recording
    playing.key(Qt.Key.Key_R, CTRL)
    recording.fault = "recording stopped (No space left on device)"
    playing.wait(lambda: "No space left on device" in playing.window.banner.message)
    assert not playing.window.taping.running
    recording.fault = None
    playing.key(Qt.Key.Key_R, CTRL)
    assert playing.window.taping.running


def test_what_cannot_begin_is_told(playing: Bench) -> None:
    playing.engine.recording.refused = "the folder is read-only"
    playing.key(Qt.Key.Key_R, CTRL)
    assert playing.window.banner.message == "the folder is read-only"
    assert not playing.window.taping.running


def test_the_menu_shows_whether_it_records(playing: Bench) -> None:
    menu = playing.window.menu
    action = next(a for a in menu.actions() if a.text().startswith("Record the sound"))
    action.trigger()
    assert playing.engine.recording.running
    menu.aboutToShow.emit()
    assert action.isChecked()
    action.trigger()
    menu.aboutToShow.emit()
    assert not action.isChecked()


def test_a_recording_that_a_dead_window_left_is_shown_and_can_be_ended(
        bench: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Running(FakeRecording):
        def __init__(self) -> None:
            super().__init__()
            self.start(folder / "before.wav")

    monkeypatch.setattr("fakes.FakeRecording", Running)
    bench.show()
    bench.wait(lambda: bench.window.taping.running)
    bench.key(Qt.Key.Key_R, CTRL)
    assert not bench.engine.recording.running
    assert "before.wav" in bench.window.line.text
