# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the sound goes, and what computes it."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..settings import BUFFERS, RATES
from .buttons import Button
from .choice import Choice


class SoundDialog(QDialog):
    """Asks by `chosen` (device or None, rate or None, buffer, provider or None)."""

    chosen = pyqtSignal(object, object, int, object)

    def __init__(self, device: str | None, rate: int | None, buffer: int, provider: str | None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Sound"))
        self._device, self._provider = device, provider
        self.device, self.rate, self.buffer, self.provider = Choice(), Choice(), Choice(), Choice()
        self.device.setMinimumWidth(320)
        for r in RATES:
            self.rate.addItem(self.tr("As the model and the device") if r == 0 else f"{r / 1000:g} kHz", r
                              or None)
        self.rate.setCurrentIndex(max(0, self.rate.findData(rate)))
        for b in BUFFERS:
            self.buffer.addItem(self.tr("{n} frames ({ms} ms at 48 kHz)").format(n=b, ms=f"{b / 48:.1f}"), b)
        self.buffer.setCurrentIndex(max(0, self.buffer.findData(buffer)))
        self.show_choices((), ())
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        form.setVerticalSpacing(12)
        form.addRow(self.tr("Output"), self.device)
        form.addRow(self.tr("Rate"), self.rate)
        form.addRow(self.tr("Buffer"), self.buffer)
        form.addRow(self.tr("Decoding by"), self.provider)
        note = QLabel(self.tr("A small buffer answers faster; a larger one survives a busy machine."))
        note.setProperty("role", "muted")
        apply, close = Button(self.tr("Use these")), Button(self.tr("Close"))
        apply.setProperty("role", "primary")
        apply.clicked.connect(self._choose)
        close.clicked.connect(self.reject)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(close)
        line.addWidget(apply)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(16)
        column.addLayout(form)
        column.addWidget(note)
        column.addLayout(line)

    def show_choices(self, devices: Sequence[str], providers: Sequence[str]) -> None:
        """Offer these devices and providers; what is set stays on offer even where it is absent now."""
        for box, automatic, names, now in (
                (self.device, self.tr("The system's own"), devices, self._device),
                (self.provider, self.tr("The fastest that works"), providers, self._provider)):
            box.clear()
            box.addItem(automatic, None)
            for name in dict.fromkeys([*names, *([now] if now else [])]):
                box.addItem(name, name)
            box.setCurrentIndex(max(0, box.findData(now)))

    def _choose(self) -> None:
        self.chosen.emit(self.device.currentData(), self.rate.currentData(), self.buffer.currentData(),
                         self.provider.currentData())
        self.accept()
