"""Tells which event handler kept Qt's thread asleep: a blocking call, not honest work."""

import threading
import time
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication

SCHEDSTAT = Path("/proc/thread-self/schedstat")


def _waited_for_processor() -> float:
    """Seconds this thread was ready to run but not let, where the system tells (Linux)."""
    try:
        return int(SCHEDSTAT.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class WatchedApplication(QApplication):
    """While `watching`, notes for each event how long its handlers slept: time that passed, less time on the
    processor, less time waiting for it."""

    watching = False
    slept: list[tuple[float, str]]
    _depth = 0

    def notify(self, receiver: QObject | None, event: QEvent | None) -> bool:
        if not self.watching or self._depth or threading.current_thread() is not threading.main_thread():
            return super().notify(receiver, event)
        self._depth += 1
        kind = event.type().name if event is not None else ""
        name = type(receiver).__name__
        wall, worked, waited = time.perf_counter(), time.thread_time(), _waited_for_processor()
        try:
            return super().notify(receiver, event)
        finally:
            self._depth -= 1
            wall, worked = time.perf_counter() - wall, time.thread_time() - worked
            self.slept.append((wall - worked - (_waited_for_processor() - waited), f"{name} {kind}"))

    def watch(self) -> None:
        """Start to note."""
        self.slept = []
        self.watching = True

    def longest(self) -> tuple[float, str]:
        """Stop, and tell the longest sleep in seconds and whose it was."""
        self.watching = False
        return max(self.slept, default=(0.0, ""))
