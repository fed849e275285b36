"""The sounding loop dragged by a real pointer into a second process."""

import shutil
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest
import soundfile
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from rig import Bench

pytestmark = pytest.mark.skipif(not shutil.which("xdotool") or not shutil.which("Xvfb"),
                                reason="needs Xvfb and xdotool")


def test_the_loop_arrives_bar_exact_in_another_program(playing: Bench, tmp_path: Path, monkeypatch) -> None:
    if QGuiApplication.platformName() != "xcb":
        pytest.skip("needs an X server")
    monkeypatch.setattr(platformdirs, "user_data_dir", lambda *_, **__: str(tmp_path / "data"))
    answer = tmp_path / "answer"
    program = [sys.executable, str(Path(__file__).parent / "drop_target.py"), str(answer)]
    target = subprocess.Popen(program)
    try:
        playing.window.move(0, 0)
        playing.wait(lambda: (tmp_path / "answer.ready").exists())
        view = playing.window.panel.loop
        playing.wait(lambda: view.loop is not None)
        QTest.qWait(300)
        start = view.mapToGlobal(view.rect().center())
        moves = [f"mousemove {start.x()} {start.y()}", "mousedown 1"]
        for i in range(1, 13):
            x, y = start.x() + (1550 - start.x()) * i // 12, start.y() + (450 - start.y()) * i // 12
            moves += [f"mousemove {x} {y}", "sleep 0.08"]
        command = ["xdotool", *" ".join([*moves, "mouseup 1"]).split()]
        hand = subprocess.Popen(command)
        playing.wait(lambda: answer.exists() and bool(answer.read_text()) and hand.poll() is not None)
        file = Path(answer.read_text())
        audio, rate = soundfile.read(file, always_2d=True)
        assert (len(audio), rate) == (view.loop.frames, view.loop.sample_rate)
        assert "120bpm" in file.name
    finally:
        target.kill()
        target.wait()
