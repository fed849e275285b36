# SPDX-License-Identifier: GPL-3.0-or-later
"""The menu behind the dots."""

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from vaesynth.session import Session
from vaesynth.tempo import TempoMode

from .chaining import Chaining
from .exporting import Exporting
from .files import Files
from .gestures import Gestures
from .session_files import SessionFiles
from .taping import Taping


class MainMenu(QMenu):
    """Everything that needs no button of its own.

    Signals:
        models_asked, learning_asked, preferences_asked, sheet_asked, close_asked: something else is to be
            opened or closed.
        mode_chosen: another `TempoMode`.
        bars_chosen: another length of the loop in bars, None for the model's own.
    """

    models_asked = pyqtSignal()
    learning_asked = pyqtSignal()
    preferences_asked = pyqtSignal()
    sheet_asked = pyqtSignal()
    close_asked = pyqtSignal()
    mode_chosen = pyqtSignal(object)
    bars_chosen = pyqtSignal(object)

    def __init__(self, files: Files, saving: SessionFiles, exporting: Exporting, gestures: Gestures,
                 chaining: Chaining, taping: Taping, parent: QWidget) -> None:
        super().__init__(parent)
        self._exporting = exporting
        self._modes: dict[TempoMode, QAction] = {}
        self._lengths: dict[int | None, QAction] = {}
        self.addAction(self.tr("Models …"), self.models_asked.emit)
        self.addAction(self.tr("Train on my loops …") + "\tCtrl+T", self.learning_asked.emit)
        self.addAction(self.tr("Open …") + "\tCtrl+O", files.ask)
        self.addAction(self.tr("Save the session …") + "\tCtrl+S", saving.ask)
        record = QAction(self.tr("Record the sound") + "\tCtrl+R", self)
        record.setCheckable(True)
        record.triggered.connect(taping.toggle)
        self.aboutToShow.connect(lambda: record.setChecked(taping.running))
        self.addAction(record)
        self._export = QMenu(self.tr("Export"), self)
        self._export.aboutToShow.connect(self._fill_export)
        self.addMenu(self._export)
        self.addAction(self.tr("Copy the position") + "\tCtrl+C", gestures.copy_position)
        self.addSeparator()
        self._add_lengths()
        self.addAction(self.tr("Play the chain, a bar each") + "\tC", chaining.toggle)
        self._add_modes()
        self.addAction(self.tr("Preferences …") + "\tCtrl+,", self.preferences_asked.emit)
        self.addSeparator()
        self.addAction(self.tr("Keys and gestures") + "\tF1", self.sheet_asked.emit)
        self.addAction(self.tr("Quit") + "\tCtrl+Q", self.close_asked.emit)

    def show_session(self, session: Session) -> None:
        """Mark what is set."""
        self._modes[session.tempo_mode].setChecked(True)
        self._lengths[session.bars].setChecked(True)

    def _fill_export(self) -> None:
        self._export.clear()
        self._exporting.fill(self._export)

    def _add_lengths(self) -> None:
        menu = QMenu(self.tr("Length of the loop"), self)
        group = QActionGroup(self)
        for bars, text in ((None, self.tr("The model's own")), (1, self.tr("1 bar")), (2, self.tr("2 bars")),
                           (4, self.tr("4 bars"))):
            action = self._lengths[bars] = _checkable(text, group)
            action.setData(bars)
            menu.addAction(action)
        group.triggered.connect(lambda action: self.bars_chosen.emit(action.data()))
        self.addMenu(menu)

    def _add_modes(self) -> None:
        menu = QMenu(self.tr("When the tempo differs from the loop's"), self)
        group = QActionGroup(self)
        for mode, text in ((TempoMode.SLICES, self.tr("Move the slices, keep every attack")),
                           (TempoMode.STRETCH, self.tr("Stretch, keep the pitch")),
                           (TempoMode.REPITCH, self.tr("Repitch, like a record"))):
            action = self._modes[mode] = _checkable(text, group)
            action.setData(mode)
            menu.addAction(action)
        group.triggered.connect(lambda action: self.mode_chosen.emit(action.data()))
        self.addMenu(menu)


def _checkable(text: str, parent: QObject) -> QAction:
    action = QAction(text, parent)
    action.setCheckable(True)
    return action
