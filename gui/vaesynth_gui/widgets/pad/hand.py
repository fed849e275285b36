# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hand does on the pad: drag, fine drag, snap to a point, nudge, zoom, move the view."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QLineF, QObject, QPointF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from ...state.pauses import PAUSE_MS
from .marks import Mark
from .view import WHOLE

if TYPE_CHECKING:
    from .pad import XYPad

SNAP = 10.0
"""Pixels within which a press takes hold of an example."""
FINE = 0.15
NUDGE, FINE_NUDGE = 0.05, 0.01
WHEEL_ZOOM, KEY_ZOOM = 1.18, 1.5
"""Factor of one notch of the wheel, and of one press of a key."""
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_ZOOMS = {Qt.Key.Key_Plus: KEY_ZOOM, Qt.Key.Key_Equal: KEY_ZOOM, Qt.Key.Key_Minus: 1 / KEY_ZOOM,
          Qt.Key.Key_0: 0.0}
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class PadHand(QObject):
    """Turns events of the pad into what they ask for; changes nothing by itself.

    Signals:
        pressed, released: the hand is on the puck, or off it or the arrow keys.
        moved: asks for a position (x, y) in [-1, 1].
        held_moved: asks for a position of the second puck.
        hovered: the `Mark` under the hand, or None.
        view_asked: another `View`.
        menu_asked: a right click: global position, and the `Mark` there or None.
    """

    pressed = pyqtSignal()
    moved = pyqtSignal(float, float)
    held_moved = pyqtSignal(float, float)
    released = pyqtSignal()
    hovered = pyqtSignal(object)
    view_asked = pyqtSignal(object)
    menu_asked = pyqtSignal(QPointF, object)

    def __init__(self, pad: "XYPad") -> None:
        super().__init__(pad)
        self._pad = pad
        self._held: QPointF | None = None
        self._fine_from: QPointF | None = None
        self._pan_from: QPointF | None = None
        self._on_held = False
        self._nudged = QTimer(self)
        self._nudged.setSingleShot(True)
        self._nudged.setInterval(PAUSE_MS)
        self._nudged.timeout.connect(self.released)

    def press(self, event: QMouseEvent) -> None:
        """A mouse button goes down."""
        mark = self._pad.mark_at(event.position())
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(event.globalPosition(), mark)
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = event.position()
        elif event.button() == Qt.MouseButton.LeftButton:
            if self._nudged.isActive():
                self._nudged.stop()
                self.released.emit()
            self._on_held = self._pad.held_puck_at(event.position())
            if not self._on_held:
                self._press_puck(event, mark)

    def move(self, event: QMouseEvent) -> None:
        """The mouse moves."""
        if self._pan_from is not None:
            step = (event.position() - self._pan_from) * 2 / self._pad.plate().width()
            self._pan_from = event.position()
            view = self._pad.view
            self.view_asked.emit(view.moved(-step.x() / view.zoom, step.y() / view.zoom))
        elif self._on_held:
            self.held_moved.emit(*self._place(event.position()))
        elif self._held is None:
            self.hovered.emit(self._pad.mark_at(event.position()))
        elif event.modifiers() & _SHIFT:
            if self._fine_from is not None:
                step = event.position() - self._fine_from
                scale = 2 * FINE / (self._pad.plate().width() * self._pad.view.zoom)
                self._ask(step.x() * scale, -step.y() * scale)
            self._fine_from = event.position()
        elif QLineF(self._held, event.position()).length() > 2 or self._fine_from is not None:
            # A trembling hand shall not push the puck off the example it has just taken.
            self._held, self._fine_from = QPointF(-99, -99), None
            self.moved.emit(*self._place(event.position()))

    def release(self, event: QMouseEvent) -> None:
        """A mouse button comes up."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = None
        elif event.button() == Qt.MouseButton.LeftButton and (self._on_held or self._held is not None):
            self._held, self._on_held = None, False
            self.released.emit()

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel turns, or two fingers slide: closer or farther, at the place of the pointer."""
        notches = event.angleDelta().y() / 120
        if notches:
            self._zoom(WHEEL_ZOOM ** notches, *self._place(event.position()))
        event.accept()

    def gesture(self, event: QNativeGestureEvent) -> bool:
        """Fingers on a touch pad: a pinch zooms; whether it was one."""
        if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
            return False
        self._zoom(1 + event.value(), *self._place(event.position()))
        return True

    def key(self, event: QKeyEvent) -> bool:
        """Take an arrow as a step of the puck (with Alt of the second one), +, − and 0 as a zoom.

        Returns:
            Whether it was one of them.
        """
        modifier = Qt.KeyboardModifier
        others = event.modifiers() & ~(modifier.ShiftModifier | modifier.KeypadModifier)
        alt = others == modifier.AltModifier
        if others != modifier.NoModifier and not alt:
            return False
        try:
            key = Qt.Key(event.key())
        except ValueError:
            return False
        if key in _ARROWS:
            dx, dy = _ARROWS[key]
            step = (FINE_NUDGE if event.modifiers() & _SHIFT else NUDGE) / self._pad.view.zoom
            self._ask(dx * step, dy * step, held=alt)
            self._nudged.start()
            return True
        if key in _ZOOMS and not alt:
            self._zoom(_ZOOMS[key], *self._pad.position)
            return True
        return False

    def _press_puck(self, event: QMouseEvent, mark: Mark | None) -> None:
        self._held = event.position()
        self._fine_from = None
        self.pressed.emit()
        if event.modifiers() & _SHIFT:
            self._fine_from = event.position()
        elif mark is not None:
            self.moved.emit(mark.x, mark.y)
        else:
            self.moved.emit(*self._place(event.position()))

    def _zoom(self, factor: float, x: float, y: float) -> None:
        self.view_asked.emit(self._pad.view.zoomed(factor, x, y) if factor else WHOLE)

    def _ask(self, dx: float, dy: float, held: bool = False) -> None:
        """Ask for a step from where the puck is, or the second one."""
        second = self._pad.motion.held
        if held and second is None:
            return
        x, y = (second.x, second.y) if held and second is not None else self._pad.position
        x, y = min(max(x + dx, -1.0), 1.0), min(max(y + dy, -1.0), 1.0)
        (self.held_moved if held else self.moved).emit(x, y)

    def _place(self, point: QPointF) -> tuple[float, float]:
        return self._pad.view.to_pad(self._pad.plate(), point)
