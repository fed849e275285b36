# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound shaping: cuts, drive, compressor, reverb, loudness."""

import importlib.util
import math
from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QWidget

from vaesynth.shaping import NEUTRAL, Shaping
from vaesynth.shaping.settings import RANGES

from .slider import Slider
from .slider_grid import NamedSlider, SliderGrid


@dataclass(frozen=True)
class Scale:
    """A setting's way along its slider, whose ends are 0 and 1.

    Attributes:
        name: of the setting in `Shaping`.
        even: equal ratios are equally far apart, instead of equal differences.
        off: the end of the slider at which the setting is off, where it can be.
    """

    name: str
    even: bool = False
    off: float | None = None

    def value(self, place: float) -> float | None:
        """The setting at a place."""
        low, high, _ = RANGES[self.name]
        if place == self.off:
            return None
        return low * (high / low) ** place if self.even else low + place * (high - low)

    def place(self, value: float | None) -> float:
        """Where a setting lies."""
        low, high, _ = RANGES[self.name]
        if value is None:
            return self.off or 0.0
        return math.log(value / low) / math.log(high / low) if self.even else (value - low) / (high - low)


COLUMN = 140
SCALES = (Scale("low_cut", even=True, off=0.0), Scale("high_cut", even=True, off=1.0), Scale("drive"),
          Scale("compressor"), Scale("reverb"), Scale("reverb_seconds", even=True),
          Scale("loudness", off=0.0))


class SoundPage(SliderGrid):
    """Shows the sound shaping.

    Signals:
        moved: asks for a value (name of the setting, number or None for off); `released` (name) when the
            hand is off.
        shown: it has come into sight.
    """

    moved = pyqtSignal(str, object)
    released = pyqtSignal(str)
    shown = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(column=COLUMN, gap=0, parent=parent)
        titles = {
            "low_cut": self.tr("Low cut"), "high_cut": self.tr("High cut"), "drive": self.tr("Drive"),
            "compressor": self.tr("Compressor"), "reverb": self.tr("Reverb"),
            "reverb_seconds": self.tr("Reverb time"), "loudness": self.tr("Loudness")}
        self.sliders: dict[str, NamedSlider] = {}
        for scale in SCALES:
            default = scale.place(getattr(NEUTRAL, scale.name))
            slider = Slider(0, 1, default, origin=default if scale.off else 0.0)
            slider.moved.connect(lambda place, s=scale: self.moved.emit(s.name, s.value(place)))
            slider.released.connect(lambda s=scale: self.released.emit(s.name))
            self.sliders[scale.name] = NamedSlider(titles[scale.name], slider, self._inner)
        self.sliders["loudness"].slider.setToolTip(self.tr(
            "Brings every loop to this loudness, so that the pad can be compared; at the left end it is off"))
        if importlib.util.find_spec("pedalboard") is None:
            compressor = self.sliders["compressor"]
            compressor.setEnabled(False)
            compressor.setToolTip(self.tr("Needs the package pedalboard: pip install 'vaesynth[fx]'"))
        self.set_parts(list(self.sliders.values()))
        self.show_shaping(NEUTRAL)

    def show_shaping(self, shaping: Shaping) -> None:
        """Show what is set."""
        for scale in SCALES:
            value = getattr(shaping, scale.name)
            self.sliders[scale.name].show_value(scale.place(value), self._text(scale.name, value))

    def showEvent(self, event: QShowEvent | None) -> None:
        super().showEvent(event)
        self.shown.emit()

    def _text(self, name: str, value: float | None) -> str:
        if value is None or (name in ("drive", "compressor", "reverb") and value == 0):
            return self.tr("off")
        unit = RANGES[name][2]
        if not unit:
            return f"{100 * value:.0f} %"
        if unit == "Hz":
            return f"{value / 1000:.1f} kHz" if value >= 1000 else f"{value:.0f} Hz"
        return f"{value:.1f} {unit}".replace("-", "−")
