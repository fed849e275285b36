# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sound goes, where one listens aside, and what computes it."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from ...settings import BUFFERS, CUE_CHANNELS, RATES, Settings
from ..buttons import Button
from ..choice import Choice
from .page import CHOICE_WIDTH, Page, align_captions


class SoundPage(Page):
    """Takes effect by its button, as the sound stops for a moment.

    Signals:
        chosen: device or None, rate or None, buffer, provider or None.
        cue_chosen: device or None, first of its two channels.
    """

    chosen = pyqtSignal(object, object, int, object)
    cue_chosen = pyqtSignal(object, int)

    def __init__(self, settings: Settings, device: str | None, rate: int | None, buffer: int,
                 provider: str | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._device, self._provider, self._cue_device = device, provider, settings.cue_device
        self.device, self.rate, self.buffer, self.provider = Choice(), Choice(), Choice(), Choice()
        self.cue_device, self.cue_channels = Choice(), Choice()
        self.device.setMinimumWidth(CHOICE_WIDTH)
        for r in RATES:
            self.rate.addItem(self.tr("As the model and the device") if r == 0 else f"{r / 1000:g} kHz", r
                              or None)
        self.rate.setCurrentIndex(max(0, self.rate.findData(rate)))
        for b in BUFFERS:
            self.buffer.addItem(self.tr("{n} frames ({ms} ms at 48 kHz)").format(n=b, ms=f"{b / 48:.1f}"), b)
        self.buffer.setCurrentIndex(max(0, self.buffer.findData(buffer)))
        for first in CUE_CHANNELS:
            self.cue_channels.addItem(self.tr("Outputs {a} and {b}").format(a=first, b=first + 1), first)
        self.cue_channels.setCurrentIndex(max(0, self.cue_channels.findData(settings.cue_channels[0])))
        self.show_choices((), ())
        for label, box in ((self.tr("Output"), self.device), (self.tr("Rate"), self.rate),
                           (self.tr("Buffer"), self.buffer), (self.tr("Decoding by"), self.provider)):
            self.form.addRow(label, box)
        self.add_note(self.tr("A small buffer answers faster; a larger one survives a busy machine."))
        self.apply = Button(self.tr("Use these"))
        self.apply.setProperty("role", "primary")
        self.apply.clicked.connect(self._choose)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.apply)
        self.column.addLayout(line)
        aside = Page()
        aside.column.setContentsMargins(0, 0, 0, 0)
        aside.form.addRow(self.tr("Listen aside on"), self.cue_device)
        aside.form.addRow("", self.cue_channels)
        aside.add_note(self.tr("Examples, and loops before they are played, are heard here; on an output of "
                               "its own the audience does not hear them."))
        self.column.addWidget(aside)
        align_captions(self, aside)
        self.column.addStretch(1)
        for box in (self.cue_device, self.cue_channels):
            box.activated.connect(self._choose_cue)

    def show_choices(self, devices: Sequence[str], providers: Sequence[str]) -> None:
        """Offer these devices and providers; what is set stays on offer even where it is absent now."""
        for box, automatic, names, now in (
                (self.device, self.tr("The system's own"), devices, self._device),
                (self.cue_device, self.tr("The same as the output"), devices, self._cue_device),
                (self.provider, self.tr("The fastest that works"), providers, self._provider)):
            box.clear()
            box.addItem(automatic, None)
            for name in dict.fromkeys([*names, *([now] if now else [])]):
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(now)))

    def _choose(self) -> None:
        self.chosen.emit(self.device.currentData(), self.rate.currentData(), self.buffer.currentData(),
                         self.provider.currentData())

    def _choose_cue(self) -> None:
        self.cue_chosen.emit(self.cue_device.currentData(), self.cue_channels.currentData())
