# SPDX-License-Identifier: GPL-3.0-or-later
"""MIDI, OSC and Link: everything is off until it is switched on here or in the bar."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from vaesynth.control.settings import LOOPBACK, OSC_PORT, ControlSettings, Notes
from vaesynth.control.sync_settings import MOST_OFFSET_MS

from ..choice import Choice
from ..number_field import DecimalField
from .page import CHOICE_WIDTH, Page

EVERYWHERE = "0.0.0.0"


class ControlPage(Page):
    """Takes effect at once.

    Signals:
        changed: fields of `ControlSettings` with their new values.
        sync_changed: fields of `SyncSettings`.
    """

    changed = pyqtSignal(dict)
    sync_changed = pyqtSignal(dict)

    def __init__(self, settings: ControlSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._port = settings.midi_in
        self.midi_in, self.channel, self.notes = Choice(), Choice(), Choice()
        self.midi_in.setMinimumWidth(CHOICE_WIDTH)
        self.show_ports(())
        for n in range(17):
            self.channel.addItem(self.tr("All channels") if n == 0 else self.tr("Channel {n}").format(n=n), n)
        self.channel.setCurrentIndex(settings.midi_channel)
        words = {Notes.OFF: self.tr("Do nothing"), Notes.GATE: self.tr("Play the loop while held"),
                 Notes.SLICES: self.tr("Play its slices")}
        for notes, text in words.items():
            self.notes.addItem(text, notes)
        self.notes.setCurrentIndex(list(words).index(settings.notes))
        self.osc = QCheckBox(self.tr("Hear OSC on port"))
        self.osc.setChecked(settings.osc_port is not None)
        self.osc_port = QSpinBox()
        self.osc_port.setRange(1, 65535)
        self.osc_port.setValue(settings.osc_port or OSC_PORT)
        self.osc_port.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.osc_port.setFixedWidth(80)
        self.osc_port.setAccessibleName(self.tr("OSC port"))
        self.everywhere = QCheckBox(self.tr("from other machines, too"))
        self.everywhere.setChecked(settings.osc_host != LOOPBACK)
        self.osc_send = QLineEdit(settings.osc_send or "")
        self.osc_send.setPlaceholderText(self.tr("nobody, or HOST:PORT such as {example}").format(
            example=f"{LOOPBACK}:9001"))
        self.start_stop = QCheckBox(self.tr("Share starting and stopping with Link"))
        self.start_stop.setChecked(settings.sync.link_start_stop)
        self.offset = DecimalField()
        self.offset.setRange(-MOST_OFFSET_MS, MOST_OFFSET_MS)
        self.offset.setDecimals(1)
        self.offset.setSuffix(self.tr(" ms"))
        self.offset.setValue(settings.sync.offset_ms)
        self.offset.setButtonSymbols(DecimalField.ButtonSymbols.NoButtons)
        self.offset.setFixedWidth(100)
        self._arrange()
        self._connect()

    def show_ports(self, ports: Sequence[str]) -> None:
        """Offer these MIDI inputs; the one that is set stays on offer even where it is absent now."""
        self.midi_in.clear()
        self.midi_in.addItem(self.tr("None"), None)
        known = any(self._port and self._port in name for name in ports)
        for name in [*ports, *([self._port] if self._port and not known else [])]:
            self.midi_in.addItem(name, name)
            if self._port and self._port in name:
                self.midi_in.setCurrentIndex(self.midi_in.count() - 1)

    def _arrange(self) -> None:
        port = QHBoxLayout()
        port.setSpacing(10)
        for widget in (self.osc, self.osc_port, self.everywhere):
            port.addWidget(widget)
        port.addStretch(1)
        offset = QHBoxLayout()
        offset.addWidget(self.offset)
        offset.addStretch(1)
        self.form.addRow(self.tr("MIDI input"), self.midi_in)
        self.form.addRow("", self.channel)
        self.form.addRow(self.tr("Notes"), self.notes)
        self.form.addRow(self.tr("OSC"), port)
        self.form.addRow(self.tr("Send OSC to"), self.osc_send)
        self.form.addRow(self.tr("In time"), self.start_stop)
        self.form.addRow(self.tr("Play earlier by"), offset)
        self.add_note(self.tr("A right click on a slider lets it learn a knob or a note. Link and clocks "
                              "are switched in the bar at the top."))
        self.column.addStretch(1)

    def _connect(self) -> None:
        self.midi_in.activated.connect(self._choose_port)
        self.channel.activated.connect(lambda n: self.changed.emit({"midi_channel": n}))
        self.notes.activated.connect(lambda i: self.changed.emit({"notes": self.notes.itemData(i)}))
        self.osc.toggled.connect(self._choose_osc)
        self.osc_port.editingFinished.connect(self._choose_osc)
        self.everywhere.toggled.connect(self._choose_osc)
        self.osc_send.editingFinished.connect(
            lambda: self.changed.emit({"osc_send": self.osc_send.text().strip() or None}))
        self.start_stop.toggled.connect(lambda on: self.sync_changed.emit({"link_start_stop": on}))
        self.offset.editingFinished.connect(
            lambda: self.sync_changed.emit({"offset_ms": self.offset.value()}))

    def _choose_port(self) -> None:
        self._port = self.midi_in.currentData()
        self.changed.emit({"midi_in": self._port})

    def _choose_osc(self) -> None:
        self.changed.emit({"osc_port": self.osc_port.value() if self.osc.isChecked() else None,
                           "osc_host": EVERYWHERE if self.everywhere.isChecked() else LOOPBACK})
