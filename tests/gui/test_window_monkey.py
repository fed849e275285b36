"""Two thousand random events: no exception, no stuck sound."""

import random

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QDrag
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from rig import Bench

from vaesynth_gui import files

KEYS = (*range(Qt.Key.Key_1, Qt.Key.Key_9 + 1), Qt.Key.Key_Space, Qt.Key.Key_T, Qt.Key.Key_R, Qt.Key.Key_M,
        Qt.Key.Key_P,
        Qt.Key.Key_S, Qt.Key.Key_F, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_C, Qt.Key.Key_Left, Qt.Key.Key_Up,
        Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_F1, Qt.Key.Key_Home)
MODIFIERS = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
             Qt.KeyboardModifier.ControlModifier)
WITH_CONTROL = (Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_C)
EVENTS = 2_000


class DroppedAtOnce(QDrag):
    """A drag waits for a real pointer to let go, and events sent by a program have none."""

    def exec(self, *_: object) -> Qt.DropAction:
        return Qt.DropAction.IgnoreAction


def test_random_events_do_no_harm(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "QDrag", DroppedAtOnce)
    rng = random.Random(5)
    window = playing.window
    for _ in range(EVENTS):
        widgets = [w for w in window.findChildren(QWidget)
                   if w.isVisible() and not isinstance(w, QMenu)]
        widget = rng.choice([*widgets, playing.pad, playing.pad, playing.pad])
        place = QPoint(rng.randrange(max(1, widget.width())), rng.randrange(max(1, widget.height())))
        modifier = rng.choice(MODIFIERS)
        action = rng.random()
        if action < 0.35:
            QTest.mousePress(widget, Qt.MouseButton.LeftButton, modifier, place)
        elif action < 0.55:
            QTest.mouseMove(widget, place)
        elif action < 0.7:
            QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, modifier, place)
        elif action < 0.75:
            QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, modifier, place)
        elif action < 0.78:
            window.resize(rng.randrange(1000, 1900), rng.randrange(620, 1100))
        else:
            key = Qt.Key(rng.choice(KEYS))
            if modifier != Qt.KeyboardModifier.ControlModifier or key in WITH_CONTROL:
                QTest.keyClick(QApplication.focusWidget() or window, key, modifier)
        QApplication.processEvents()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
    # Whatever happened: it still obeys.
    for widget in window.findChildren(QWidget):
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton)
    playing.app.bridge.set_frozen(False)
    playing.instrument.set_path_playing(False)
    playing.instrument.set_playing(True)
    playing.instrument.move_to(0.5, 0.5)
    playing.instrument.set_playing(False)
    assert playing.engine.position == (0.5, 0.5)
    assert not playing.engine.playing
