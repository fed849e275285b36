"""A thread that calls something again and again until it is closed."""

import contextlib
import threading
from collections.abc import Callable

WATCH_SECONDS = 0.05


class Watch:
    """Calls `look` every 50 ms.

    Args:
        look: what to do; an `OSError` (a folder that is being cleared away) is passed over.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vaesynth-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._end.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not self._end.wait(WATCH_SECONDS):
            with contextlib.suppress(OSError):
                self._look()
