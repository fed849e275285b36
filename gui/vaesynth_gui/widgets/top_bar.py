# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar at the top: model, transport, undo, level."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .. import icons, theme
from .buttons import Button
from .meter import LevelMeter
from .number_field import SwingField, TempoField
from .slider import Slider
from .sync_buttons import ClockButton, LinkButton


class ModelButton(Button):
    """Names the model in use and opens the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(flat=True, parent=parent)
        self._name = ""
        self._room = 240
        self.setIcon(icons.icon("chevron"))
        self.setIconSize(QSize(14, 14))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setFixedHeight(36)
        self.setStyleSheet(f"text-align: left; font-size: {theme.TITLE}px; font-weight: 600; padding: 0 8px;")
        self.setToolTip(self.tr("Models: choose another one, or drop a file anywhere (Ctrl+O)"))
        self.set_name(self.tr("Opening …"))

    def set_name(self, name: str) -> None:
        """Show a model's name, shortened where there is no room."""
        self._name = name
        self.setAccessibleName(name)
        self.fit(self._room)

    def fit(self, room: int) -> None:
        """Take as much of `room` pixels as the name needs."""
        self._room = room
        metrics = QFontMetrics(theme.font(theme.TITLE, 600))
        self.setText(metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, max(room - 50, 40)))
        self.setFixedWidth(min(metrics.horizontalAdvance(self.text()) + 50, max(room, 90)))


NARROW = 1180
"""Below this width the volume goes without its number, and the tempo without its unit."""
NUDGE_MS = 5
SILENT, LOWEST, LOUDEST = -60.0, -59.9, 6.0
"""Of the volume in dB. The lowest in digits is the widest text: all digits are of one width."""


class TopBar(QWidget):
    """Widgets in a row; the window connects them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(56)
        self.model = ModelButton()
        self.play = Button(icon="play", tip=self.tr("Play or stop (Space)"), checkable=True)
        self.play.setFixedSize(52, 36)
        self.play.show_icon("play", 20)
        self.record = Button(icon="record", tip=self.tr("Record the sound into a file (Ctrl+R)"),
                             checkable=True)
        self.record.setProperty("role", "record")
        self.record.setFixedSize(36, 36)
        self.tempo = TempoField()
        self.tap = Button(self.tr("Tap"), tip=self.tr("Tap the tempo (T)"))
        self.tap.setFixedSize(48, 36)
        self.undo = Button(icon="undo", tip=self.tr("Undo (Ctrl+Z)"), flat=True)
        self.redo = Button(icon="redo", tip=self.tr("Redo (Ctrl+Shift+Z)"), flat=True)
        self.help = Button(icon="help", tip=self.tr("Keys and gestures (F1)"), flat=True)
        self.menu = Button(icon="menu", tip=self.tr("More"), flat=True)
        self.volume = Slider(SILENT, LOUDEST, -6)
        self.volume.setToolTip(self.tr("Volume in dB: drag, Shift for fine, double click for −6 dB"))
        self.volume.setAccessibleName(self.tr("Volume"))
        self.level = LevelMeter()
        self.decibels = QLabel()
        self.decibels.setProperty("role", "caption")
        self.decibels.setFixedWidth(QFontMetrics(theme.font(theme.CAPTION)).horizontalAdvance(_decibels(LOWEST)))
        self.decibels.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.earlier = self._nudge("left", self.tr("Nudge: fall back by {ms} ms, hold to go on ([)"))
        self.later = self._nudge("right", self.tr("Nudge: get ahead by {ms} ms, hold to go on (])"))
        self.swing = SwingField()
        self.metronome = Button(icon="metronome", tip=self.tr("A click on every beat (K)"), checkable=True)
        self.metronome.setFixedSize(36, 36)
        self.link, self.clock = LinkButton(), ClockButton()
        self._output = QWidget()
        column = QVBoxLayout(self._output)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.volume)
        column.addWidget(self.level)
        column.addStretch(1)
        self._middle, self._right = self._transport(), self._edge()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 16, 8)
        row.setSpacing(6)
        left = QHBoxLayout()
        left.addWidget(self.model)
        left.addStretch(1)
        row.addLayout(left, 1)
        row.addWidget(self._middle)
        row.addWidget(self._right, 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        narrow = self.width() < NARROW
        self.decibels.setVisible(not narrow)
        self._unit.setVisible(not narrow)
        self._output.setFixedWidth(104 if narrow else 150)
        self.model.fit(self.width() - self._middle.sizeHint().width() - self._right.sizeHint().width() - 48)

    def set_playing(self, playing: bool) -> None:
        """Show whether it plays."""
        self.play.setChecked(playing)
        self.play.show_icon("stop" if playing else "play", 20)

    def set_recording(self, running: bool) -> None:
        """Show whether a recording runs."""
        self.record.setChecked(running)

    def set_volume(self, db: float) -> None:
        """Show the volume."""
        self.volume.set_value(db)
        self.decibels.setText(_decibels(db))

    def _nudge(self, icon: str, tip: str) -> Button:
        button = Button(icon=icon, tip=tip.format(ms=NUDGE_MS))
        button.setFixedSize(26, 36)
        button.setAutoRepeat(True)
        button.setAutoRepeatDelay(350)
        button.setAutoRepeatInterval(90)
        return button

    def _transport(self) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._unit, swing = _caption(self.tr("BPM")), _caption(self.tr("Swing"))
        for widget, space in ((self.play, 0), (self.record, 6), (self.tempo, 0), (self._unit, 2),
                              (self.tap, 0), (self.earlier, -4), (self.later, 8), (swing, 0), (self.swing, 8),
                              (self.metronome, 0), (self.link, 0), (self.clock, 0)):
            row.addWidget(widget)
            if space:
                row.addSpacing(space)
        return part

    def _edge(self) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addStretch(1)
        for widget in (self.undo, self.redo, self._output, self.decibels, self.help, self.menu):
            row.addWidget(widget)
        return part


def _decibels(db: float) -> str:
    return "−∞ dB" if db <= SILENT else f"{db:+.1f} dB".replace("-", "−")


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "caption")
    return label
