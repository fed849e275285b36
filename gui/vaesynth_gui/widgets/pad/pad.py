# SPDX-License-Identifier: GPL-3.0-or-later
"""The XY pad: the plane of loops, and the puck that plays it."""

from dataclasses import replace

from PyQt6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ... import theme
from . import overlay
from .backdrop import Contents, render
from .corners import Names
from .hand import SNAP, PadHand
from .held_puck import REACH, HeldPuck, area
from .marks import Mark
from .motion_layer import MotionLayer
from .names import Name, Snapshot, place_names
from .overlay import GUTTER
from .puck import RADIUS
from .view import View


class XYPad(QWidget):
    """Shows a position and asks for others; it changes nothing by itself but the part of the plane in sight.

    Signals:
        pressed: the hand is on the puck.
        moved: asks for a position (x, y) in [-1, 1]; `held_moved` for one of the second puck.
        released: the hand is off the puck, or off the arrow keys.
        resized: side of the plate in device pixels, for the picture.
        hovered: the `Mark` under the hand, or None.
        menu_asked: a right click: global position, and the `Mark` there or None.
    """

    pressed = pyqtSignal()
    moved = pyqtSignal(float, float)
    held_moved = pyqtSignal(float, float)
    hovered = pyqtSignal(object)
    released = pyqtSignal()
    resized = pyqtSignal(int)
    menu_asked = pyqtSignal(QPointF, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Pad"))
        self.setAccessibleDescription(self.tr("Drag or use the arrow keys to move between the loops."))
        self._contents = Contents()
        self._labels = ("", "")
        self._hint = self._near = ""
        self._hovered: Mark | None = None
        self._layer: QPixmap | None = None
        self._names: tuple[Name, ...] | None = None
        self._dirty = QRect()
        self.motion = MotionLayer(self)
        self.motion.changed.connect(self._repaint_motion)
        self.hand = PadHand(self)
        self.hand.pressed.connect(self.pressed)
        self.hand.moved.connect(self.moved)
        self.hand.held_moved.connect(self.held_moved)
        self.hand.released.connect(self.released)
        self.hand.hovered.connect(self._hover)
        self.hand.view_asked.connect(self.set_view)
        self.hand.menu_asked.connect(self.menu_asked)

    # What it shows.

    @property
    def position(self) -> tuple[float, float]:
        """The puck's place."""
        return self.motion.x, self.motion.y

    @property
    def view(self) -> View:
        """The part of the plane in sight."""
        return self._contents.view

    def set_position(self, x: float, y: float) -> None:
        """Show the puck at (x, y)."""
        if (x, y) != self.position:
            if not self.view.whole:
                self.set_view(self.view.holding(x, y))
            self.motion.move_to(x, y)

    def set_view(self, view: View) -> None:
        """Show another part of the plane."""
        self._change(replace(self._contents, view=view))

    def set_picture(self, picture: QImage | None) -> None:
        """Show another picture of the plane."""
        self._change(replace(self._contents, picture=picture))

    def set_examples(self, examples: tuple[Mark, ...]) -> None:
        """Show these examples."""
        self._hovered = None
        self._change(replace(self._contents, examples=examples))

    def set_snapshots(self, snapshots: tuple[Snapshot, ...]) -> None:
        """Show snapshots as (slot, x, y)."""
        self._change(replace(self._contents, snapshots=snapshots))

    def set_path(self, path: tuple[tuple[float, float, float], ...]) -> None:
        """Show a recorded path of (beat, x, y)."""
        self._change(replace(self._contents, path=path))

    def set_corners(self, names: Names) -> None:
        """Show the names of loops pinned to the corners."""
        self._change(replace(self._contents, corners=names))

    def set_held(self, held: HeldPuck | None) -> None:
        """Show the second puck, or none."""
        for puck in (self.motion.held, held):
            if puck is not None:
                self.update(area(self.place_of(puck.x, puck.y)).toAlignedRect())
        self.motion.held = held

    def set_near(self, text: str) -> None:
        """Say which loop is near, below the plate."""
        if text != self._near:
            self._near = text
            plate = self.plate()
            self.update(QRectF(plate.left(), plate.bottom(), plate.width() / 2, GUTTER).toAlignedRect())

    def set_labels(self, x: str, y: str) -> None:
        """Say in words what changes along the axes."""
        self._labels = (x, y)
        self.update()

    def set_hint(self, hint: str) -> None:
        """Say something in the middle of the pad until it is played; empty for nothing."""
        if hint != self._hint:
            self._hint = hint
            self.update()

    # Geometry.

    def plate(self) -> QRectF:
        """The square that is played."""
        side = max(1, min(self.width() - GUTTER, self.height() - GUTTER))
        return QRectF(GUTTER, 0, side, side)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a position lies in the widget."""
        return self.view.to_plate(self.plate(), x, y)

    @property
    def names(self) -> tuple[Name, ...]:
        """The names of examples that are shown, with their places on the plate."""
        if self._names is None:
            side, c = self.plate().width(), self._contents
            self._names = place_names(QRectF(0, 0, side, side), c.view, c.examples, c.snapshots)
        return self._names

    def mark_at(self, point: QPointF) -> Mark | None:
        """The point of the plane near a place in the widget, or whose name is there; the puck hides names."""
        near = [(QLineF(self.place_of(e.x, e.y), point).length(), i)
                for i, e in enumerate(self._contents.examples)]
        distance, index = min(near, default=(SNAP + 1, 0))
        if distance <= SNAP:
            return self._contents.examples[index]
        if QLineF(self.place_of(*self.position), point).length() <= RADIUS:
            return None
        place = point - self.plate().topLeft()
        return next((name.mark for name in self.names if name.pill.contains(place)), None)

    def held_puck_at(self, point: QPointF) -> bool:
        """Whether a press there takes the second puck: it is in reach, and nearer than the first."""
        held = self.motion.held
        if held is None:
            return False
        away = QLineF(self.place_of(held.x, held.y), point).length()
        return away <= REACH and away < QLineF(self.place_of(*self.position), point).length()

    def sizeHint(self) -> QSize:
        return QSize(640 + GUTTER, 640 + GUTTER)

    def minimumSizeHint(self) -> QSize:
        return QSize(320 + GUTTER, 320 + GUTTER)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._layer = self._names = None
        self.resized.emit(round(self.plate().width() * self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent | None) -> None:
        if event is not None and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._layer = None
            self.motion.forget_colours()
            self.update()
        super().changeEvent(event)

    # The hand.

    def event(self, event: QEvent | None) -> bool:
        if isinstance(event, QNativeGestureEvent) and self.hand.gesture(event):
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.press(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if event is not None:
            self.hand.release(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            self.hand.wheel(event)

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self._hover(None)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and not self.hand.key(event):
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is not None and event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.mapToGlobal(self.place_of(*self.position))
            self.menu_asked.emit(place, self.mark_at(self.place_of(*self.position)))

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._repaint_motion()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._repaint_motion()

    # Painting: the still layer comes from a pixmap, and only what the puck has touched is painted again.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        assert event is not None
        c = theme.colours()
        plate = self.plate()
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            self._layer = render(self._contents, self.names, plate.width(), ratio, c)
        painter = QPainter(self)
        rect = event.rect()
        if not plate.contains(QRectF(rect)):
            painter.fillRect(rect, c["background"])
            place = "{:+.2f}  {:+.2f}".format(*self.position).replace("-", "−")
            overlay.paint_labels(painter, plate, *self._labels, self._near, place, c)
        part = QRectF(rect).intersected(plate)
        source = part.translated(-plate.topLeft())
        painter.drawPixmap(part, self._layer, QRectF(source.x() * ratio, source.y() * ratio,
                                                     source.width() * ratio, source.height() * ratio))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.motion.paint(painter, plate, self.place_of, ratio, self.hasFocus(), c)
        if self._hovered is not None:
            place_of = self.place_of(self._hovered.x, self._hovered.y)
            overlay.paint_hovered(painter, plate, place_of, self._hovered.name, c)
        if self._hint:
            overlay.paint_hint(painter, plate, self._hint, c)

    def _change(self, contents: Contents) -> None:
        if contents != self._contents:
            self._contents = contents
            self._layer = self._names = None
            self.update()

    def _hover(self, mark: Mark | None) -> None:
        if mark != self._hovered:
            self._hovered = mark
            self.hovered.emit(mark)
            self.setCursor(Qt.CursorShape.PointingHandCursor if mark else Qt.CursorShape.CrossCursor)
            self.update()

    def _repaint_motion(self) -> None:
        """Paint again where puck and trail are, and where they were."""
        now = self.motion.touched(self.place_of)
        plate = self.plate()
        self.update(now)
        self.update(self._dirty)
        self.update(QRect(round(plate.right()) - 110, round(plate.bottom()) + 2, 112, GUTTER))
        self._dirty = now
