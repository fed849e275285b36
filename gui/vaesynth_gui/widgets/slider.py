# SPDX-License-Identifier: GPL-3.0-or-later
"""A slider for continuous values: click or drag anywhere, Shift for fine, double click for the default."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme
from ..state.pauses import PAUSE_MS

HANDLE = 7.0
FINE = 0.15


class Slider(QWidget):
    """Shows a value within a range and asks for others.

    Args:
        low, high, default: the range and where a double click goes; the filled part grows from `origin`.

    Signals:
        moved: asks for a value.
        released: the hand is off it, or has paused at the wheel or the keys.
    """

    moved = pyqtSignal(float)
    released = pyqtSignal()

    def __init__(self, low: float, high: float, default: float, *, origin: float | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high, self._default = low, max(high, low + 1e-9), default
        self._origin = low if origin is None else origin
        self._value = default
        self._last: QPointF | None = None
        self._hovered = False
        self._nudged = QTimer(self)
        self._nudged.setSingleShot(True)
        self._nudged.setInterval(PAUSE_MS)
        self._nudged.timeout.connect(self.released)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def value(self) -> float:
        """The value shown."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show a value, held within the range."""
        value = min(max(value, self._low), self._high)
        if value != self._value:
            self._value = value
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(56, 22)

    def place_of(self, value: float) -> QPointF:
        """Where a value lies in the widget."""
        share = (value - self._low) / (self._high - self._low)
        return QPointF(HANDLE + 1 + share * self._length(), self.height() / 2)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self._nudged.isActive():
            self._nudged.stop()
            self.released.emit()
        self._last = event.position()
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._ask(self._value_at(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._last is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            step = (event.position().x() - self._last.x()) / self._length() * (self._high - self._low)
            self._ask(self._value + FINE * step)
        else:
            self._ask(self._value_at(event.position()))
        self._last = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        if self._last is not None:
            self._last = None
            self.released.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self._ask(self._default)
        self.released.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None and (steps := event.angleDelta().y() / 120):
            self._nudge(self._value + steps * (self._high - self._low) / 50)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        fine = 0.2 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        step = fine * (self._high - self._low) / 50
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self._nudge(self._value - step)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self._nudge(self._value + step)
            case Qt.Key.Key_Home:
                self._nudge(self._low)
            case Qt.Key.Key_End:
                self._nudge(self._high)
            case _:
                event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c["pressed"])
        painter.drawRoundedRect(QRectF(1, middle - 2, self.width() - 2, 4), 2, 2)
        handle = self.place_of(self._value)
        origin = self.place_of(min(max(self._origin, self._low), self._high))
        enabled = self.isEnabled()
        left = 1.0 if self._origin <= self._low else min(handle.x(), origin.x())
        right = handle.x() if self._origin <= self._low else max(handle.x(), origin.x())
        painter.setBrush(c["accent" if enabled else "muted"])
        painter.drawRoundedRect(QRectF(left, middle - 2, max(right - left, 0), 4), 2, 2)
        painter.setBrush(c["text" if enabled else "muted"])
        painter.drawEllipse(handle, HANDLE, HANDLE)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(c["accent"], 1.5))
            painter.drawEllipse(handle, HANDLE + 2, HANDLE + 2)

    def _length(self) -> float:
        return max(self.width() - 2 * HANDLE - 2, 1.0)

    def _value_at(self, point: QPointF) -> float:
        return self._low + (point.x() - HANDLE - 1) / self._length() * (self._high - self._low)

    def _ask(self, value: float) -> None:
        self.moved.emit(min(max(value, self._low), self._high))

    def _nudge(self, value: float) -> None:
        """Ask for a value by the wheel or a key; while the mouse is down, its release is still to come."""
        self._ask(value)
        if self._last is None:
            self._nudged.start()
