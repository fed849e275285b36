# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key and gesture on one sheet."""

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .buttons import Button


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
            ("Ctrl + O", tr("Open a model")),
            ("Ctrl + T", tr("Train on my loops")),
            ("Ctrl + E", tr("Export the loop as WAV")),
            ("Ctrl + R", tr("Record the sound, or end it")),
            ("Ctrl + C", tr("Copy the position")),
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
            (tr("Right click"), tr("MIDI learn on any control, menus of pad, snapshots, chain")),
            ("S", tr("Spectrogram or waveform")),
            ("F11", tr("Full screen")),
            ("F1  ?", tr("This sheet"))]),
    ]


class ShortcutSheet(QDialog):
    """Closes by Escape, or by the key that opened it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys and gestures"))
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 20)
        column.setSpacing(18)
        heading = QLabel(self.tr("Keys and gestures"))
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(40)
        grid.setVerticalSpacing(22)
        for i, (title, entries) in enumerate(shortcuts()):
            grid.addLayout(self._group(title, entries), i // 2, i % 2, Qt.AlignmentFlag.AlignTop)
        column.addLayout(grid)
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(close)
        column.addLayout(line)

    @staticmethod
    def _group(title: str, entries: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(7)
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
