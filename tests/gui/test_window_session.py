"""The session is kept at every moment, and reopened."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rig import Bench

from vaesynth import session as sessions

CHILD = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from fakes import FakeEngine, FakeFace
from vaesynth_gui.app import Application
from vaesynth_gui.opening import AudioSettings
from vaesynth_gui.settings import Settings
folder = Path(sys.argv[1])
app = QApplication([])
instrument = Application(Settings.in_file(folder / "settings.ini"), folder / "session.json", folder / "cache",
                         AudioSettings(), lambda model, audio: FakeEngine(model), FakeFace)
instrument.plane.show_model = lambda model, plane=None: None
instrument.show(folder / "drums.onnx")
def play():
    state = instrument.instrument
    state.set_playing(True)
    state.set_tempo(97.5)
    state.set_macro("Room", 0.75)
    state.move_to(0.5, 0.25)
    state.set_lock("kit")
    state.move_to(-0.25, 0.625)
    state.store_snapshot(7)
    state.move_to(0.125, -0.5)
instrument.bridge.opened.connect(lambda path: QTimer.singleShot(0, play))
app.exec()
"""


def test_killed_window_reopens_where_it_was(qapp, tmp_path: Path) -> None:
    (tmp_path / "drums.onnx").write_bytes(b"model")
    file = tmp_path / "session.json"
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path), str(Path(__file__).parent)])
    try:
        deadline = time.monotonic() + 30
        while not (file.is_file() and json.loads(file.read_text())["y"] == -0.5):
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    bench = Bench(tmp_path)
    bench.app.show()
    bench.wait(lambda: bench.app.bridge.running)
    engine = bench.engine
    assert engine.position == (0.125, -0.5)
    assert (engine.bpm, engine.playing) == (97.5, True)
    assert ("set_macro", "Room", 0.75) in engine.calls
    assert ("set_lock", "kit", (0.5, 0.25)) in engine.calls
    assert bench.instrument.session.snapshots[7].y == 0.625
    bench.app.close()


def test_closed_window_reopens_silent(playing: Bench) -> None:
    playing.press(0.5, -0.25)
    there = playing.engine.position
    playing.window.close()
    assert playing.engine.closed
    playing.start()
    playing.app.show()
    playing.wait(lambda: playing.app.bridge.running)
    assert playing.engine.position == there
    assert not playing.engine.playing


def test_damaged_session_is_set_aside_and_told(bench: Bench) -> None:
    bench.app.close()
    (bench.folder / "session.json").write_text('{"version": 1, "x": 7}')
    bench.start()
    bench.app.show(bench.model)
    assert "x is 7" in bench.window.banner.message
    assert (bench.folder / "session.json.broken").is_file()
    assert bench.instrument.session.x == 0


def test_model_that_is_gone_is_told(bench: Bench) -> None:
    bench.app.close()
    left = sessions.Session(model=str(bench.folder / "gone.onnx"), x=0.5)
    sessions.write(bench.folder / "session.json", left)
    bench.start()
    bench.app.show()
    assert "gone.onnx" in bench.window.banner.message
