"""The desk's hold on the recording, which the server makes."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ..errors import OutputError, SettingError
from ..server.control import Control
from ..server.records import BROKEN, FINISHING, IDLE, RECORDING, RecordOrders, RecordReport
from ..wav import FORMATS

LONGEST_PATH = 1000
FINISH_SECONDS = 60.0
"""FLAC is made of ten hours in this time or so; the WAV is there in any case."""

DEAD_SECONDS = 2.0
"""A server that has been silent for so long completes nothing any more."""


@dataclass(frozen=True)
class RecordingStatus:
    """How a recording goes.

    Attributes:
        recording: it runs, or is about to.
        finishing: it has ended and is being turned into FLAC.
        path: of the sound; the take lies beside it as NAME.take.
        seconds: recorded so far.
        lost: seconds for which the disk was too slow; they are silent in the file.
        fault: why it ended by itself, else None.
    """

    recording: bool
    finishing: bool
    path: Path | None
    seconds: float
    lost: float
    fault: str | None


class Recording:
    """Starts and ends the recording of all that is played, and of the take behind it.

    Args:
        control: the server's control block.
    """

    def __init__(self, control: Control) -> None:
        self._control = control

    def start(self, path: Path) -> None:
        """Record into a new file, .wav (32-bit floating point) or .flac (24 bits); one that runs ends first.

        The metronome is not recorded. Returns at once; `status` tells how it goes.

        Raises:
            SettingError: another ending.
            OutputError: the file, or its take, exists already, or there is no such folder.
        """
        path = Path(path).absolute()
        if path.suffix.lower() not in FORMATS or len(os.fsencode(path)) > LONGEST_PATH:
            raise SettingError(f"{path} ends with {path.suffix or 'nothing'}, expected .wav or .flac")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise OutputError(f"{path} cannot be written, expected a writable folder")
        for file in {path, path.with_suffix(".wav"), path.with_suffix(".take")}:
            if file.exists():
                raise OutputError(f"{file} exists already, expected a new file")
        self._order(os.fsencode(path))

    def stop(self) -> None:
        """End the recording; nothing where none runs."""
        if self._path:
            self._order(b"")

    def finish(self, seconds: float = FINISH_SECONDS) -> None:
        """End the recording and wait until its files are complete, at most for a time."""
        self.stop()
        deadline = time.monotonic() + seconds
        while not self.idle and time.monotonic() < deadline:
            health = self._control.health.read()
            if health is None or time.monotonic() - health[1].beat > DEAD_SECONDS:
                return
            time.sleep(0.02)

    def status(self) -> RecordingStatus:
        """How it goes."""
        orders, newest = self._control.record.read(), self._control.record_report.read()
        report = newest[1] if newest else RecordReport()
        seen = orders is None or report.seen == orders[1].number
        health = self._control.health.read()
        rate = (health[1].sample_rate if health else 0) or 48_000
        path = os.fsdecode(report.path.rstrip(b"\0"))
        broken = report.state == BROKEN and seen
        return RecordingStatus(
            recording=bool(self._path) and not broken,
            finishing=report.state == FINISHING or (report.state == RECORDING and not self._path),
            path=Path(path) if path else None,
            seconds=report.frames / rate,
            lost=report.lost / rate,
            fault=report.message.rstrip(b"\0").decode(errors="replace") if broken else None)

    @property
    def idle(self) -> bool:
        """Nothing is being written, nor about to be."""
        orders, report = self._control.record.read(), self._control.record_report.read()
        if orders is None:
            return True
        return (not self._path and report is not None and report[1].seen == orders[1].number
                and report[1].state in (IDLE, BROKEN))

    @property
    def _path(self) -> bytes:
        """What is to be recorded."""
        newest = self._control.record.read()
        return newest[1].path.rstrip(b"\0") if newest else b""

    def _order(self, path: bytes) -> None:
        newest = self._control.record.read()
        number = newest[1].number if newest else 0
        self._control.record.write(RecordOrders(number + 1, path))
