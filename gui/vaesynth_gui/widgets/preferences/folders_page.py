# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things are kept."""

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ... import places
from ...settings import Settings
from ..buttons import Button
from .page import Page


class FoldersPage(Page):
    """Shows each folder, opens it, takes another one; takes effect at once."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.paths: dict[str, QLabel] = {}
        for key, text in (("models_folder", self.tr("Instruments learnt here")),
                          ("runs_folder", self.tr("Trainings"))):
            self._add(key, text)
        self.add_note(self.tr("What lies in the old folder stays there."))
        self.column.addStretch(1)

    def choose(self, key: str, folder: Path | None) -> None:
        """Use another folder; None is the usual one."""
        setattr(self._settings, key, folder)
        self._show(key)

    def _add(self, key: str, text: str) -> None:
        path = self.paths[key] = QLabel()
        path.setProperty("role", "muted")
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        path.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        other, show = Button(self.tr("Change …")), Button(icon="folders", tip=self.tr("Show the folder"))
        other.clicked.connect(lambda: self._ask(key, text))
        show.clicked.connect(lambda: self._open(key))
        line = QHBoxLayout()
        line.addWidget(path, 1)
        line.addWidget(show)
        line.addWidget(other)
        self.form.addRow(QLabel(text))
        self.form.addRow(line)
        self._show(key)

    def _show(self, key: str) -> None:
        folder = str(places.of(self._settings, key))
        self.paths[key].setText(folder)
        self.paths[key].setToolTip(folder)

    def _open(self, key: str) -> None:
        folder = places.of(self._settings, key)
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _ask(self, key: str, text: str) -> None:
        dialog = QFileDialog(self, text, str(places.of(self._settings, key)))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.choose(key, Path(name)))
        dialog.open()
