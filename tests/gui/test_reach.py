"""Every control can be found: by Tab, by its tool tip, and by the name that a screen reader says."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget
from rig import Bench
from scaled import pages_of

from vaesynth_gui.widgets.chain.strip import ChainStrip
from vaesynth_gui.widgets.face import FaceView
from vaesynth_gui.widgets.loop_view import LoopView
from vaesynth_gui.widgets.meter import LevelMeter
from vaesynth_gui.widgets.number_field import NumberField
from vaesynth_gui.widgets.pad.pad import XYPad
from vaesynth_gui.widgets.segmented import Segmented
from vaesynth_gui.widgets.slider import Slider
from vaesynth_gui.widgets.snapshots import SnapshotKey

HELD = (QAbstractButton, QComboBox, NumberField, Slider, Segmented, LoopView, ChainStrip, SnapshotKey)
"""What a hand sets or presses."""
SEEN = (FaceView, LevelMeter, XYPad)
"""What only tells, or says by itself what it is."""


def controls(window: QWidget, kinds: tuple[type, ...]) -> list[QWidget]:
    return [w for w in window.findChildren(QWidget)
            if isinstance(w, kinds) and w.isVisible() and w.isEnabled()]


def called(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.accessibleName()}"


@pytest.fixture
def filled(playing: Bench) -> Bench:
    """With something for every control to do."""
    instrument = playing.instrument
    for n, end in enumerate("ab"):
        instrument.move_to(n / 2, 0.0)
        instrument.store_end(end)
        instrument.store_snapshot(n + 1)
        playing.window.chaining.add()
    instrument.set_path(((0.0, -1.0, 0.0), (4.0, 1.0, 0.0)), 4.0)
    instrument.set_path_playing(False)
    instrument.undo()
    playing.wait(lambda: playing.window.panel.loop.loop is not None)
    return playing


def test_tab_goes_to_every_control_and_back_to_the_pad(filled: Bench) -> None:
    window = filled.window
    for page in pages_of(window.panel).values():
        window.panel.pages.show_widget(page)
        QTest.qWait(20)
        filled.pad.setFocus()
        reached: set[QWidget] = set()
        for _ in range(200):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
            at = QApplication.focusWidget()
            if at is filled.pad:
                break
            reached |= {at, at.parentWidget()} if isinstance(at, QLineEdit) else {at}
        assert QApplication.focusWidget() is filled.pad, "it comes round"
        left = [called(w) for w in controls(window, HELD) if w not in reached]
        assert not left


def test_every_control_says_what_it_is(filled: Bench) -> None:
    silent = []
    for page in pages_of(filled.window.panel).values():
        filled.window.panel.pages.show_widget(page)
        QTest.qWait(20)
        for widget in controls(filled.window, (*HELD, *SEEN)):
            if not widget.accessibleName():
                silent.append(f"{called(widget)} has no name")
            speaks_for_itself = isinstance(widget, SEEN) or widget is filled.window.panel.pages.tabs
            if not widget.toolTip() and not speaks_for_itself:
                silent.append(f"{called(widget)} has no tool tip")
    assert not silent
