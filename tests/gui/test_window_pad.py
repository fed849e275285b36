"""The hand on the pad, by mouse events."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from rig import Bench

from vaesynth_gui.widgets.pad.hand import FINE, KEY_ZOOM
from vaesynth_gui.widgets.pad.view import CLOSEST

PIXEL = 2 / 400
"""No pad in these tests is smaller than 400 pixels: what one pixel is worth at most."""


def test_first_click_plays_where_it_lands(playing: Bench) -> None:
    assert not playing.engine.playing
    playing.press(0.4, -0.6)
    assert playing.engine.playing
    assert playing.engine.position == pytest.approx((0.4, -0.6), abs=PIXEL)


def test_drag_moves_the_engine_all_the_way(playing: Bench) -> None:
    playing.press(-0.5, 0.0)
    before = len(playing.engine.calls)
    for i in range(1, 11):
        playing.drag_to(-0.5 + i / 10, 0.1)
    playing.release(0.5, 0.1)
    moves = [c for c in playing.engine.calls[before:] if c[0] == "move_to"]
    assert [m[1] for m in moves] == sorted(m[1] for m in moves)
    assert playing.engine.position == pytest.approx((0.5, 0.1), abs=PIXEL)


def test_drag_beyond_the_edge_stays_on_the_pad(playing: Bench) -> None:
    playing.press(0.9, 0.9)
    QTest.mouseMove(playing.pad, QPoint(playing.pad.width() + 300, -200))
    assert playing.engine.position == (1.0, 1.0)


def test_shift_drags_finely(playing: Bench) -> None:
    playing.instrument.move_to(0.0, 0.0)
    playing.press(0.5, 0.5, Qt.KeyboardModifier.ShiftModifier)
    assert playing.engine.position == (0.0, 0.0)
    place = playing.place(0.9, 0.5)
    QApplication.sendEvent(playing.pad, QMouseEvent(
        QEvent.Type.MouseMove, place, playing.pad.mapToGlobal(place), Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier))
    assert playing.engine.position == pytest.approx((0.4 * FINE, 0.0), abs=PIXEL)


def test_press_near_an_example_takes_it_exactly(playing: Bench) -> None:
    example = next(e for e in playing.instrument.metadata.values["examples"] if e["name"] == "Two step")
    place = playing.place(example["x"], example["y"]).toPoint() + QPoint(3, -2)
    QTest.mousePress(playing.pad, Qt.MouseButton.LeftButton, pos=place)
    assert playing.engine.position == (example["x"], example["y"])


def test_a_drag_is_one_step_for_undo(playing: Bench) -> None:
    playing.press(-0.5, -0.5)
    playing.drag_to(0.0, 0.0)
    playing.drag_to(0.5, 0.5)
    playing.release(0.5, 0.5)
    there = playing.engine.position
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.position == (0.0, 0.0)
    assert not playing.instrument.can_undo
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert playing.engine.position == there


def test_click_after_stop_moves_without_playing(playing: Bench) -> None:
    playing.press(0.1, 0.1)
    playing.release(0.1, 0.1)
    playing.key(Qt.Key.Key_Space)
    playing.press(0.7, 0.1)
    assert not playing.engine.playing


def test_face_follows_the_pad(playing: Bench) -> None:
    playing.wait(lambda: playing.window.panel.face.image is not None)

    def red() -> int:
        return playing.window.panel.face.image.pixelColor(32, 32).red()
    playing.press(-0.9, 0.0)
    playing.wait(lambda: red() < 90)
    playing.drag_to(0.9, 0.0)
    playing.wait(lambda: red() > 150)


def test_loop_view_follows_what_sounds(playing: Bench) -> None:
    playing.press(0.9, 0.9)
    playing.wait(lambda: playing.window.panel.loop.loop is playing.engine.sounding_loop()[1])


def wheel(bench: Bench, x: float, y: float, notches: int) -> None:
    place = bench.place(x, y)
    QApplication.sendEvent(bench.pad, QWheelEvent(
        place, bench.pad.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))


def test_wheel_zooms_in_where_the_pointer_is_and_back(playing: Bench) -> None:
    there = playing.place(0.5, -0.25)
    wheel(playing, 0.5, -0.25, 6)
    assert playing.pad.view.zoom > 2
    assert (playing.place(0.5, -0.25) - there).manhattanLength() < 1e-6
    playing.press(0.52, -0.24)
    assert playing.engine.position == pytest.approx((0.52, -0.24), abs=PIXEL / 2)
    wheel(playing, 0.5, -0.25, -9)
    assert playing.pad.view.whole


def test_a_pinch_zooms_where_the_fingers_are(playing: Bench) -> None:
    """As a touch pad tells it, half as near again; what turns instead of zooming is left to others."""
    there = playing.place(-0.3, 0.4)
    for kind in (Qt.NativeGestureType.ZoomNativeGesture, Qt.NativeGestureType.RotateNativeGesture):
        everywhere = there, there, playing.pad.mapToGlobal(there)
        QApplication.sendEvent(playing.pad, QNativeGestureEvent(
            kind, QPointingDevice.primaryPointingDevice(), 2, *everywhere, 0.5, QPointF()))
    assert playing.pad.view.zoom == pytest.approx(1.5)
    assert (playing.place(-0.3, 0.4) - there).manhattanLength() < 1e-6


def test_zoom_is_bounded_and_stays_on_the_plane(playing: Bench) -> None:
    for _ in range(40):
        wheel(playing, 0.99, 0.99, 2)
    view = playing.pad.view
    assert view.zoom == CLOSEST
    assert view.x + 1 / view.zoom <= 1 + 1e-9
    assert view.y + 1 / view.zoom <= 1 + 1e-9


def test_keys_zoom_at_the_puck_and_nudges_become_finer(playing: Bench) -> None:
    playing.instrument.move_to(0.4, 0.4)
    playing.key(Qt.Key.Key_Plus)
    zoom = playing.pad.view.zoom
    assert zoom == KEY_ZOOM
    playing.key(Qt.Key.Key_Right)
    assert playing.engine.position == pytest.approx((0.4 + 0.05 / zoom, 0.4))
    playing.key(Qt.Key.Key_0)
    assert playing.pad.view.whole


def test_view_follows_the_puck_and_the_middle_button_moves_it(playing: Bench) -> None:
    playing.key(Qt.Key.Key_Plus)
    playing.key(Qt.Key.Key_Plus)
    playing.instrument.move_to(0.9, -0.9)
    assert playing.pad.plate().contains(playing.place(0.9, -0.9))
    before = playing.pad.view
    middle = playing.pad.plate().center().toPoint()
    QTest.mousePress(playing.pad, Qt.MouseButton.MiddleButton, pos=middle)
    QTest.mouseMove(playing.pad, middle + QPoint(60, 0))
    QTest.mouseRelease(playing.pad, Qt.MouseButton.MiddleButton, pos=middle + QPoint(60, 0))
    assert playing.pad.view.x < before.x
    assert playing.engine.position == (0.9, -0.9)
