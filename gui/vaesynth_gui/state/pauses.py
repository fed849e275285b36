# SPDX-License-Identifier: GPL-3.0-or-later
"""Gestures of which nobody tells the end: a pause tells it."""

from functools import partial

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

PAUSE_MS = 600


class Pauses(QObject):
    """Waits for the pauses of gestures, of each by itself.

    Signals:
        over: this gesture has paused.
    """

    over = pyqtSignal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._timers: dict[str, QTimer] = {}

    def note(self, gesture: str, milliseconds: int | None) -> None:
        """A step of a gesture that is over when no other follows for so long; None: others tell the end."""
        if milliseconds is None:
            self.forget(gesture)
            return
        timer = self._timers.get(gesture)
        if timer is None:
            timer = self._timers[gesture] = QTimer(self)
            timer.setSingleShot(True)
            timer.timeout.connect(partial(self.over.emit, gesture))
        timer.start(milliseconds)

    def forget(self, *gestures: str) -> None:
        """Wait for these no longer, or without any for none."""
        for gesture in gestures or self._timers:
            if gesture in self._timers:
                self._timers[gesture].stop()
