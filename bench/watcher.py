"""What the rounds of `faults.py` look at: the server's report, and whether the sound comes back."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from vaesynth.server.control import Control

PATIENCE = 60.0
AUDIBLE = 0.02


class Watcher:
    """Looks at a server's report all the time.

    Attributes:
        gap: the longest time in seconds between two buffers that were heard, since `reset`.
    """

    def __init__(self, control: Path) -> None:
        self._control = Control(control)
        self._end = threading.Event()
        self.reset()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """Begin anew."""
        newest = self._control.report.read()
        self.gap, self._heard = 0.0, time.monotonic()
        self._calls = newest[1].callbacks if newest else -1

    def _run(self) -> None:
        while not self._end.wait(0.004):
            newest = self._control.report.read()
            if newest and newest[1].callbacks != self._calls and newest[1].left > AUDIBLE:
                self._calls = newest[1].callbacks
                # What was heard is dated by the callback, not by who looks, who may be late himself.
                self.gap = max(self.gap, newest[1].stamp - self._heard)
                self._heard = newest[1].stamp

    def close(self) -> None:
        """End."""
        self._end.set()
        self._thread.join()


def until(condition: Callable[[], object]) -> None:
    """Wait, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the sound did not come back")
        time.sleep(0.005)
