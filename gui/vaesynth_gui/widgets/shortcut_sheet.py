# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key and gesture on one sheet."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from .buttons import Button

MARGIN = 28
FRAME = 60
"""Pixels of the screen that are left to its title bar, and to whatever else lies at its edges."""


class ShortcutSheet(QDialog):
    """Closes by Escape, or by the key that opened it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and gestures"))
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 20, MARGIN, 16)
        column.setSpacing(14)
        heading = QLabel(self.tr("Keys and gestures"))
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        page = self._page()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        column.addWidget(area, 1)
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(close)
        column.addLayout(line)
        # All of it at once where the screen is high enough; else it scrolls.
        rest = 20 + 16 + 2 * 14 + heading.sizeHint().height() + close.sizeHint().height()
        wanted = page.sizeHint() + QSize(2 * MARGIN + 12, rest)
        screen = self.screen()
        room = screen.availableSize().height() - FRAME if screen is not None else wanted.height()
        self.resize(wanted.width(), min(wanted.height(), room))

    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Groups of (keys, what they do)."""
        return [
            (self.tr("Play"), [
                ("Space", self.tr("Play or stop")),
                ("T", self.tr("Tap the tempo")),
                ("[  ]", self.tr("Nudge back or ahead in time")),
                ("K", self.tr("A click on every beat")),
                ("↑ ↓ ← →", self.tr("Nudge the puck")),
                ("Shift + ↑ ↓ ← →", self.tr("Nudge finely")),
                ("Alt + ↑ ↓ ← →", self.tr("Nudge the ring of kit or groove")),
                ("R", self.tr("Jump anywhere")),
                ("M", self.tr("Mutate: a small step aside")),
                ("F", self.tr("Freeze while held")),
                ("A  B", self.tr("Go to A or B")),
                (",  .", self.tr("Step towards A or B"))]),
            (self.tr("Remember"), [
                ("1 – 9", self.tr("Go to a snapshot")),
                ("Shift + 1 – 9", self.tr("Store a snapshot")),
                ("Shift + A, B", self.tr("Store A or B")),
                ("C", self.tr("Play the chain, a bar each")),
                ("Shift + C", self.tr("Add the puck's place to the chain")),
                ("P", self.tr("Record a path, then loop it")),
                ("Shift + P", self.tr("Play the path or let it rest")),
                ("Ctrl + Z", self.tr("Undo")),
                ("Ctrl + Shift + Z", self.tr("Redo"))]),
            (self.tr("Files"), [
                ("Ctrl + O", self.tr("Open a model, loop, photo or session")),
                ("Ctrl + S", self.tr("Save the session")),
                ("Ctrl + T", self.tr("Train on my loops")),
                ("Ctrl + E", self.tr("Export the loop as WAV")),
                ("Ctrl + R", self.tr("Record the sound, or end it")),
                ("Ctrl + C", self.tr("Copy the position")),
                ("Ctrl + ,", self.tr("Preferences")),
                ("Ctrl + Q", self.tr("Quit")),
                (self.tr("Drop a model"), self.tr("Open it without stopping the sound")),
                (self.tr("Drop a loop"), self.tr("Find its place on the pad")),
                (self.tr("Drag the waveform"), self.tr("Take the loop out as WAV"))]),
            (self.tr("View"), [
                (self.tr("Wheel, pinch, + − 0"), self.tr("Zoom the pad")),
                (self.tr("Middle button"), self.tr("Move the zoomed pad")),
                (self.tr("Shift + drag"), self.tr("Fine movement")),
                (self.tr("Rest on a point"), self.tr("Hear it aside")),
                (self.tr("Click a slice"), self.tr("Mute it")),
                (self.tr("Double click"), self.tr("Slider to its default")),
                (self.tr("Right click"), self.tr("MIDI learn on any control, and menus")),
                ("S", self.tr("Spectrogram or waveform")),
                ("F11", self.tr("Full screen")),
                ("Tab", self.tr("From control to control; Return presses, the arrows set")),
                ("Esc", self.tr("Back to the pad; closes messages, puts the clip light out")),
                ("F1  ?", self.tr("This sheet"))]),
        ]

    def _page(self) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(18)
        made = [self._group(title, entries) for title, entries in self.groups()]
        for i, group in enumerate(made):
            grid.addLayout(group, i // 2, i % 2, Qt.AlignmentFlag.AlignTop)
        for below in (made[::2], made[1::2]):  # what keys do begins at one line all the way down
            keys = max(map(_key_width, below))
            for group in below:
                group.setColumnMinimumWidth(0, keys)
        return page

    @staticmethod
    def _group(title: str, entries: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        head = QLabel(title)
        head.setProperty("role", "title")
        grid.addWidget(head, 0, 0, 1, 2)
        for row, (keys, what) in enumerate(entries, 1):
            key = QLabel(keys)
            key.setProperty("role", "key")
            grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(what), row, 1)
        grid.setColumnStretch(1, 1)
        return grid


def _key_width(group: QGridLayout) -> int:
    """Of the widest key of a group."""
    items = (group.itemAtPosition(row, 0) for row in range(1, group.rowCount()))
    return max(item.sizeHint().width() for item in items if item is not None)
