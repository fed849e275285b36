# SPDX-License-Identifier: GPL-3.0-or-later
"""The model's voices, each to be muted or heard alone."""

from collections.abc import Sequence

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from vaesynth.shaping import NEUTRAL, Shaping

from .buttons import Button

COLUMN, GAP = 128, 6


class StemStrip(QFrame):
    """A voice's name with its two switches.

    Signals:
        mute_asked, solo_asked: the voice's name.
    """

    mute_asked = pyqtSignal(str)
    solo_asked = pyqtSignal(str)

    def __init__(self, voice: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.voice = voice
        self.setProperty("role", "strip")
        title = voice.replace("_", " ").capitalize()
        self._name = QLabel(title)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(COLUMN - GAP)
        self._name.setToolTip(title)
        self.mute = self._switch(self.tr("M"), "mute", self.tr("Mute {voice}").format(voice=title))
        self.solo = self._switch(self.tr("S"), "solo", self.tr("Hear {voice} alone").format(voice=title))
        self.mute.clicked.connect(lambda: self.mute_asked.emit(voice))
        self.solo.clicked.connect(lambda: self.solo_asked.emit(voice))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 4, 4)
        row.setSpacing(4)
        row.addWidget(self._name, 1)
        row.addWidget(self.mute)
        row.addWidget(self.solo)

    def show_state(self, muted: bool, soloed: bool, sounding: bool) -> None:
        """Show what is set, and whether the voice is heard."""
        self.mute.setChecked(muted)
        self.solo.setChecked(soloed)
        self._name.setEnabled(sounding)

    def _switch(self, text: str, role: str, tip: str) -> Button:
        button = Button(text, tip=tip, checkable=True)
        button.setProperty("role", role)
        button.setFixedSize(24, 24)
        button.setAccessibleName(tip)
        return button


class StemsPage(QScrollArea):
    """Shows the voices of a model.

    Signals:
        mute_asked, solo_asked: a voice is to be muted or heard alone, or no longer.
    """

    mute_asked = pyqtSignal(str)
    solo_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.strips: dict[str, StemStrip] = {}
        self._shaping, self._columns = NEUTRAL, 0
        self._inner = QWidget()
        self._grid = QGridLayout(self._inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setWidget(self._inner)
        self._empty = QLabel(self.tr("This model has no stems."))
        self._empty.setProperty("role", "muted")
        self.set_voices(())

    def set_voices(self, voices: Sequence[str]) -> None:
        """Show the voices of a model."""
        for strip in self.strips.values():
            self._grid.removeWidget(strip)
            strip.setParent(None)
            strip.deleteLater()
        self.strips = {}
        for voice in voices:
            strip = self.strips[voice] = StemStrip(voice, self._inner)
            strip.mute_asked.connect(self.mute_asked)
            strip.solo_asked.connect(self.solo_asked)
        self._columns = 0
        self._arrange()
        self.show_shaping(self._shaping)

    def show_shaping(self, shaping: Shaping) -> None:
        """Show what is set."""
        self._shaping = shaping
        heard = shaping.sounding(tuple(self.strips))
        for (voice, strip), sounding in zip(self.strips.items(), heard, strict=True):
            strip.show_state(voice in shaping.muted_stems, voice in shaping.solo_stems, sounding)

    def minimumSizeHint(self) -> QSize:
        return QSize(COLUMN, 80)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._arrange()
        self._grid.activate()  # what has fewer columns now needs less width
        super().resizeEvent(event)

    def _arrange(self) -> None:
        view = self.viewport()
        room = view.width() if view is not None else COLUMN
        columns = max(1, min((room + GAP) // COLUMN, 4))
        if columns == self._columns:
            return
        self._columns = columns
        while self._grid.count():
            self._grid.takeAt(0)
        self._empty.setVisible(not self.strips)
        for i in range(max(self._grid.columnCount(), columns)):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)
        for i in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(i, 0)
        if not self.strips:
            self._grid.addWidget(self._empty, 0, 0, Qt.AlignmentFlag.AlignTop)
        for i, strip in enumerate(self.strips.values()):
            self._grid.addWidget(strip, i // columns, i % columns)
            strip.show()
        self._grid.setRowStretch(-(-max(len(self.strips), 1) // columns), 1)
