# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording what is heard, with one key."""

from pathlib import Path

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from vaesynth.errors import VaesynthError
from vaesynth.recordings import new_file, recordings_folder

from .bridge import EngineBridge

LOOK_MS = 250


class Taping(QObject):
    """Starts and ends recordings, each in a new file in the folder for music, and tells how they go.

    Signals:
        runs: how a recording goes, in a few words; empty when it is over.
        noted: a few words on what has happened.
        failed: one sentence on what did not work.
    """

    runs = pyqtSignal(str)
    noted = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, bridge: EngineBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._path: Path | None = None
        self._seconds = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        bridge.opened.connect(self._go_on)

    @property
    def running(self) -> bool:
        """Whether a recording runs."""
        return self._timer.isActive()

    @property
    def last(self) -> Path | None:
        """The newest recording that has ended, None where there is none."""
        return self._path if self._path is not None and not self.running and self._path.is_file() else None

    def toggle(self) -> None:
        """Begin to record, or end it."""
        recording = self._bridge.recording
        if recording is None:
            self.noted.emit(self.tr("There is no sound to record yet"))
        elif self.running:
            recording.stop()
            self._look()
        else:
            try:
                path = new_file(recordings_folder())
                recording.start(path)
            except VaesynthError as e:
                self.failed.emit(str(e))
                return
            self._path, self._seconds = path, 0.0
            self._timer.start(LOOK_MS)
            self._look()

    def set_running(self, on: bool) -> None:
        """Record, or end it."""
        if on != self.running:
            self.toggle()

    def _go_on(self) -> None:
        """A window that died may have left a recording, which the server goes on with."""
        recording = self._bridge.recording
        if not self.running and recording is not None and recording.status().recording:
            self._timer.start(LOOK_MS)
            self._look()

    def _look(self) -> None:
        recording = self._bridge.recording
        status = recording.status() if recording is not None else None
        if status is not None and status.recording:
            self._seconds = status.seconds
            self._path = status.path or self._path
            self.runs.emit(self.tr("● Recording {time} · Ctrl+R ends it").format(time=_time(self._seconds)))
            return
        self._timer.stop()
        self.runs.emit("")
        if status is not None and status.fault:
            text = self.tr("The {fault}; the sound goes on. What was recorded is in {file}.")
            self.failed.emit(text.format(fault=status.fault, file=self._path))
        else:
            text = self.tr("Recorded {time} into {file}")
            self.noted.emit(text.format(time=_time(self._seconds), file=self._path))


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
