# SPDX-License-Identifier: GPL-3.0-or-later
"""Nine places to come back to."""

from collections.abc import Collection

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QGridLayout, QMenu, QSizePolicy, QWidget

from vaesynth.session import SLOTS

from .. import theme


class SnapshotKey(QWidget):
    """A key that recalls what it holds; Shift or an empty key stores, a right click offers both and more.

    With the focus Return does as a click does, and Delete empties it.
    """

    recalled = pyqtSignal(int)
    stored = pyqtSignal(int)
    cleared = pyqtSignal(int)

    def __init__(self, slot: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slot, self._filled, self._current, self._down = slot, False, False, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(self.tr("Snapshot {slot}").format(slot=slot))
        self._explain()

    def set_state(self, filled: bool, current: bool) -> None:
        """Show whether it holds a place, and whether the puck is there."""
        if (filled, current) != (self._filled, self._current):
            self._filled, self._current = filled, current
            self._explain()
            self.update()

    def fill_menu(self, menu: QMenu) -> None:
        """What a right click offers."""
        menu.addAction(self.tr("Store this place"), lambda: self.stored.emit(self._slot))
        empty = menu.addAction(self.tr("Empty"), lambda: self.cleared.emit(self._slot))
        if empty is not None:
            empty.setEnabled(self._filled)

    def sizeHint(self) -> QSize:
        return QSize(44, 36)

    def minimumSizeHint(self) -> QSize:
        return QSize(30, 20)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._down = True
            self._use(event.modifiers())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._down = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._use(event.modifiers())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.cleared.emit(self._slot)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        hovered = self.underMouse()
        if self._filled:
            tone = "pressed" if hovered or self._down else "raised"
            painter.setBrush(c["accent" if self._current else tone])
            painter.setPen(Qt.PenStyle.NoPen)
        else:
            painter.setBrush(c["raised"] if hovered else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(c["line"], 1.2))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(c["text" if self._current else "accent"], 1.5))
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        painter.setFont(theme.font(theme.BODY, 600 if self._filled else 500))
        painter.setPen(c["on_accent"] if self._filled and self._current
                       else c["text" if self._filled else "muted"])
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._slot))

    def _use(self, modifiers: Qt.KeyboardModifier) -> None:
        store = bool(modifiers & Qt.KeyboardModifier.ShiftModifier) or not self._filled
        (self.stored if store else self.recalled).emit(self._slot)

    def _explain(self) -> None:
        if self._filled:
            tip = self.tr("Go to snapshot {slot} ({slot}); Shift stores, right click for more")
        else:
            tip = self.tr("Store this place as snapshot {slot} (Shift+{slot})")
        self.setToolTip(tip.format(slot=self._slot))


class SnapshotBank(QWidget):
    """Nine keys, three by three."""

    recalled = pyqtSignal(int)
    stored = pyqtSignal(int)
    cleared = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self.keys: dict[int, SnapshotKey] = {}
        for slot in SLOTS:
            key = self.keys[slot] = SnapshotKey(slot)
            key.recalled.connect(self.recalled)
            key.stored.connect(self.stored)
            key.cleared.connect(self.cleared)
            grid.addWidget(key, (slot - 1) // 3, (slot - 1) % 3)

    def set_state(self, filled: Collection[int], current: int | None) -> None:
        """Show which keys hold a place, and at which of them the puck is."""
        for slot, key in self.keys.items():
            key.set_state(slot in filled, slot == current)
