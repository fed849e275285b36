# SPDX-License-Identifier: GPL-3.0-or-later
"""The loops to learn from, one a row."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ... import theme
from ...learn.material import LoopFile

NAME, BARS, TEMPO, SOURCE = range(4)


class FileList(QTableWidget):
    """Asks by `remove_asked` (a row) for a file to be left out; Delete does it."""

    remove_asked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 4, parent)
        self.setAccessibleName(self.tr("Loops"))
        self.setHorizontalHeaderLabels(
            [self.tr("Loop"), self.tr("Bars"), self.tr("Tempo"), self.tr("Known from")])
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(28)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in ((BARS, 70), (TEMPO, 100), (SOURCE, 190)):
            columns.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.setColumnWidth(column, width)

    def show_loop(self, row: int, loop: LoopFile) -> None:
        """Show a loop in a row; the row after the last one adds it."""
        if row == self.rowCount():
            self.insertRow(row)
        c = theme.colours()
        if loop.error is not None:
            cells = [loop.path.name, "", "", loop.error]
        else:
            cells = [loop.path.name, f"{loop.beats / 4:g}", f"{loop.bpm:.1f} BPM", self._source(loop.origin)]
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setToolTip(loop.error or str(loop.path))
            colour: QColor = c["text" if column == NAME else "muted"]
            if loop.error is not None:
                colour = c["warning"]
            elif loop.corrected and column != NAME:
                colour = c["accent"]
            item.setForeground(colour)
            self.setItem(row, column, item)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if self.currentRow() >= 0:
                self.remove_asked.emit(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _source(self, origin: str) -> str:
        return {"you": self.tr("you"), "estimated": self.tr("the sound"), "file name": self.tr("its name"),
                "number in the file name": self.tr("its name")}.get(origin, origin)
