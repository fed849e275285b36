"""What is painted: the trail, words on and beside the pad, the status line; and what rests on request."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from rig import Bench
from shown_texts import painted_texts

from vaesynth_gui import dialogs
from vaesynth_gui.widgets.pad import motion_layer
from vaesynth_gui.widgets.preferences.look_page import LookPage

CONTROL = Qt.KeyboardModifier.ControlModifier


def pixels(image: QImage) -> np.ndarray:
    """RGB, int `(height, width, 3)`."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    memory = image.constBits()
    assert memory is not None
    flat = np.frombuffer(memory.asarray(image.sizeInBytes()), np.uint8)
    return flat.reshape(image.height(), image.bytesPerLine() // 4, 4)[..., 2::-1].astype(int)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The trail's time, which goes only by hand."""
    now = [50.0]
    monkeypatch.setattr(motion_layer.time, "monotonic", lambda: now[0])
    return now


def way(bench: Bench, clock: list[float]) -> np.ndarray:
    """The pad, along the line that the puck has just gone from left to right."""
    bench.pad.set_examples(())
    bench.instrument.move_to(-0.6, 0.5)
    bench.pad.motion._trail.clear()
    bench.press(-0.6, 0.5)
    for i in range(1, 7):
        clock[0] += 0.03
        bench.drag_to(-0.6 + i / 5, 0.5)
    seen = pixels(bench.pad.grab().toImage())
    bench.release(0.6, 0.5)
    y = round(bench.place(0, 0.5).y())
    left, right = (round(bench.place(x, 0.5).x()) for x in (-0.4, 0.3))
    return seen[y - 3:y + 4, left:right].max(axis=(0, 2))


def test_the_puck_leaves_a_trail_that_fades(playing: Bench, clock: list[float]) -> None:
    fresh = way(playing, clock)
    assert fresh.min() > 60
    assert fresh[-20:].mean() > fresh[:20].mean() + 20, "bright where the puck has just been"
    clock[0] += 2
    playing.wait(lambda: not playing.pad.motion._fading.isActive())
    y, x = round(playing.place(0, 0.5).y()), round(playing.place(0.1, 0.5).x())
    assert pixels(playing.pad.grab().toImage())[y, x].max() < 60


def test_reduced_motion_leaves_trail_and_pulse_out(playing: Bench, clock: list[float], monkeypatch) -> None:
    monkeypatch.setattr(dialogs, "list_outputs", lambda: ([], []))
    playing.key(Qt.Key.Key_Comma, CONTROL)
    dialog = playing.app.dialogs.preferences
    dialog.list.setCurrentRow(2)
    look = dialog.findChild(LookPage)
    QTest.mouseClick(look.still, Qt.MouseButton.LeftButton, pos=QPoint(8, look.still.height() // 2))
    dialog.reject()
    assert way(playing, clock).max() < 60
    playing.pad.motion.set_beat(0.0, True)
    on_beat = playing.pad.grab().toImage()
    playing.pad.motion.set_beat(0.5, True)
    assert playing.pad.grab().toImage() == on_beat


def test_the_pad_says_in_words_what_lies_where(playing: Bench) -> None:
    playing.instrument.store_snapshot(7)
    words = painted_texts(playing.pad)
    names = {example["name"] for example in playing.instrument.metadata.values["examples"]}
    assert names <= words
    assert {"7", "busier  →", "brighter  →", "+0.00  +0.00"} <= words
    playing.instrument.pin(3, "Two step", (1.0, 0.0, 0.0, 0.0))
    playing.instrument.set_lock("kit")
    words = painted_texts(playing.pad)
    assert {"Two step", "kit"} <= words
    assert "busier  →" not in words, "between pinned corners the axes mean something else"


def test_the_line_tells_device_latency_misses_and_provider(playing: Bench) -> None:
    status = playing.engine.status()
    playing.window.line.set_status(replace(status, deadline_misses=3, xruns=1, provider="cuda"))
    words = painted_texts(playing.window.line)
    assert words >= {"system  ·  12 kHz  ·  256  ·  10.7 ms", "1 dropout", "3 late", "decode 12 ms", "CUDA"}


def test_the_clip_light_is_put_out_by_a_click_or_escape(playing: Bench, monkeypatch) -> None:
    real, level = playing.engine.status, playing.window.bar.level
    for clips, put_out in enumerate((lambda: QTest.mouseClick(level, Qt.MouseButton.LeftButton),
                                     lambda: playing.key(Qt.Key.Key_Escape)), 1):
        monkeypatch.setattr(playing.engine, "status", lambda clips=clips: replace(real(), clipped=clips))
        playing.wait(lambda: level.clip_light)
        put_out()
        assert not level.clip_light
