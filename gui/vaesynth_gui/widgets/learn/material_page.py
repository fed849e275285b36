# SPDX-License-Identifier: GPL-3.0-or-later
"""First page: which loops, where their beats are, what the instrument is called, how long to learn."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ...learn.material import MAX_BEATS, LoopFile
from ...learn.work_folder import MINUTES, Plan
from ..buttons import Button
from ..choice import Choice
from ..number_field import DecimalField
from .file_list import FileList
from .grid_view import GridView

USUAL_MINUTES = 10
FEW = 3
"""Below so many loops an instrument has little to play between."""


class MaterialPage(QWidget):
    """Holds the loops as the musician says they are.

    Signals:
        files_asked, folder_asked: a dialog to choose them is wanted.
        heard: a `LoopFile` to be played, None to be silent.
        started: (name, minutes, licence): learn from `usable`.
        resumed: go on with the training that was interrupted.
    """

    files_asked, folder_asked = pyqtSignal(), pyqtSignal()
    heard = pyqtSignal(object)
    started = pyqtSignal(str, float, str)
    resumed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loops: list[LoopFile] = []
        self._lack = self._nothing = ""
        self.list, self.grid = FileList(), GridView()
        self.bars = DecimalField()
        self.bars.setRange(0.25, MAX_BEATS / 4)
        self.bars.setDecimals(2)
        self.bars.setFixedWidth(64)
        self.bars.setButtonSymbols(DecimalField.ButtonSymbols.NoButtons)
        self.bars.setAccessibleName(self.tr("Bars"))
        self.half, self.double = Button(self.tr("Half tempo")), Button(self.tr("Double tempo"))
        self.earlier = Button(icon="left", tip=self.tr("Downbeat a sixteenth earlier"))
        self.later = Button(icon="right", tip=self.tr("Downbeat a sixteenth later"))
        self.hear = Button(icon="cue", tip=self.tr("Hear it as it will be learnt"), checkable=True)
        self.remove = Button(icon="remove", tip=self.tr("Leave this loop out (Delete)"))
        self.add = Button(self.tr("Add loops …"), icon="add")
        self.add_folder = Button(icon="folders", tip=self.tr("Add the loops of a folder"))
        self.name, self.licence, self.minutes = QLineEdit(), QLineEdit(), Choice()
        self.name.setPlaceholderText(self.tr("My loops"))
        self.licence.setPlaceholderText(self.tr("of the loops, if you will share it"))
        for m in MINUTES:
            text = self.tr("{n} minutes") if m < 60 else self.tr("{n} h")
            self.minutes.addItem(text.format(n=m if m < 60 else m // 60), m)
        self.minutes.setCurrentIndex(MINUTES.index(USUAL_MINUTES))
        self.count, self.warning = QLabel(), QLabel()
        self.count.setProperty("role", "muted")
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.warning.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.interrupted, self.resume = QLabel(), Button(self.tr("Go on"))
        self.interrupted.setTextFormat(Qt.TextFormat.PlainText)
        self.start = Button(self.tr("Learn"))
        self.start.setProperty("role", "primary")
        self._arrange()
        self._connect()
        self.show_unfinished(None)
        self._refresh()

    @property
    def usable(self) -> list[LoopFile]:
        """The loops that can be learnt from."""
        return [loop for loop in self.loops if loop.error is None]

    def set_lack(self, text: str) -> None:
        """Say what this installation lacks, so that nothing can be learnt; empty where it is complete."""
        self._lack = text
        self._refresh()

    def show_unfinished(self, plan: Plan | None, *, busy: bool = False) -> None:
        """Offer to go on with a training that was interrupted; None for none.

        Args:
            busy: its process still saves it, so that it cannot go on yet.
        """
        self.interrupted.setVisible(plan is not None)
        self.resume.setVisible(plan is not None and not busy)
        if plan is not None:
            text = (self.tr("The training of {name} still runs, or is being saved …") if busy else
                    self.tr("The training of {name} was interrupted, and has been saved.") if plan.saved else
                    self.tr("The training of {name} was interrupted before anything was learnt."))
            self.interrupted.setText(text.format(name=plan.name))

    def add_loops(self, loops: list[LoopFile]) -> None:
        """Add loops; those that are there already stay as they are."""
        self._nothing = ""
        known = {loop.path for loop in self.loops}
        for loop in loops:
            if loop.path not in known:
                self.loops.append(loop)
                self.list.show_loop(len(self.loops) - 1, loop)
        if self.list.currentRow() < 0 and self.loops:
            self.list.selectRow(0)
        self._refresh()

    def show_nothing(self, text: str) -> None:
        """Say that there was nothing to add, until there is."""
        self._nothing = text
        self._refresh()

    def _arrange(self) -> None:
        hint = QLabel(self.tr("Drop your loops here: ten are enough. Check bars and downbeat, then learn."))
        hint.setProperty("role", "muted")
        head = _line(hint, None, self.count, self.add, self.add_folder)
        edit = _line(QLabel(self.tr("Bars")), self.bars, self.half, self.double, None,
                     QLabel(self.tr("Downbeat")), self.earlier, self.later, 12, self.hear, self.remove)
        facts = _line(_label(self.tr("Name"), self.name), self.name, 12,
                      _label(self.tr("Licence"), self.licence), self.licence, 12,
                      _label(self.tr("Learn for"), self.minutes), self.minutes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(_line(self.interrupted, self.resume, stretch=self.interrupted))
        column.addLayout(head)
        column.addWidget(self.list, 1)
        column.addWidget(self.grid)
        column.addLayout(edit)
        column.addSpacing(4)
        column.addLayout(facts)
        column.addLayout(_line(self.warning, self.start, stretch=self.warning))

    def _connect(self) -> None:
        self.list.itemSelectionChanged.connect(self._show_selected)
        self.list.remove_asked.connect(self._remove)
        self.grid.downbeat_asked.connect(lambda sample: self._correct(lambda f: f.with_downbeat(sample)))
        self.bars.valueChanged.connect(lambda v: self._correct(lambda f: f.with_beats(round(4 * v))))
        self.half.clicked.connect(lambda: self._correct(lambda f: f.with_beats(round(f.beats / 2))))
        self.double.clicked.connect(lambda: self._correct(lambda f: f.with_beats(2 * f.beats)))
        self.earlier.clicked.connect(lambda: self._shift(-1))
        self.later.clicked.connect(lambda: self._shift(1))
        self.remove.clicked.connect(lambda: self._remove(self.list.currentRow()))
        self.hear.clicked.connect(self._hear)
        self.add.clicked.connect(self.files_asked)
        self.add_folder.clicked.connect(self.folder_asked)
        self.start.clicked.connect(self._start)
        self.resume.clicked.connect(self.resumed)

    def _selected(self) -> LoopFile | None:
        row = self.list.currentRow()
        return self.loops[row] if 0 <= row < len(self.loops) else None

    def _correct(self, change: Callable[[LoopFile], LoopFile]) -> None:
        loop = self._selected()
        if loop is None or loop.error is not None:
            return
        row = self.list.currentRow()
        self.loops[row] = change(loop)
        self.list.show_loop(row, self.loops[row])
        self._show_selected()

    def _shift(self, sixteenths: int) -> None:
        loop = self._selected()
        if loop is not None and loop.beats:
            start = loop.start + sixteenths * loop.span / loop.beats / 4
            if loop.circular or start >= 0:
                self._correct(lambda f: f.with_downbeat(start))

    def _remove(self, row: int) -> None:
        if 0 <= row < len(self.loops):
            del self.loops[row]
            self.list.removeRow(row)
            self._show_selected()
            self._refresh()

    def _show_selected(self) -> None:
        loop = self._selected()
        usable = loop is not None and loop.error is None
        for part in (self.bars, self.half, self.double, self.earlier, self.later, self.hear):
            part.setEnabled(usable)
        self.remove.setEnabled(loop is not None)
        self.grid.set_loop(loop)
        self.bars.blockSignals(True)
        if loop is not None and usable:
            self.bars.setValue(loop.beats / 4)
        else:
            self.bars.clear()
        self.bars.blockSignals(False)
        if self.hear.isChecked():
            self.heard.emit(loop if usable else None)

    def _hear(self, on: bool) -> None:
        self.heard.emit(self._selected() if on else None)

    def _refresh(self) -> None:
        usable = len(self.usable)
        self.count.setText(self.tr("{n} of {all} loops can be used").format(n=usable, all=len(self.loops))
                           if self.loops else "")
        few = self.tr("With fewer than {n} loops there is little to play between.").format(n=FEW)
        self.warning.setText(self._lack or self._nothing or (few if 0 < usable < FEW else ""))
        self.start.setEnabled(usable > 0 and not self._lack)
        self._show_selected()

    def _start(self) -> None:
        self.hear.setChecked(False)
        self.heard.emit(None)
        name = self.name.text().strip() or self.name.placeholderText()
        self.started.emit(name, float(self.minutes.currentData()), self.licence.text())


def _label(text: str, field: QWidget) -> QLabel:
    """A label, which also names its field to who cannot see it."""
    label = QLabel(text)
    label.setBuddy(field)
    field.setAccessibleName(text)
    return label


def _line(*parts: QWidget | int | None, stretch: QWidget | None = None) -> QHBoxLayout:
    """Widgets in a line; a number is a space, None takes what is left."""
    line = QHBoxLayout()
    line.setSpacing(8)
    for part in parts:
        if part is None:
            line.addStretch(1)
        elif isinstance(part, int):
            line.addSpacing(part)
        else:
            line.addWidget(part, int(part is stretch))
    return line
