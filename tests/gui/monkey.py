"""A monkey that plays the window: presses, drags, wheels, keys and menus at random, the same each time."""

import random

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QDrag, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from rig import Bench

KEYS = (*range(Qt.Key.Key_1, Qt.Key.Key_9 + 1), *map(Qt.Key, b"ABCFKMPRSTYZ"), Qt.Key.Key_Space,
        Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_Comma, Qt.Key.Key_Period, Qt.Key.Key_Plus,
        Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Escape,
        Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_F1, Qt.Key.Key_Home, Qt.Key.Key_End)
MODIFIERS = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier,
             Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier)
WITH_CONTROL = (Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_C)
LEFT = Qt.MouseButton.LeftButton


class DroppedAtOnce(QDrag):
    """A drag waits for a real pointer to let go, and events sent by a program have none."""

    def exec(self, *_: object) -> Qt.DropAction:
        return Qt.DropAction.IgnoreAction


def play(bench: Bench, events: int) -> None:
    """Play with the window; menus are opened and closed."""
    rng, window = random.Random(5), bench.window
    for _ in range(events):
        widgets = [w for w in window.findChildren(QWidget)
                   if w.isVisible() and not isinstance(w, QMenu)]
        widget = rng.choice([*widgets, bench.pad, bench.pad, bench.pad])
        place = QPoint(rng.randrange(max(1, widget.width())), rng.randrange(max(1, widget.height())))
        _one(rng, window, widget, place, rng.choice(MODIFIERS))
        QApplication.processEvents()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()


def let_go(bench: Bench) -> None:
    """Take the hands off: nothing is held down or moves by itself any more."""
    for widget in bench.window.findChildren(QWidget):
        QTest.mouseRelease(widget, LEFT)
    bench.app.bridge.set_frozen(False)
    bench.instrument.set_path_playing(False)


def _one(rng: random.Random, window: QWidget, widget: QWidget, place: QPoint,
         modifier: Qt.KeyboardModifier) -> None:
    action = rng.random()
    if action < 0.33:
        QTest.mousePress(widget, LEFT, modifier, place)
    elif action < 0.50:
        QTest.mouseMove(widget, place)
    elif action < 0.64:
        QTest.mouseRelease(widget, LEFT, modifier, place)
    elif action < 0.68:
        QTest.mouseDClick(widget, LEFT, modifier, place)
    elif action < 0.70:
        window.resize(rng.randrange(1024, 1900), rng.randrange(640, 1100))
    elif action < 0.74:
        at = widget.mapToGlobal(place)
        QApplication.sendEvent(widget, QWheelEvent(
            QPointF(place), QPointF(at), QPoint(), QPoint(0, rng.choice((-240, -120, 120, 240))),
            Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False))
    elif action < 0.77:
        QTest.mousePress(widget, Qt.MouseButton.RightButton, modifier, place)
        QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place,
                                                         widget.mapToGlobal(place)))
    else:
        key = Qt.Key(rng.choice(KEYS))
        if modifier != Qt.KeyboardModifier.ControlModifier or key in WITH_CONTROL:
            QTest.keyClick(QApplication.focusWidget() or window, key, modifier)
