"""What goes wrong is a message in the window; the rest goes on."""

import os
import sys
import time

import pytest
from fakes import FakeEngine
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from rig import Bench

from vaesynth import loop_file, models, own_loops
from vaesynth.errors import DeviceError
from vaesynth.session import OwnLoop
from vaesynth_gui import dialogs, session_files, sync_controls
from vaesynth_gui.learn import guide
from vaesynth_gui.learn.material import LoopFile


def test_dropped_model_takes_over_without_a_stop(playing: Bench) -> None:
    playing.key(Qt.Key.Key_Space)
    other = playing.folder / "other.onnx"
    other.write_bytes(b"model")
    playing.drop(other)
    playing.wait(lambda: playing.instrument.metadata.name == "other")
    assert playing.engine.playing
    assert not playing.engine.closed
    assert len(playing.engines) == 1
    assert playing.instrument.session.model == str(other)


@pytest.mark.parametrize("name", ["broken.onnx", "notes.txt", "broken.decoder.onnx"])
def test_bad_file_is_a_message_and_changes_nothing(playing: Bench, name: str) -> None:
    bad = playing.folder / name
    bad.write_bytes(b"broken")
    playing.drop(bad)
    playing.wait(lambda: name in playing.window.banner.message)
    assert playing.instrument.metadata.name == "drums"
    playing.press(0.2, 0.2)
    assert playing.engine.playing


def test_no_device_is_a_message_with_a_way_out(bench: Bench, monkeypatch) -> None:
    real = bench.open_engine

    def refuse(model, audio):
        raise DeviceError("default output: is absent, expected an audio device")
    monkeypatch.setattr(bench.app.bridge._opener, "engine_opener", refuse)
    bench.app.show(bench.model)
    bench.wait(lambda: "absent" in bench.window.banner.message)
    bench.press(0.5, 0.5)  # nothing to hear, but no fault either
    monkeypatch.setattr(bench.app.bridge._opener, "engine_opener", real)
    QTest.mouseClick(bench.window.banner._action, Qt.MouseButton.LeftButton)
    bench.wait(lambda: bench.app.bridge.running)
    assert bench.engine.position == bench.pad.position
    assert bench.engine.playing
    assert bench.window.banner.message == ""


def test_dead_server_is_told_and_its_return_takes_the_message_away(playing: Bench) -> None:
    playing.engine.alive = False
    playing.wait(lambda: "stopped" in playing.window.banner.message)
    playing.engine.alive = True
    playing.wait(lambda: playing.window.banner.message == "")


def test_notices_of_the_engine_are_shown(playing: Bench) -> None:
    playing.engine.notice = "Provider cuda failed to load; using cpu."
    playing.wait(lambda: "using cpu" in playing.window.banner.message)


def test_unexpected_exception_is_shown_and_the_window_goes_on(
        playing: Bench, monkeypatch, capfd) -> None:
    monkeypatch.setattr(sys, "excepthook", playing.app.faults.hook)

    def stumble() -> None:
        sys.excepthook(*_raised(ZeroDivisionError("a slip of ours")))
    QTimer.singleShot(0, stumble)
    playing.wait(lambda: "a slip of ours" in playing.window.banner.message)
    assert "ZeroDivisionError" in capfd.readouterr().err
    playing.key(Qt.Key.Key_Space)
    assert playing.engine.playing


def _raised(error: Exception):
    try:
        raise error
    except Exception:
        return sys.exc_info()


def test_slow_engine_never_holds_up_the_window(bench: Bench, qapp, monkeypatch) -> None:
    monkeypatch.setattr(FakeEngine, "slow", 0.4)
    bench.show()
    for attempt in range(1, 6):
        qapp.watch()
        bench.press(0.1, 0.1)
        for i in range(20):
            bench.drag_to(i / 20, 0.2)
            QTest.qWait(5)
        bench.release(1, 0.2)
        bench.window.files.open(bench.model)
        bench.wait(lambda wanted=1 + attempt: len(bench.engine.threads) == wanted)
        slept, where = qapp.longest()
        # A thread that loses the processor while it holds the interpreter's lock looks like a blocking call,
        # but not at every attempt.
        if slept < 0.016:
            break
    assert all(name.startswith("vaesynth-bridge") for name in bench.engine.threads)
    if slept >= 0.016 and os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip("the machine is too busy to tell a blocking call from a stolen processor")
    assert slept < 0.016, where


def test_nothing_that_takes_its_time_holds_up_the_window(playing: Bench, qapp, monkeypatch) -> None:
    """Dialogs, files in and out: whatever they wait for, they do not wait for it in Qt's thread."""
    window, app, done = playing.window, playing.app, set()
    mine = OwnLoop("mine", 0.5, 0.5, (1.0, 0.0, 0.0, 0.0))
    slow = {(dialogs, "list_outputs"): ([], []), (dialogs, "list_ports"): ([], [], ""),
            (dialogs, "list_models"): [models.ModelFile(playing.model, "user", playing.instrument.metadata)],
            (sync_controls, "list_ports"): (["Keys"], [], ""), (guide, "audio_files"): [playing.model],
            (guide, "look"): LoopFile(playing.model), (own_loops, "encode"): [mine],
            (loop_file, "write"): None, (session_files, "_write"): None}

    def slowly(place, name):
        def wait(*_, **__):
            time.sleep(0.3)
            done.add((place, name))
            return slow[place, name]
        monkeypatch.setattr(place, name, wait)
    for place, name in slow:
        slowly(place, name)
    playing.wait(lambda: window.panel.loop.loop is not None)

    def everything() -> None:
        done.clear()
        QTest.mouseClick(window.bar.clock, Qt.MouseButton.LeftButton)
        playing.wait(lambda: QApplication.activePopupWidget() is not None)
        QApplication.activePopupWidget().close()
        window.preferences_asked.emit()
        window.models_asked.emit()
        app.guide.open([playing.folder])
        playing.drop(playing.folder / "mine.wav")
        window.files.write_loop(playing.folder / "out.wav")
        window.saving.save(playing.folder / "a.json")
        playing.wait(lambda: done == slow.keys())
        QTest.qWait(50)
        for dialog in (app.dialogs.preferences, app.dialogs.browser, app.guide.dialog):
            dialog.reject()
        QTest.qWait(20)
    everything()  # once unwatched: modules are imported, pages made
    for _ in range(5):
        qapp.watch()
        everything()
        slept, where = qapp.longest()
        if slept < 0.016:
            break
    if slept >= 0.016 and os.getloadavg()[0] > (os.cpu_count() or 1):
        pytest.skip("the machine is too busy to tell a blocking call from a stolen processor")
    assert slept < 0.016, where


def test_export_into_a_missing_folder_is_a_message(playing: Bench) -> None:
    playing.wait(lambda: playing.window.panel.loop.loop is not None)
    playing.window.files.write_loop(playing.folder / "nowhere" / "a.wav")
    playing.wait(lambda: "a.wav" in playing.window.banner.message)
    assert not (playing.folder / "nowhere").exists()
