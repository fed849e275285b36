# SPDX-License-Identifier: GPL-3.0-or-later
"""What has been learnt by now, to listen to beside what it was learnt from."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from ...learn.progress import Example
from ..buttons import Button
from ..name_label import NameLabel

MOST = 4


class Examples(QWidget):
    """One row a loop, with the original and what the model makes of it.

    Signals:
        heard: the file to be played, None to be silent.
    """

    heard = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self._shown: tuple[Path, ...] = ()
        self.buttons: list[Button] = []
        self._wait = QLabel(self.tr("The first examples come after a minute or so."))
        self._wait.setProperty("role", "muted")
        self._wait.setWordWrap(True)
        self._grid.addWidget(self._wait, 0, 0, 1, 3)

    def show_examples(self, examples: Sequence[Example]) -> None:
        """Show what there is to hear; what plays goes on."""
        examples = examples[:MOST]
        files = tuple(e.learnt for e in examples)
        if files == self._shown or not files:
            return
        self._shown = files
        self._wait.hide()
        for old in self._rows():
            self._grid.removeWidget(old)
            old.deleteLater()
        self.buttons = []
        for row, example in enumerate(examples):
            self._grid.addWidget(NameLabel(example.name), row, 0)
            for column, text, file in ((1, self.tr("Loop"), example.original),
                                       (2, self.tr("Learnt"), example.learnt)):
                button = Button(text, icon="cue", checkable=True)
                button.clicked.connect(lambda on, b=button, f=file: self._hear(b, f if on else None))
                self.buttons.append(button)
                self._grid.addWidget(button, row, column)

    def silence(self) -> None:
        """Nothing plays any more."""
        for button in self.buttons:
            button.setChecked(False)

    def _hear(self, button: Button, file: Path | None) -> None:
        for other in self.buttons:
            if other is not button:
                other.setChecked(False)
        self.heard.emit(file)

    def _rows(self) -> list[QWidget]:
        found = (self._grid.itemAt(i) for i in range(self._grid.count()))
        widgets = [item.widget() for item in found if item is not None]
        return [w for w in widgets if w is not None and w is not self._wait]
