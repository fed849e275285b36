# SPDX-License-Identifier: GPL-3.0-or-later
"""The XY pad: the plane of loops, and the puck that plays it."""

import math
import time
from dataclasses import replace

from PyQt6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme
from ..state.trail import Trail
from . import puck
from .pad_backdrop import Contents, Mark, ink, label, paper, render, to_pad, to_plate

GUTTER = 24
SNAP = 10.0
"""Pixels within which a press takes hold of an example."""
FINE = 0.15
NUDGE, FINE_NUDGE = 0.05, 0.01
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class XYPad(QWidget):
    """Shows a position and asks for others; it changes nothing by itself.

    Signals:
        pressed: the hand is on the puck.
        moved: asks for a position (x, y) in [-1, 1].
        released: the hand is off the puck, or off the arrow keys.
        resized: side of the plate in device pixels, for the picture.
        menu_asked: a right click, global position.
    """

    pressed = pyqtSignal()
    moved = pyqtSignal(float, float)
    released = pyqtSignal()
    resized = pyqtSignal(int)
    menu_asked = pyqtSignal(QPointF)

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
        self._x = self._y = 0.0
        self._labels = ("", "")
        self._trail = Trail()
        self._pulse = 0.0
        self._playing = False
        self._still = False
        self._hint = ""
        self._hovered: Mark | None = None
        self._held: QPointF | None = None
        self._fine_from: QPointF | None = None
        self._layer: QPixmap | None = None
        self._glow: QPixmap | None = None
        self._dirty = QRect()
        self._fading = QTimer(self)
        self._fading.setInterval(16)
        self._fading.timeout.connect(self._fade)
        self._nudged = QTimer(self)
        self._nudged.setSingleShot(True)
        self._nudged.setInterval(600)
        self._nudged.timeout.connect(self.released)

    # What it shows.

    @property
    def position(self) -> tuple[float, float]:
        """The puck's place."""
        return self._x, self._y

    def set_position(self, x: float, y: float) -> None:
        """Show the puck at (x, y)."""
        if (x, y) == (self._x, self._y):
            return
        if not self._still:
            now = time.monotonic()
            if not len(self._trail):
                self._trail.add(self._x, self._y, now)
            self._trail.add(x, y, now)
            self._fading.start()
        self._x, self._y = x, y
        self._repaint_puck()

    def set_picture(self, picture: QImage | None) -> None:
        """Show another picture of the plane."""
        self._change(replace(self._contents, picture=picture))

    def set_examples(self, examples: tuple[Mark, ...]) -> None:
        """Show these examples."""
        self._hovered = None
        self._change(replace(self._contents, examples=examples))

    def set_snapshots(self, snapshots: tuple[tuple[int, float, float], ...]) -> None:
        """Show snapshots as (slot, x, y)."""
        self._change(replace(self._contents, snapshots=snapshots))

    def set_path(self, path: tuple[tuple[float, float, float], ...]) -> None:
        """Show a recorded path of (beat, x, y)."""
        self._change(replace(self._contents, path=path))

    def set_labels(self, x: str, y: str) -> None:
        """Say in words what changes along the axes."""
        self._labels = (x, y)
        self.update()

    def set_hint(self, hint: str) -> None:
        """Say something in the middle of the pad until it is played; empty for nothing."""
        if hint != self._hint:
            self._hint = hint
            self.update()

    def set_beat(self, beat: float, playing: bool) -> None:
        """Let the puck glow with the beat."""
        pulse = 0.0 if self._still or not playing else math.exp(-4 * (beat % 1.0))
        if playing != self._playing or abs(pulse - self._pulse) > 0.01:
            self._pulse, self._playing = pulse, playing
            self._repaint_puck()

    def set_reduced_motion(self, still: bool) -> None:
        """Leave out trail and pulse."""
        self._still = still
        self._trail.clear()
        self.update()

    # Geometry.

    def plate(self) -> QRectF:
        """The square that is played."""
        side = max(1, min(self.width() - GUTTER, self.height() - GUTTER))
        return QRectF(GUTTER, 0, side, side)

    def place_of(self, x: float, y: float) -> QPointF:
        """Where a position lies in the widget."""
        return to_plate(self.plate(), x, y)

    def sizeHint(self) -> QSize:
        return QSize(640 + GUTTER, 640 + GUTTER)

    def minimumSizeHint(self) -> QSize:
        return QSize(320 + GUTTER, 320 + GUTTER)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._layer = None
        self.resized.emit(round(self.plate().width() * self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent | None) -> None:
        if event is not None and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._layer = self._glow = None
            self.update()
        super().changeEvent(event)

    # The hand.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(event.globalPosition())
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = event.position()
        self._fine_from = None
        self.pressed.emit()
        mark = self._mark_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._fine_from = event.position()
        elif mark is not None:
            self.moved.emit(mark.x, mark.y)
        else:
            self.moved.emit(*to_pad(self.plate(), event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if self._held is None:
            self._hover(self._mark_at(event.position()))
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self._fine_from is not None:
                step = event.position() - self._fine_from
                scale = 2 * FINE / self.plate().width()
                self.moved.emit(min(max(self._x + step.x() * scale, -1.0), 1.0),
                                min(max(self._y - step.y() * scale, -1.0), 1.0))
            self._fine_from = event.position()
        elif QLineF(self._held, event.position()).length() > 2 or self._fine_from is not None:
            # A trembling hand shall not push the puck off the example it has just taken.
            self._held, self._fine_from = QPointF(-99, -99), None
            self.moved.emit(*to_pad(self.plate(), event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        assert event is not None
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self.released.emit()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        self._hover(None)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hover(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        if not self.nudge(event):
            event.ignore()

    def nudge(self, event: QKeyEvent) -> bool:
        """Take an arrow key as a step of the puck; whether it was one."""
        direction = _ARROWS.get(Qt.Key(event.key()))
        modifier = Qt.KeyboardModifier
        others = event.modifiers() & ~(modifier.ShiftModifier | modifier.KeypadModifier)
        if direction is None or others != modifier.NoModifier:
            return False
        step = FINE_NUDGE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else NUDGE
        self.moved.emit(min(max(self._x + direction[0] * step, -1.0), 1.0),
                        min(max(self._y + direction[1] * step, -1.0), 1.0))
        self._nudged.start()
        return True

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._repaint_puck()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._repaint_puck()

    # Painting: the still layer comes from a pixmap, and only what the puck has touched is painted again.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        assert event is not None
        c = theme.colours()
        plate = self.plate()
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            self._layer = render(self._contents, plate.width(), ratio, c)
        if self._glow is None or self._glow.devicePixelRatio() != ratio:
            self._glow = puck.glow_pixmap(c["accent"], ratio)
        painter = QPainter(self)
        rect = event.rect()
        if not plate.contains(QRectF(rect)):
            painter.fillRect(rect, c["background"])
            self._paint_labels(painter, plate)
        part = QRectF(rect).intersected(plate)
        source = part.translated(-plate.topLeft())
        painter.drawPixmap(part, self._layer, QRectF(source.x() * ratio, source.y() * ratio,
                                                     source.width() * ratio, source.height() * ratio))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(plate.adjusted(1, 1, -1, -1))
        if len(self._trail) > 1:
            now = time.monotonic()
            puck.paint_trail(painter, [(to_plate(plate, x, y), f) for x, y, f in self._trail.points(now)], c)
        light = (0.55 + 0.45 * self._pulse) if self._playing else 0.35
        painter.setClipRect(plate.adjusted(-puck.RADIUS, -puck.RADIUS, puck.RADIUS, puck.RADIUS))
        puck.paint_puck(painter, to_plate(plate, self._x, self._y), self._glow, light, c, self.hasFocus())
        if self._hovered is not None:
            self._paint_hovered(painter, plate, self._hovered)
        if self._hint:
            self._paint_hint(painter, plate)

    def _paint_labels(self, painter: QPainter, plate: QRectF) -> None:
        c = theme.colours()
        painter.setPen(c["muted"])
        painter.setFont(theme.font(theme.CAPTION, 500))
        along = QRectF(plate.left(), plate.bottom() + 4, plate.width(), GUTTER - 6)
        if self._labels[0]:
            painter.drawText(along, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop,
                             f"{self._labels[0]}  →")
        painter.drawText(along, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                         f"{self._x:+.2f}  {self._y:+.2f}".replace("-", "−"))
        if self._labels[1]:
            painter.save()
            painter.translate(0, plate.bottom())
            painter.rotate(-90)
            painter.drawText(QRectF(0, 0, plate.height(), GUTTER - 6),
                             Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter,
                             f"{self._labels[1]}  →")
            painter.restore()

    def _paint_hovered(self, painter: QPainter, plate: QRectF, mark: Mark) -> None:
        c = theme.colours()
        place = to_plate(plate, mark.x, mark.y)
        painter.setPen(ink(c, 0.95))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(place, 7, 7)
        font = theme.font(theme.CAPTION, 600)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(mark.name)
        box = QRectF(place.x() - width / 2, place.y() - 14 - metrics.height(), width, metrics.height())
        box.moveLeft(min(max(box.left(), plate.left() + 8), plate.right() - 8 - width))
        if box.top() < plate.top() + 4:
            box.moveTop(place.y() + 14)
        label(painter, box, mark.name, c)

    def _paint_hint(self, painter: QPainter, plate: QRectF) -> None:
        c = theme.colours()
        font = theme.font(theme.TITLE, 600)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(self._hint)
        centre = QPointF(plate.center().x(), plate.top() + plate.height() * 0.32)
        box = QRectF(centre.x() - width / 2 - 20, centre.y() - 20, width + 40, 40)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paper(c, 0.72))
        painter.drawRoundedRect(box, 20, 20)
        painter.setPen(ink(c, 1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._hint)

    def _change(self, contents: Contents) -> None:
        if contents != self._contents:
            self._contents = contents
            self._layer = None
            self.update()

    def _hover(self, mark: Mark | None) -> None:
        if mark != self._hovered:
            self._hovered = mark
            self.setCursor(Qt.CursorShape.PointingHandCursor if mark else Qt.CursorShape.CrossCursor)
            self.update()

    def _mark_at(self, point: QPointF) -> Mark | None:
        plate = self.plate()
        near = [(QLineF(to_plate(plate, e.x, e.y), point).length(), i) for i,
                e in enumerate(self._contents.examples)]
        distance, index = min(near, default=(SNAP + 1, 0))
        return self._contents.examples[index] if distance <= SNAP else None

    def _fade(self) -> None:
        self._trail.fade(time.monotonic())
        if not len(self._trail):
            self._fading.stop()
        self._repaint_puck()

    def _repaint_puck(self) -> None:
        """Paint again where puck and trail are, and where they were."""
        plate = self.plate()
        centre = to_plate(plate, self._x, self._y)
        touched = QRectF(centre.x() - puck.GLOW, centre.y() - puck.GLOW, 2 * puck.GLOW, 2 * puck.GLOW)
        if (bounds := self._trail.bounds()) is not None:
            left, right, low, high = bounds
            trail = QRectF(to_plate(plate, left, high), to_plate(plate, right, low))
            touched = touched.united(trail.adjusted(-6, -6, 6, 6))
        now = touched.toAlignedRect().adjusted(-1, -1, 1, 1)
        self.update(now)
        self.update(self._dirty)
        self.update(QRect(round(plate.right()) - 110, round(plate.bottom()) + 2, 112, GUTTER))
        self._dirty = now
