# SPDX-License-Identifier: GPL-3.0-or-later
"""How many loops round the puck are to be written, and from how far."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from .buttons import Button
from .move_page import MUTATIONS
from .slider import Slider

COUNTS = (2, 64)
FIRST_COUNT = 8


class VariationsDialog(QDialog):
    """Asks by `chosen` (count, deviation in pad units) for variations."""

    chosen = pyqtSignal(int, float)

    def __init__(self, spread: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export variations"))
        self.setMinimumWidth(420)
        text = QLabel(self.tr("Loops from round the puck, each a WAV file with tempo and place in its name; "
                              "the first is the one at the puck."))
        text.setWordWrap(True)
        text.setProperty("role", "muted")
        self.count = QSpinBox()
        self.count.setRange(*COUNTS)
        self.count.setValue(FIRST_COUNT)
        self.count.setFixedWidth(80)
        self.count.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.count.setAccessibleName(self.tr("How many"))
        self.spread = Slider(*MUTATIONS, spread)
        self.spread.set_value(spread)
        self.spread.setAccessibleName(self.tr("How far"))
        self.spread.moved.connect(self.spread.set_value)
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(1, 1)
        grid.addWidget(QLabel(self.tr("How many")), 0, 0)
        grid.addWidget(self.count, 0, 1, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(QLabel(self.tr("How far")), 1, 0)
        grid.addWidget(self.spread, 1, 1)
        self.go = Button(self.tr("Choose a folder …"))
        self.go.setProperty("role", "primary")
        self.go.clicked.connect(self._choose)
        cancel = Button(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(16)
        column.addWidget(text)
        column.addLayout(grid)
        column.addLayout(buttons)

    def _choose(self) -> None:
        self.count.interpretText()
        self.chosen.emit(self.count.value(), self.spread.value)
        self.accept()
