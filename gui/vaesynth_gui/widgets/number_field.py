# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers to type, scroll, or drag up and down; the tempo is a large one."""

import re

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QValidator
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QDoubleSpinBox, QLineEdit, QWidget

from vaesynth.swing import MOST, STRAIGHT
from vaesynth.tempo import MAX_BPM, MIN_BPM

from .. import theme

PIXELS_PER_STEP = 3.0
_BY_MOUSE = Qt.FocusReason.MouseFocusReason, Qt.FocusReason.ActiveWindowFocusReason
"""A press that activates the window, too, brings the second one."""


class DecimalField(QDoubleSpinBox):
    """Takes comma and point as the decimal separator, whatever the language: no number here has thousands."""

    def validate(self, input: str | None, pos: int) -> tuple[QValidator.State, str, int]:
        return super().validate(self._as_written_here(input or ""), pos)

    def valueFromText(self, text: str | None) -> float:
        return super().valueFromText(self._as_written_here(text or ""))

    def _as_written_here(self, text: str) -> str:
        number = text.removesuffix(self.suffix())
        return re.sub("[.,]", self.locale().decimalPoint(), number) + text[len(number):]


class NumberField(DecimalField):
    """Asks for numbers by `asked`; `released` when a drag ends or a number has been entered.

    Args:
        low, high: the range.
        decimals: shown; a drag goes in whole numbers, with Shift in tenths.
        size, weight: of the type.
    """

    asked = pyqtSignal(float)
    released = pyqtSignal()

    def __init__(self, low: float, high: float, decimals: int, size: int, weight: int,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(low, high)
        self.setDecimals(decimals)
        self.setKeyboardTracking(False)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFont(theme.font(size, weight))
        self.setStyleSheet(f"font-size: {size}px; font-weight: {weight}; padding: 0 6px;")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._drag: tuple[QPointF, float] | None = None
        self._dragged = False
        self._fresh = False
        edit = self.lineEdit()
        assert edit is not None
        self._edit: QLineEdit = edit
        self._edit.installEventFilter(self)
        self._edit.setCursor(Qt.CursorShape.SizeVerCursor)
        self._shown = self.value()
        self.valueChanged.connect(self._on_value)
        self.editingFinished.connect(self._finish)

    def show_number(self, number: float) -> None:
        """Show a number without asking for it; one being typed is left alone."""
        if number != self._shown or (not self._edit.hasFocus() and number != self.value()):
            self._shown = number
            self.blockSignals(True)
            self.setValue(number)
            self.blockSignals(False)

    def event(self, event: QEvent | None) -> bool:
        # Letters and the space bar are no part of a number: they stay the window's shortcuts.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            text = event.text()
            if text and not (text.isdigit() or text in ".,") and event.key() not in (
                    Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
                event.ignore()
                return False
        return super().event(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if watched is self._edit and event is not None:
            if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
                text = event.text()
                if text.isalpha() or text == " ":
                    event.ignore()
                    return True
            if isinstance(event, QMouseEvent) and self._mouse(event):
                return True
        return super().eventFilter(watched, event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        # Before the press that brings it: only so is the first click told from one that places the cursor.
        self._fresh = event is not None and event.reason() in _BY_MOUSE
        super().focusInEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        # The rim is the field's, too; a spin box of its own would open a menu here that nothing else has.
        if event is not None:
            QApplication.sendEvent(self._edit, event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.key() == Qt.Key.Key_Escape:
                self.show_number(self._shown)
                self._edit.setText(self.textFromValue(self._shown))
            else:
                self.interpretText()
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def _mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._dragged = (event.globalPosition(), self.value()), False
            return self._fresh or not self._edit.hasFocus()
        if kind == QEvent.Type.MouseButtonDblClick and event.button() == Qt.MouseButton.LeftButton:
            self.selectAll()  # a line edit would take what is before or behind the point
            return True
        if kind == QEvent.Type.MouseMove and self._drag is not None:
            start, value = self._drag
            up = start.y() - event.globalPosition().y()
            if abs(up) > 3 or self._dragged:
                self._dragged = True
                fine = 0.1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
                wanted = value + fine * up / PIXELS_PER_STEP
                self.setValue(round(wanted) if fine == 1.0 else round(wanted, 1))
            return True
        if kind == QEvent.Type.MouseButtonRelease and self._drag is not None:
            self._drag = None
            if self._dragged:
                self.released.emit()
            elif self._fresh or not self._edit.hasFocus():
                self._fresh = False
                self.setFocus(Qt.FocusReason.MouseFocusReason)
                self.selectAll()
            return True
        return False

    def _on_value(self, value: float) -> None:
        self._shown = value
        self.asked.emit(value)

    def _finish(self) -> None:
        self.released.emit()


class TempoField(NumberField):
    """The tempo in BPM."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(MIN_BPM, MAX_BPM, 1, theme.DISPLAY, 600, parent)
        self.setFixedSize(88, 36)
        self.setToolTip(self.tr("Tempo in BPM: drag up and down, scroll, or click and type"))
        self.setAccessibleName(self.tr("Tempo"))


class SwingField(NumberField):
    """The swing in per cent; 50 is straight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(STRAIGHT, MOST, 0, theme.BODY, 600, parent)
        self.setSuffix(self.tr(" %"))
        self.setFixedSize(58, 36)
        self.setToolTip(self.tr("Swing: 50 % is straight, 67 % a triplet; drag up and down, scroll, or type"))
        self.setAccessibleName(self.tr("Swing"))
