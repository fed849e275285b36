# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain with its buttons."""

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from vaesynth.session import Session

from ..buttons import Button
from .strip import ChainStrip


class ChainPage(QWidget):
    """Shows a session's chain, and asks for changes by its buttons, its strip and these.

    Signals:
        replaced: this bar is to be the puck's place.
    """

    replaced = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = ChainStrip()
        self.play = Button(self.tr("Play"), icon="play", tip=self.tr(
            "Play the chain, a bar each (C); moving the puck leaves it"), checkable=True)
        self.play.setFixedWidth(76)
        self.snapshots = Button(self.tr("From snapshots"), tip=self.tr("Make the chain of the snapshots"))
        self.clear = Button(self.tr("Clear"), tip=self.tr("Take all bars out"))
        self.hint = QLabel()
        self.hint.setProperty("role", "caption")
        self.strip.menu_asked.connect(self._popup)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.play)
        row.addWidget(self.hint, 1, Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.snapshots)
        row.addWidget(self.clear)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.strip, 1)

    def show_session(self, session: Session) -> None:
        """Show what is set."""
        bars = len(session.chain)
        self.strip.set_places(session.chain)
        self.play.setChecked(session.chaining)
        self.play.setText(self.tr("Stop") if session.chaining else self.tr("Play"))
        self.play.show_icon("stop" if session.chaining else "play", 13)
        self.play.setEnabled(bars > 0)
        self.snapshots.setEnabled(bool(session.snapshots))
        self.clear.setEnabled(bars > 0)
        texts = {0: self.tr("Add places with +"), 1: self.tr("1 bar")}
        self.hint.setText(texts.get(bars) or self.tr("{n} bars").format(n=bars))

    def _popup(self, bar: int, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Go to this place"), lambda: self.strip.asked.emit(bar))
        menu.addAction(self.tr("Put the place of the puck here"), lambda: self.replaced.emit(bar))
        menu.addAction(self.tr("Take bar {n} out").format(n=bar + 1), lambda: self.strip.removed.emit(bar))
        menu.popup(where)
