# SPDX-License-Identifier: GPL-3.0-or-later
"""Movement: the way from A to B, the size of a mutation's step, the speed of the recorded path."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vaesynth.session import Session

from .buttons import Button
from .segmented import Segmented
from .slider import Slider

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
MUTATIONS = (0.02, 0.5)
END = 34


class EndButton(Button):
    """One end of the way: a click goes there, or stores it where there is none yet; Shift stores anew."""

    stored = pyqtSignal(str)
    asked = pyqtSignal(str)

    def __init__(self, end: str, parent: QWidget | None = None) -> None:
        super().__init__(end.upper(), parent=parent)
        self._end, self._filled = end, False
        self.setFixedSize(END, 28)
        self.setStyleSheet("padding: 0; font-weight: 600;")
        self.clicked.connect(lambda: self._act(False))
        self.show_filled(False)

    def show_filled(self, filled: bool) -> None:
        """Show whether there is a place at this end."""
        self._filled = filled
        self.setProperty("flat", "false" if filled else "true")
        style = self.style()
        if style is not None:
            style.polish(self)
        name = self._end.upper()
        tip = self.tr("Go to {name} ({name}); Shift stores this place") if filled else self.tr(
            "Store this place as {name} (Shift+{name})")
        self.setToolTip(tip.format(name=name))
        self.setAccessibleName(name)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._act(True)
        else:
            super().mousePressEvent(event)

    def _act(self, store: bool) -> None:
        (self.stored if store or not self._filled else self.asked).emit(self._end)


class MovePage(QWidget):
    """Shows how a session moves, and asks for changes.

    Signals:
        mix_asked: a place on the way from A (0) to B (1); `mix_released` when the hand is off.
        mutation_asked: a mutation's step in pad units; `mutation_released`.
        speed_chosen: of the path.
    """

    mix_asked = pyqtSignal(float)
    mix_released = pyqtSignal()
    mutation_asked = pyqtSignal(float)
    mutation_released = pyqtSignal()
    speed_chosen = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.a, self.b = EndButton("a"), EndButton("b")
        self.mix = Slider(0, 1, 0.5)
        self.mix.setToolTip(self.tr("The way from A to B: drag, or , and . (comma and full stop)"))
        self.mix.setAccessibleName(self.tr("Morph from A to B"))
        self.mix.moved.connect(self.mix_asked)
        self.mix.released.connect(self.mix_released)
        self.mutation = Slider(*MUTATIONS, 0.12)
        self.mutation.setToolTip(self.tr("How far a mutation goes (M)"))
        self.mutation.setAccessibleName(self.tr("Mutation"))
        self.mutation.moved.connect(self.mutation_asked)
        self.mutation.released.connect(self.mutation_released)
        self.speed = Segmented(["¼", "½", "1", "2", "4"])
        self.speed.setToolTip(self.tr("Speed of the recorded path"))
        self.speed.setAccessibleName(self.tr("Path speed"))
        self.speed.chosen.connect(lambda i: self.speed_chosen.emit(SPEEDS[i]))
        morph = QHBoxLayout()
        morph.setSpacing(10)
        morph.addWidget(self.a)
        morph.addWidget(self.mix, 1)
        morph.addWidget(self.b)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 0)
        column.setSpacing(8)
        column.addLayout(morph)
        column.addLayout(_row(self.tr("Mutation"), self.mutation))
        column.addLayout(_row(self.tr("Path speed"), self.speed))
        column.addStretch(1)

    def show_session(self, session: Session) -> None:
        """Show what is set."""
        self.a.show_filled(session.a is not None)
        self.b.show_filled(session.b is not None)
        self.mix.setEnabled(session.a is not None and session.b is not None)
        self.mix.set_value(session.mix)
        self.mutation.set_value(session.mutation)
        self.speed.set_index(min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - session.path_speed)))


def _row(text: str, widget: QWidget) -> QHBoxLayout:
    """A caption with a control beside it."""
    row = QHBoxLayout()
    row.setSpacing(10)
    caption = QLabel(text)
    caption.setProperty("role", "caption")
    caption.setFixedWidth(74)
    row.addWidget(caption)
    row.addWidget(widget, 1)
    return row
