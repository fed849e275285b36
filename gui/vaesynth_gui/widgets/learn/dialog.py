# SPDX-License-Identifier: GPL-3.0-or-later
"""Train on my loops: two pages in a window beside the instrument, which plays on."""

from pathlib import Path

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QDialog, QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from vaesynth.audio_suffixes import SUFFIXES

from ...files import local_files
from .material_page import MaterialPage
from .run_page import RunPage


class LearnDialog(QDialog):
    """Takes files, and shows what becomes of them.

    Signals:
        files_given: paths of files and folders to learn from.
    """

    files_given = pyqtSignal(list)

    def __init__(self, folder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.setWindowTitle(self.tr("Train on my loops"))
        self.setAcceptDrops(True)
        self.resize(QSize(880, 600))
        self.setMinimumSize(720, 520)
        self.material, self.run = MaterialPage(), RunPage()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.material)
        self._pages.addWidget(self.run)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.addWidget(self._pages)
        self.material.files_asked.connect(self._ask_for_files)
        self.material.folder_asked.connect(self._ask_for_folder)
        self.run.close_button.clicked.connect(self.close)

    def show_material(self) -> None:
        """Turn to the first page."""
        self._pages.setCurrentWidget(self.material)

    def show_run(self) -> None:
        """Turn to the second page."""
        self._pages.setCurrentWidget(self.run)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and local_files(event.mimeData()) \
                and self._pages.currentWidget() is self.material:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None:
            event.acceptProposedAction()
            self.files_given.emit(local_files(event.mimeData()))

    def _ask_for_files(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        dialog = QFileDialog(self, self.tr("Loops to learn from"), self._folder,
                             self.tr("Audio files ({pattern})").format(pattern=pattern))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open(dialog)

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("A folder of loops to learn from"), self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def _open(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.files_given.emit([Path(n) for n in names]))
        dialog.open()
