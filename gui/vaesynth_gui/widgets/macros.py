# SPDX-License-Identifier: GPL-3.0-or-later
"""The model's macros as sliders, in as many columns as there is room for."""

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from .slider import Slider

COLUMN, ROW = 200, 47


class MacroSlider(QWidget):
    """A name, a value and a slider."""

    def __init__(self, macro: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = str(macro["name"])
        low, high, default = float(macro["min"]), float(macro["max"]), float(macro["default"])
        self.default = default
        self.slider = Slider(low, high, default, origin=min(max(0.0, low), high))
        self.slider.setAccessibleName(self.name)
        tip = self.tr("{name}: drag, Shift for fine, double click for the default")
        self.slider.setToolTip(tip.format(name=self.name))
        self._value = QLabel()
        self._value.setProperty("role", "caption")
        name = QLabel(self.name)
        name.setProperty("role", "caption")
        name.setMinimumWidth(0)
        line = QHBoxLayout()
        line.setContentsMargins(2, 0, 2, 0)
        line.addWidget(name, 1)
        line.addWidget(self._value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(line)
        column.addWidget(self.slider)
        self.set_value(default)

    def set_value(self, value: float) -> None:
        """Show a value."""
        self.slider.set_value(value)
        self._value.setText(f"{value:+.2f}".replace("-", "−"))


class MacroPanel(QScrollArea):
    """Asks by `moved` (name, value); `released` when the hand is off."""

    moved = pyqtSignal(str, float)
    released = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._sliders: dict[str, MacroSlider] = {}
        self._columns = 0
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(5)
        self.setWidget(self._inner)
        self._empty = QLabel(self.tr("This model has no macros."))
        self._empty.setProperty("role", "muted")
        self.set_macros(())

    @property
    def sliders(self) -> Mapping[str, MacroSlider]:
        """The sliders by the macro's name."""
        return self._sliders

    def set_macros(self, macros: Sequence[Mapping[str, Any]]) -> None:
        """Show the macros of a model's metadata."""
        for slider in self._sliders.values():
            self._grid.removeWidget(slider)
            slider.setParent(None)
            slider.deleteLater()
        self._sliders = {}
        for macro in macros:
            slider = MacroSlider(macro, self._inner)
            slider.slider.moved.connect(lambda value, name=slider.name: self.moved.emit(name, value))
            slider.slider.released.connect(self.released)
            self._sliders[slider.name] = slider
        self._columns = 0
        self._arrange()

    def set_values(self, values: Mapping[str, float]) -> None:
        """Show values; macros without one are at their default."""
        for name, slider in self._sliders.items():
            slider.set_value(values.get(name, slider.default))

    def sizeHint(self) -> QSize:
        rows = -(-max(len(self._sliders), 1) // max(self._columns, 1))
        return QSize(2 * COLUMN, rows * ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(COLUMN, 2 * ROW)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        view = self.viewport()
        room = view.width() if view is not None else COLUMN
        columns = max(1, min(room // COLUMN, len(self._sliders)))
        if columns == self._columns:
            return
        self._columns = columns
        while self._grid.count():
            self._grid.takeAt(0)
        self._empty.setVisible(not self._sliders)
        for i in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)
        for i in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(i, 0)
        if not self._sliders:
            self._grid.addWidget(self._empty, 0, 0)
        for i, slider in enumerate(self._sliders.values()):
            self._grid.addWidget(slider, i // columns, i % columns)
            slider.show()
        self._grid.setRowStretch(-(-max(len(self._sliders), 1) // columns), 1)
