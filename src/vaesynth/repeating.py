"""A thread that does something again and again until it is closed."""

import threading
from collections.abc import Callable

CLOSE_SECONDS = 2.0


class Repeating:
    """Calls `work` in a thread of its own; the first call comes at once.

    Args:
        name: of the thread.
        work: does one round, and returns the seconds to wait until the next one.
    """

    def __init__(self, name: str, work: Callable[[], float]) -> None:
        self._work = work
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """End after the round at hand, and wait for that up to `seconds`."""
        self._end.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._end.is_set():
            self._end.wait(self._work())
