"""Slices of the sounding loop: a click or Return mutes them, the pointer shows them."""

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from rig import Bench

from vaesynth.loop import Loop
from vaesynth_gui.loop_steps import Steps
from vaesynth_gui.widgets.loop_view import LoopView

LEFT = Qt.MouseButton.LeftButton


def clicks(places: list[float]) -> Loop:
    """A bar of clicks at these places, counted in sixteenths."""
    audio = np.zeros((24_000, 2), np.float32)
    for place in places:
        start = round(place * 1_500) % 24_000
        audio[start:start + 40] = np.linspace(0.8, 0, 40, dtype=np.float32)[:, None]
    return Loop(audio, 12_000, 4)


@pytest.fixture
def view(playing: Bench) -> LoopView:
    playing.wait(lambda: playing.window.panel.loop.loop is not None)
    return playing.window.panel.loop


def place(view: LoopView, sixteenth: float) -> QPoint:
    return QPoint(round(view.width() * sixteenth / 16), view.height() // 2)


def test_a_slice_begins_at_its_hit_and_not_on_the_line() -> None:
    steps = Steps(clicks([0, 1.3, 4, 7.7, 12]))
    assert steps.at(1.2 / 16) == 0, "the swung hit comes later than the line"
    assert steps.at(1.4 / 16) == 1
    assert steps.at(7.8 / 16) == 8
    (begin, end), = steps.spans(1)
    assert (16 * begin, 16 * end) == pytest.approx((1.3, 2.0), abs=0.05)


def test_a_slice_that_begins_before_the_bar_has_two_parts() -> None:
    steps = Steps(clicks([15.7, 4]))
    assert steps.at(15.8 / 16) == steps.at(0.2 / 16) == 0
    assert sum(b - a for a, b in steps.spans(0)) * 16 == pytest.approx(1.3, abs=0.05)
    assert sum(b - a for k in range(16) for a, b in steps.spans(k)) == pytest.approx(1.0)


def test_click_mutes_a_slice_and_a_second_one_lets_it_sound(playing: Bench, view: LoopView) -> None:
    QTest.mouseClick(view, LEFT, pos=place(view, 4.5))
    assert playing.engine.shaping.muted_steps == (4,)
    QTest.mouseClick(view, LEFT, pos=place(view, 10.5))
    assert playing.engine.shaping.muted_steps == (4, 10)
    QTest.mouseClick(view, LEFT, pos=place(view, 4.5))
    assert playing.engine.shaping.muted_steps == (10,)
    playing.pad.setFocus()
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.shaping.muted_steps == (4, 10)


def test_a_drag_mutes_nothing(playing: Bench, view: LoopView) -> None:
    asked = []
    view.drag_asked.disconnect()
    view.drag_asked.connect(lambda: asked.append(True))
    QTest.mousePress(view, LEFT, pos=place(view, 4.5))
    QTest.mouseMove(view, place(view, 9))
    playing.wait(lambda: bool(asked))
    QTest.mouseRelease(view, LEFT, pos=place(view, 9))
    assert playing.engine.shaping.muted_steps == ()


def test_keys_choose_and_mute_a_slice(playing: Bench, view: LoopView) -> None:
    view.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
    assert playing.engine.shaping.muted_steps == (2,)
    before = playing.engine.position
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert playing.engine.shaping.muted_steps == (1, 2)
    assert playing.engine.position == before, "the arrows are the view's while it has the focus"


def test_muted_slices_look_so(playing: Bench, view: LoopView) -> None:
    playing.wait(lambda: not view._redraw.isActive())
    before = view.grab().toImage()
    QTest.mouseClick(view, LEFT, pos=place(view, 4.5))
    QTest.mouseMove(playing.pad, QPoint(5, 5))
    playing.wait(lambda: view._chosen is None)
    after = view.grab().toImage()
    y = view.height() - 6
    inside, outside = place(view, 4.5).x(), place(view, 8.5).x()

    def changed(x: int) -> bool:
        return any(before.pixel(x + dx, y) != after.pixel(x + dx, y) for dx in range(-4, 5))
    assert changed(inside)
    assert not changed(outside)
