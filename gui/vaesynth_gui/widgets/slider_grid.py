# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders with a name and a value, in as many columns as there is room for."""

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from .slider import Slider

COLUMN, ROW = 200, 47


class NamedSlider(QWidget):
    """A name, a value in words, and the slider below them.

    Args:
        title: the name that people read.
        slider: shows and asks.
    """

    def __init__(self, title: str, slider: Slider, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = slider
        slider.setAccessibleName(title)
        # Not by `self.tr`, which looks for what a subclass inherits under the subclass's name.
        tip = QCoreApplication.translate(
            "NamedSlider", "{name}: drag, Shift for fine, double click for the default")
        slider.setToolTip(tip.format(name=title))
        self.value = QLabel()
        self.value.setProperty("role", "caption")
        name = QLabel(title)
        name.setProperty("role", "caption")
        name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        line = QHBoxLayout()
        line.setContentsMargins(2, 0, 2, 0)
        line.addWidget(name, 1)
        line.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(line)
        column.addWidget(slider)

    def show_value(self, place: float, text: str) -> None:
        """Show a place on the slider and the value in words."""
        self.slider.set_value(place)
        self.value.setText(text)


class SliderGrid(QScrollArea):
    """Arranges sliders.

    Args:
        empty: said where there is none.
        column: least width of a column in pixels.
        gap: between two rows.
    """

    def __init__(self, empty: str = "", column: int = COLUMN, gap: int = 5,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least = column
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._parts: list[NamedSlider] = []
        self._columns = 0
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(gap)
        self.setWidget(self._inner)
        self._empty = QLabel(empty)
        self._empty.setProperty("role", "muted")

    def set_parts(self, parts: Sequence[NamedSlider]) -> None:
        """Show these instead of the ones before."""
        for part in self._parts:
            self._grid.removeWidget(part)
            part.setParent(None)
            part.deleteLater()
        self._parts = list(parts)
        self._columns = 0
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(2 * COLUMN, self._rows(max(self._columns, 1)) * ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(COLUMN, 2 * ROW)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._arrange()
        self._grid.activate()  # what has fewer columns now needs less width
        super().resizeEvent(event)

    def _rows(self, columns: int) -> int:
        return -(-max(len(self._parts), 1) // columns)

    def _arrange(self) -> None:
        view = self.viewport()
        room = view.width() if view is not None else COLUMN
        columns = max(1, min((room + 18) // self._least, len(self._parts)))
        if columns == self._columns:
            return
        self._columns = columns
        while self._grid.count():
            self._grid.takeAt(0)
        self._empty.setVisible(not self._parts)
        for i in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)
        for i in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(i, 0)
        if not self._parts:
            self._grid.addWidget(self._empty, 0, 0)
        for i, part in enumerate(self._parts):
            self._grid.addWidget(part, i // columns, i % columns)
            part.show()
        self._grid.setRowStretch(self._rows(columns), 1)
