"""Train on my loops, as a person would: drop, correct, learn, listen, end it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ear import Ear
from loop_files import write_clicks
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QTableWidget,
)
from rig import Bench

from vaesynth_gui.learn import guide
from vaesynth_gui.learn.training import POLL_MS, Training
from vaesynth_gui.learn.work_folder import Plan, unfinished
from vaesynth_gui.widgets.learn.dialog import LearnDialog

LEFT = Qt.MouseButton.LeftButton
EAGER = "from vaesynth_gui.learn import beside; beside.NICENESS = 0; beside.main()"
"""On a busy machine a process that gives way may not run at all."""
LEAVE = """
import sys
from pathlib import Path
from PyQt6.QtCore import QCoreApplication
from vaesynth_gui.learn import training, work_folder
app, folder = QCoreApplication([]), Path(sys.argv[1])
work_folder.Plan.command = lambda plan, stage, resume=False: [
    sys.executable, "-c", sys.argv[2], "training_stand_in", stage, str(plan.folder),
    str(plan.model)]
it = training.Training()
it.progressed.connect(lambda log: app.quit())
it.start(work_folder.Plan("Left", 5, folder, folder / "left.decoder.onnx"))
app.exec()
it.close()
"""


@pytest.fixture
def ear(bench: Bench) -> Ear:
    bench.app.listening._make_cue = Ear(len)
    return bench.app.listening._make_cue


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> Bench:
    """Stages that do next to nothing, in folders of their own."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *sys.path]))
    monkeypatch.setattr(guide, "missing_module", lambda: None)
    monkeypatch.setattr(Plan, "command", lambda plan, stage, resume=False: [
        sys.executable, "-c", EAGER, "training_stand_in", stage, str(plan.folder), str(plan.model)])
    for name in ("runs", "models"):
        (bench.folder / name).mkdir()
        setattr(bench.app.settings, f"{name}_folder", bench.folder / name)
    return bench


def drop(dialog: LearnDialog, *files: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(f)) for f in files])
    copy, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, mime, LEFT, no_key)
    QApplication.sendEvent(dialog, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(dialog, QDropEvent(QPointF(50, 50), copy, mime, LEFT, no_key))


def click(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def opened(bench: Bench, files: int = 3) -> LearnDialog:
    """The dialog by its key, with some loops dropped."""
    bench.key(Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    dialog = bench.app.guide.dialog
    assert dialog is not None
    assert QTest.qWaitForWindowExposed(dialog, 30_000)
    paths = [write_clicks(bench.folder / f"beat {i} 120bpm.wav") for i in range(files)]
    if paths:
        drop(dialog, *paths)
    bench.wait(lambda: len(dialog.material.loops) == files)
    return dialog


def finishing_slowly(bench: Bench) -> tuple[LearnDialog, Training]:
    """A training that was asked to finish, and saves itself until its file `slow` is taken away."""
    dialog, training = opened(bench), bench.app.guide.training
    click(dialog.material.start)
    bench.wait(lambda: dialog.run.finish.isEnabled())
    (training.plan.folder / "slow").touch()
    click(dialog.run.finish)
    return dialog, training


def test_loops_are_dropped_corrected_and_left_out(playing: Bench, ear: Ear) -> None:
    dialog = opened(playing)
    page = dialog.material
    bad = playing.folder / "bad.wav"
    bad.write_bytes(b"no audio")
    drop(dialog, bad, playing.folder / "beat 0 120bpm.wav")
    playing.wait(lambda: len(page.loops) == 4)
    assert len(page.usable) == 3
    page.list.selectRow(1)
    click(page.double)
    assert page.loops[1].beats == 16
    assert "240" in page.list.item(1, 2).text()
    click(page.half)
    page.bars.setFocus()
    page.bars.selectAll()
    QTest.keyClicks(page.bars, "1")
    QTest.keyClick(page.bars, Qt.Key.Key_Return)
    assert page.loops[1].beats == 4
    third_hit = page.loops[1].hits[2]
    QTest.mouseClick(page.grid, LEFT, pos=QPoint(round(page.grid.x_of(third_hit)) + 2, 60))
    assert page.loops[1].start == third_hit
    click(page.later)
    assert page.loops[1].start == pytest.approx(third_hit + page.loops[1].span / 16)
    click(page.hear)
    playing.wait(lambda: bool(ear.heard))
    assert ear.heard == [round(page.loops[1].span)]
    click(page.hear)
    assert ear.silent
    page.list.selectRow(3)
    assert not page.half.isEnabled()
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    assert len(page.loops) == 3


def test_what_is_learnt_comes_onto_the_pad_while_it_plays(playing: Bench, stand_in: Bench, ear: Ear) -> None:
    playing.key(Qt.Key.Key_Space)
    dialog = opened(playing)
    QTest.keyClicks(dialog.material.name, "Night loops")
    page, training = dialog.run, playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.stage == "train" and training.share > 0)
    assert training.plan is not None
    playing.wait(lambda: bool(page.examples.buttons))
    loop, learnt = page.examples.buttons
    click(loop)
    click(learnt)
    assert not loop.isChecked()
    playing.wait(lambda: bool(ear.heard))
    (training.plan.folder / "quick").touch()
    playing.wait(lambda: playing.instrument.metadata.name == "night-loops.decoder")
    assert playing.instrument.session.model == str(playing.folder / "models" / "night-loops.decoder.onnx")
    assert playing.engine.playing
    assert len(playing.engines) == 1
    assert page.close_button.isVisible()
    assert "Night loops" in playing.window.banner.message


def test_finishing_early_makes_the_instrument_all_the_same(playing: Bench, stand_in: Bench) -> None:
    dialog = opened(playing)
    click(dialog.material.start)
    playing.wait(lambda: dialog.run.finish.isEnabled())
    click(dialog.run.finish)
    playing.wait(lambda: playing.instrument.metadata.name == "my-loops.decoder")
    assert (playing.app.guide.training.plan.folder / "run" / "saved").is_file()


def test_cancelling_ends_the_process_and_changes_nothing(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.share > 0)
    click(dialog.run.cancel)
    playing.wait(lambda: not training.running)
    assert dialog.material.isVisible()
    assert len(dialog.material.loops) == 3
    assert playing.instrument.metadata.name == "drums"
    assert not list((playing.folder / "models").iterdir())


@pytest.mark.parametrize("stage", ["prepare", "export"])
def test_every_stage_can_be_cancelled(playing: Bench, stand_in: Bench, monkeypatch: pytest.MonkeyPatch,
                                      stage: str) -> None:
    monkeypatch.setenv("VAESYNTH_TEST_HOLD", stage)
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.running)
    (training.plan.folder / "quick").touch()
    playing.wait(lambda: training.stage == stage)
    click(dialog.run.cancel)
    playing.wait(lambda: not training.running)
    assert dialog.material.isVisible()
    assert not list((playing.folder / "models").iterdir())
    assert unfinished(playing.folder / "runs") is None


def test_it_can_be_cancelled_before_anything_runs(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    started: list[str] = []
    training.stage_changed.connect(started.append)
    click(dialog.material.start)
    click(dialog.run.cancel)
    playing.wait(lambda: dialog.material.isVisible())
    assert not started
    click(dialog.material.start)
    playing.wait(lambda: training.stage == "train")


def test_loops_that_come_while_it_learns_change_nothing(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.share > 0)
    playing.app.guide.open([write_clicks(playing.folder / "late.wav")])
    assert dialog.run.isVisible()


def test_a_stage_that_fails_says_why(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.running)
    (training.plan.folder / "broken").touch()
    playing.wait(lambda: not training.running)
    assert dialog.run.note.text() == "the loss is nan, expected a number"
    assert dialog.run.again.isVisible()


def test_closing_the_window_lets_a_training_save_itself(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.share > 0)
    assert training.plan is not None
    dialog.close()
    playing.window.close()
    playing.wait(lambda: (training.plan.folder / "run" / "saved").is_file())


def test_a_training_outlives_the_program(stand_in: Bench, tmp_path: Path) -> None:
    """Nothing that ends with the window kills it before it is saved."""
    folder = tmp_path / "runs" / "left"
    folder.mkdir()
    done = subprocess.run([sys.executable, "-c", LEAVE, str(folder), EAGER], timeout=300, check=False)
    assert done.returncode == 0
    stand_in.wait(lambda: (folder / "run" / "saved").is_file())


def test_an_interrupted_training_goes_on(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.share > 0)
    plan = training.plan
    training.close()
    playing.wait(lambda: (plan.folder / "run" / "saved").is_file())
    dialog.close()
    dialog.show_material()  # as after a new start
    playing.app.guide.open()
    playing.wait(lambda: dialog.material.resume.isVisible())
    assert "My loops" in dialog.material.interrupted.text()
    (plan.folder / "quick").touch()
    stages: list[str] = []
    training.stage_changed.connect(stages.append)
    click(dialog.material.resume)
    playing.wait(lambda: playing.instrument.metadata.name == "my-loops.decoder")
    assert stages == ["train", "export"]
    assert unfinished(playing.folder / "runs") is None


def test_a_drop_without_loops_is_told(playing: Bench) -> None:
    dialog = opened(playing, files=0)
    page = dialog.material
    assert page.bars.text() == ""
    (playing.folder / "empty <b>").mkdir()
    drop(dialog, playing.folder / "empty <b>")
    playing.wait(lambda: page.warning.text() == "No loops in empty <b>")
    assert page.warning.textFormat() is Qt.TextFormat.PlainText
    drop(dialog, *[write_clicks(playing.folder / f"beat {i} 120bpm.wav") for i in range(3)])
    playing.wait(lambda: len(page.loops) == 3)
    assert not page.warning.text()
    assert page.bars.value() == page.loops[0].beats / 4
    for _ in range(3):
        click(page.remove)
    assert page.bars.text() == ""


def test_a_folder_is_chosen_by_a_button(playing: Bench) -> None:
    dialog = opened(playing, files=0)
    (playing.folder / "loops").mkdir()
    write_clicks(playing.folder / "loops" / "beat 120bpm.wav")
    click(dialog.material.add_folder)
    chooser = dialog.findChild(QFileDialog)
    assert chooser.fileMode() is QFileDialog.FileMode.Directory
    chooser.filesSelected.emit([str(playing.folder / "loops")])
    chooser.close()
    playing.wait(lambda: [loop.path.name for loop in dialog.material.loops] == ["beat 120bpm.wav"])


def test_all_fields_have_names(playing: Bench) -> None:
    dialog = opened(playing, files=0)
    fields = [f for kind in (QLineEdit, QComboBox, QAbstractSpinBox, QTableWidget)
              for f in dialog.material.findChildren(kind) if f.objectName() != "qt_spinbox_lineedit"]
    assert len(fields) == 5
    assert not [f for f in fields if not f.accessibleName()]


def reopened(bench: Bench, dialog: LearnDialog) -> None:
    """As after a new start of the program."""
    dialog.close()
    dialog.show_material()
    bench.app.guide.open()


def test_a_training_goes_on_when_the_one_before_has_saved_itself(playing: Bench, stand_in: Bench) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.share > 0)
    plan, page = training.plan, dialog.material
    (plan.folder / "slow").touch()
    training.close()
    reopened(playing, dialog)
    playing.wait(lambda: page.interrupted.isVisible())
    assert "being saved" in page.interrupted.text()
    assert not page.resume.isVisible()
    training.start(plan)  # as another window might
    said: list[str] = []
    training.failed.connect(said.append)
    playing.wait(lambda: bool(said))
    assert "still works there" in said[0]
    assert (plan.folder / "stages").read_text().split() == ["prepare", "train"]
    reopened(playing, dialog)
    (plan.folder / "slow").unlink()
    playing.wait(lambda: page.resume.isVisible())
    assert "has been saved" in page.interrupted.text()


def test_only_what_this_process_has_learnt_can_be_finished(playing: Bench, stand_in: Bench,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: dialog.run.finish.isEnabled())
    plan = training.plan
    training.close()
    playing.wait(lambda: plan.saved and not plan.busy)
    reopened(playing, dialog)
    playing.wait(lambda: dialog.material.resume.isVisible())
    monkeypatch.setenv("VAESYNTH_TEST_HOLD", "train")  # it is still loading
    click(dialog.material.resume)
    assert training.share > 0
    playing.wait(lambda: (plan.folder / "stages").read_text().split() == ["prepare", "train", "train"])
    QTest.qWait(2 * POLL_MS)
    assert not dialog.run.finish.isEnabled()
    training.finish_now()
    QTest.qWait(2 * POLL_MS)
    assert training.stage == "train"
    assert training.running
    click(dialog.run.cancel)
    playing.wait(lambda: not training.running)


def test_while_it_finishes_it_cannot_be_finished_again(playing: Bench, stand_in: Bench) -> None:
    dialog, training = finishing_slowly(playing)
    with open(training.plan.folder / "run" / "log.csv", "a", encoding="utf-8") as log:
        log.write("400,4.0,train,loss,1\n")
    QTest.qWait(3 * POLL_MS)
    assert not dialog.run.finish.isEnabled()
    assert "Finishing" in dialog.run.time.text()
    (training.plan.folder / "slow").unlink()
    playing.wait(lambda: playing.instrument.metadata.name == "my-loops.decoder")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_training_that_a_signal_kills_has_saved_nothing(playing: Bench, stand_in: Bench) -> None:
    dialog, training = finishing_slowly(playing)
    QTest.qWait(POLL_MS)
    os.kill(training._process.processId(), signal.SIGTERM)
    playing.wait(lambda: not training.running)
    assert training.stage == "train"
    assert "ended with code 15" in dialog.run.note.text()


def test_a_training_that_had_learnt_nothing_begins_again(playing: Bench, stand_in: Bench,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the program is quit while it prepares."""
    monkeypatch.setenv("VAESYNTH_TEST_HOLD", "prepare")
    dialog, training = opened(playing), playing.app.guide.training
    click(dialog.material.start)
    playing.wait(lambda: training.plan is not None and (training.plan.folder / "stages").is_file())
    plan = training.plan
    training.close()
    monkeypatch.delenv("VAESYNTH_TEST_HOLD")
    reopened(playing, dialog)
    playing.wait(lambda: dialog.material.resume.isVisible())
    assert "before anything was learnt" in dialog.material.interrupted.text()
    (plan.folder / "quick").touch()
    click(dialog.material.resume)
    playing.wait(lambda: playing.instrument.metadata.name == "my-loops.decoder")
    assert (plan.folder / "stages").read_text().split() == ["prepare", "prepare", "train", "export"]


def test_without_torch_one_sentence_names_the_command(playing: Bench, monkeypatch) -> None:
    monkeypatch.setattr(guide, "missing_module", lambda: "torch")
    dialog = opened(playing)
    assert "torch" in dialog.material.warning.text()
    assert "pip install 'vaesynth[export]'" in dialog.material.warning.text()
    assert not dialog.material.start.isEnabled()
