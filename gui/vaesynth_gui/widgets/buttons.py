# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons with an icon, and the card that groups controls."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .. import icons

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class Button(QPushButton):
    """A push button that takes the keyboard's focus by Tab only, so that a click leaves it on the pad."""

    def __init__(self, text: str = "", icon: str = "", tip: str = "", *, checkable: bool = False,
                 flat: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCheckable(checkable)
        self.setAutoDefault(False)
        if flat:
            self.setProperty("flat", "true")
        if icon:
            self.show_icon(icon)
        if icon and not text:
            self.setFixedSize(32, 32)
            self.setStyleSheet("padding: 0;")
        if tip:
            self.setToolTip(tip)
            self.setAccessibleName(text or tip.split(" (")[0])

    def show_icon(self, name: str, size: int = 17) -> None:
        """Show another icon."""
        self.setIcon(icons.icon(name))
        self.setIconSize(QSize(size, size))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        # The space bar belongs to the transport, so Return presses buttons.
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event is not None and event.key() in _ARROWS:
            event.ignore()  # they nudge the puck
        else:
            super().keyPressEvent(event)


class HoldButton(Button):
    """Acts for as long as the mouse holds it; Return, which is no way to hold one, asks for the other state.

    Signals:
        other_asked: Return was pressed.
    """

    other_asked = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.other_asked.emit()
        else:
            super().keyPressEvent(event)


class Card(QFrame):
    """A surface with a title and room for more beside it."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 8, 12, 12)
        self.body.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        if title:
            self.title = QLabel(title)
            self.title.setProperty("role", "title")
            self.title.setFixedHeight(24)
            self.head.addWidget(self.title)
            self.head.addStretch(1)
            self.body.addLayout(self.head)
