# SPDX-License-Identifier: GPL-3.0-or-later
"""The model's macros as sliders."""

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QCoreApplication, pyqtSignal
from PyQt6.QtWidgets import QWidget

from .slider import Slider
from .slider_grid import NamedSlider, SliderGrid


class MacroSlider(NamedSlider):
    """One macro of a model's metadata."""

    def __init__(self, macro: Mapping[str, Any], parent: QWidget | None = None) -> None:
        self.name = str(macro["name"])
        low, high, self.default = float(macro["min"]), float(macro["max"]), float(macro["default"])
        title = self.name[:1].upper() + self.name[1:]
        super().__init__(title, Slider(low, high, self.default, origin=min(max(0.0, low), high)), parent)
        self.set_value(self.default)

    def set_value(self, value: float) -> None:
        """Show a value."""
        self.show_value(value, f"{value:+.2f}".replace("-", "−"))


class MacroPanel(SliderGrid):
    """Asks by `moved` (name, value); `released` (name) when the hand is off."""

    moved = pyqtSignal(str, float)
    released = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("MacroPanel", "This model has no macros."), parent=parent)
        self._sliders: dict[str, MacroSlider] = {}
        self.set_macros(())

    @property
    def sliders(self) -> Mapping[str, MacroSlider]:
        """The sliders by the macro's name."""
        return self._sliders

    def set_macros(self, macros: Sequence[Mapping[str, Any]]) -> None:
        """Show the macros of a model's metadata."""
        self._sliders = {}
        for macro in macros:
            slider = MacroSlider(macro, self._inner)
            slider.slider.moved.connect(lambda value, name=slider.name: self.moved.emit(name, value))
            slider.slider.released.connect(lambda name=slider.name: self.released.emit(name))
            self._sliders[slider.name] = slider
        self.set_parts(list(self._sliders.values()))

    def set_values(self, values: Mapping[str, float]) -> None:
        """Show values; macros without one are at their default."""
        for name, slider in self._sliders.items():
            slider.set_value(values.get(name, slider.default))
