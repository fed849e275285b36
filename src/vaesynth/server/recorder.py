"""Records what the server plays, and the take behind it, in a thread beside the callback."""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..take import JournalPlayer, TakeWriter, Tape
from ..wav_stream import WavStream, to_flac
from .control import Control
from .records import BROKEN, FINISHING, IDLE, RECORDING, RecordOrders, RecordReport

ROUND_SECONDS = 0.05
FLUSH_SECONDS = 0.5
END_SECONDS = 0.1
"""After this time no callback still holds a tape that has been taken out."""
NICENESS = 10
MOST_PARTS = 1000


class Recorder:
    """Does what the control block's `record` asks for; whatever goes wrong with a file, the sound goes on.

    Beside `NAME.wav` lies its take, `NAME.take`. A recording that a server left behind when it died goes on
    in files of its own, `NAME-2.wav` and so on. FLAC is made from the WAV when the recording ends.

    Args:
        control: the shared control block.
        player: what is recorded.
    """

    def __init__(self, control: Control, player: JournalPlayer) -> None:
        self._control, self._player = control, player
        self._report = RecordReport()
        self._open: _Files | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vaesynth-recorder", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, with what is being recorded written to its end."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        _step_back()
        while not self._closing.wait(ROUND_SECONDS):
            newest = self._control.record.read()
            if newest and newest[1].number != self._report.seen:
                self._obey(newest[1])
            self._go_on()
        self._end()

    def _obey(self, orders: RecordOrders) -> None:
        self._end()
        path = Path(os.fsdecode(orders.path.rstrip(b"\0")))
        self._tell(seen=orders.number)
        if path.name:
            self._tell(state=IDLE, frames=0, lost=0, message=b"", path=b"")
            try:
                self._open = _Files(path, self._player.sample_rate)
            except OSError as e:
                self._fail(e)
                return
            self._tell(state=RECORDING, path=os.fsencode(self._open.path))
            self._player.tape = self._open.tape

    def _go_on(self) -> None:
        if self._open is not None:
            try:
                self._open.go_on()
            except OSError as e:
                self._player.tape = None
                self._open.close()
                self._open = None
                self._fail(e)
            else:
                self._tell(frames=self._open.frames, lost=self._open.lost)

    def _end(self) -> None:
        if self._open is None:
            return
        self._player.tape = None
        time.sleep(END_SECONDS)
        self._go_on()
        files, self._open = self._open, None
        if files is None:
            return
        self._tell(state=FINISHING)
        try:
            files.finish()
        except Exception as e:
            self._fail(e)
        else:
            self._tell(state=IDLE, path=os.fsencode(files.path))

    def _fail(self, error: Exception) -> None:
        reason = getattr(error, "strerror", None) or str(error)
        self._tell(state=BROKEN, message=f"recording stopped ({reason})".encode()[:500])

    def _tell(self, **changes: Any) -> None:
        self._report = self._report._replace(**changes)
        self._control.record_report.write(self._report)


class _Files:
    """A recording on disk.

    Raises:
        OSError: the files cannot be made.
    """

    def __init__(self, path: Path, rate: int) -> None:
        self.tape = Tape(rate)
        self.lost = 0
        self._flushed = 0.0
        for part in range(1, MOST_PARTS):
            stem = path.stem if part == 1 else f"{path.stem}-{part}"
            self.path = path.with_name(stem + path.suffix)
            self._wav = self.path.with_suffix(".wav")
            if not (self.path.exists() or self._wav.exists() or self.path.with_suffix(".take").exists()):
                break
        self._sound = WavStream(self._wav, rate)
        try:
            self._take = TakeWriter(self.path.with_suffix(".take"))
        except OSError:
            self._sound.close()
            self._wav.unlink()
            raise

    @property
    def frames(self) -> int:
        """How many were written."""
        return self._sound.frames

    def go_on(self) -> None:
        """Write what is on the tape."""
        audio, lost = self.tape.take()
        if lost:  # the time stays right
            self.lost += lost
            self._sound.write(np.zeros((lost, 2), np.float32))
        self._sound.write(audio)
        now = time.monotonic()
        if now > self._flushed + FLUSH_SECONDS:
            self._flushed = now
            self._sound.flush()
            self._take.write(self.tape)

    def finish(self) -> None:
        """Complete the files.

        Raises:
            OSError: the disk is full, or gone; what was written stays.
        """
        try:
            self._take.write(self.tape)
        finally:
            self.close()
        if self.path != self._wav:
            to_flac(self._wav, self.path)

    def close(self) -> None:
        """Leave the files as whole as can be."""
        with contextlib.suppress(OSError):
            self._take.close()
        with contextlib.suppress(OSError):
            self._sound.close()


def _step_back() -> None:
    """The thread stands back behind the callback, where niceness is a thread's own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
