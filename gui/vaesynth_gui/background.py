# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that may take longer than a frame, done beside the window."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.errors import VaesynthError

Result = TypeVar("Result")


class Background(QObject):
    """Runs jobs one after the other in a thread and brings their results back to Qt's thread.

    Args:
        failed: told one sentence when a job raises.
    """

    _done = pyqtSignal(object, object)

    def __init__(self, failed: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failed = failed
        self._work = ThreadPoolExecutor(1, "vaesynth-background")
        self._done.connect(self._deliver)

    def run(self, job: Callable[[], Result], done: Callable[[Result], None]) -> None:
        """Do a job, then call `done` with its result on Qt's thread."""
        self._work.submit(self._run, job, done)

    def close(self) -> None:
        """Let the job that runs end, and forget the others."""
        self._work.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            result = job()
        except VaesynthError as e:
            self._tell(self._failed, str(e))
        except Exception as e:  # a fault of ours: told like any other, since nobody waits for this thread
            self._tell(self._failed, f"{type(e).__name__}: {e}")
        else:
            self._tell(done, result)

    def _tell(self, call: Callable[[Any], None], value: Any) -> None:
        with suppress(RuntimeError):  # the window is gone
            self._done.emit(call, value)

    def _deliver(self, call: Callable[[Any], None], value: Any) -> None:
        call(value)
