# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar at the top: model, transport, undo, level."""

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .. import icons, theme
from .buttons import Button
from .meter import LevelMeter
from .slider import Slider
from .tempo_field import TempoField


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


class TopBar(QWidget):
    """Widgets in a row; the window connects them."""

    menu_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(56)
        self.model = ModelButton()
        self.play = Button(icon="play", tip=self.tr("Play or stop (Space)"), checkable=True)
        self.play.setFixedSize(52, 36)
        self.play.show_icon("play", 20)
        self.tempo = TempoField()
        self.tap = Button(self.tr("Tap"), tip=self.tr("Tap the tempo (T)"))
        self.tap.setFixedSize(48, 36)
        self.undo = Button(icon="undo", tip=self.tr("Undo (Ctrl+Z)"), flat=True)
        self.redo = Button(icon="redo", tip=self.tr("Redo (Ctrl+Shift+Z)"), flat=True)
        self.help = Button(icon="help", tip=self.tr("Keys and gestures (F1)"), flat=True)
        self.menu = Button(icon="menu", tip=self.tr("More"), flat=True)
        self.volume = Slider(-60, 6, -6)
        self.volume.setToolTip(self.tr("Volume in dB: drag, Shift for fine, double click for −6 dB"))
        self.volume.setAccessibleName(self.tr("Volume"))
        self.level = LevelMeter()
        self.decibels = QLabel()
        self.decibels.setProperty("role", "caption")
        self.decibels.setFixedWidth(46)
        self.decibels.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        unit = QLabel(self.tr("BPM"))
        unit.setProperty("role", "caption")
        output = QWidget()
        output.setFixedWidth(150)
        column = QVBoxLayout(output)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self.volume)
        column.addWidget(self.level)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 16, 8)
        row.setSpacing(6)
        left = QHBoxLayout()
        left.addWidget(self.model)
        left.addStretch(1)
        row.addLayout(left, 1)
        row.addWidget(self.play)
        row.addSpacing(8)
        row.addWidget(self.tempo)
        row.addWidget(unit)
        row.addSpacing(4)
        row.addWidget(self.tap)
        right = QHBoxLayout()
        right.setSpacing(6)
        right.addStretch(1)
        right.addWidget(self.undo)
        right.addWidget(self.redo)
        right.addSpacing(8)
        right.addWidget(output)
        right.addWidget(self.decibels)
        right.addSpacing(4)
        right.addWidget(self.help)
        right.addWidget(self.menu)
        row.addLayout(right, 1)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self.model.fit(round(self.width() / 2 - 170))

    def set_playing(self, playing: bool) -> None:
        """Show whether it plays."""
        self.play.setChecked(playing)
        self.play.show_icon("stop" if playing else "play", 20)

    def set_volume(self, db: float) -> None:
        """Show the volume."""
        self.volume.set_value(db)
        text = "−∞ dB" if db <= -60 else f"{db:+.1f} dB".replace("-", "−")
        self.decibels.setText(text)
