# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key and gesture on one sheet."""

from PyQt6.QtCore import QCoreApplication, QSize, Qt
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from .buttons import Button

MARGIN = 28
FRAME = 60
"""Pixels of the screen that are left to its title bar, and to whatever else lies at its edges."""


def shortcuts() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (keys, what they do)."""
    def tr(text: str) -> str:
        return QCoreApplication.translate("ShortcutSheet", text)
    return [
        (tr("Play"), [
            ("Space", tr("Play or stop")),
            ("T", tr("Tap the tempo")),
            ("[  ]", tr("Nudge back or ahead in time")),
            ("K", tr("A click on every beat")),
            ("↑ ↓ ← →", tr("Nudge the puck")),
            ("Shift + ↑ ↓ ← →", tr("Nudge finely")),
            ("Alt + ↑ ↓ ← →", tr("Nudge the ring of kit or groove")),
            ("R", tr("Jump anywhere")),
            ("M", tr("Mutate: a small step aside")),
            ("F", tr("Freeze while held")),
            ("A  B", tr("Go to A or B")),
            (",  .", tr("Step towards A or B"))]),
        (tr("Remember"), [
            ("1 – 9", tr("Go to a snapshot")),
            ("Shift + 1 – 9", tr("Store a snapshot")),
            ("Shift + A, B", tr("Store A or B")),
            ("C", tr("Play the chain, a bar each")),
            ("Shift + C", tr("Add the puck's place to the chain")),
            ("P", tr("Record a path, then loop it")),
            ("Shift + P", tr("Play the path or let it rest")),
            ("Ctrl + Z", tr("Undo")),
            ("Ctrl + Shift + Z", tr("Redo"))]),
        (tr("Files"), [
            ("Ctrl + O", tr("Open a model, loop, photo or session")),
            ("Ctrl + S", tr("Save the session")),
            ("Ctrl + T", tr("Train on my loops")),
            ("Ctrl + E", tr("Export the loop as WAV")),
            ("Ctrl + R", tr("Record the sound, or end it")),
            ("Ctrl + C", tr("Copy the position")),
            ("Ctrl + ,", tr("Preferences")),
            ("Ctrl + Q", tr("Quit")),
            (tr("Drop a model"), tr("Open it without stopping the sound")),
            (tr("Drop a loop"), tr("Find its place on the pad")),
            (tr("Drag the waveform"), tr("Take the loop out as WAV"))]),
        (tr("View"), [
            (tr("Wheel, pinch, + − 0"), tr("Zoom the pad")),
            (tr("Middle button"), tr("Move the zoomed pad")),
            (tr("Shift + drag"), tr("Fine movement")),
            (tr("Rest on a point"), tr("Hear it aside")),
            (tr("Click a slice"), tr("Mute it")),
            (tr("Double click"), tr("Slider to its default")),
            (tr("Right click"), tr("MIDI learn on any control, and menus")),
            ("S", tr("Spectrogram or waveform")),
            ("F11", tr("Full screen")),
            ("Tab", tr("From control to control; Return presses, the arrows set")),
            ("Esc", tr("Back to the pad; closes messages, puts the clip light out")),
            ("F1  ?", tr("This sheet"))]),
    ]


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
        page = QWidget()
        grid = QGridLayout(page)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(18)
        for i, (title, entries) in enumerate(shortcuts()):
            grid.addLayout(self._group(title, entries), i // 2, i % 2, Qt.AlignmentFlag.AlignTop)
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
