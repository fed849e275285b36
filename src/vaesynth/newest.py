"""A thread that works on the newest of what it is asked for: what overtakes a request replaces it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Request = TypeVar("Request")

CLOSE_SECONDS = 2.0


class NewestWorker(Generic[Request]):
    """Calls `work` with the newest request, in a thread of its own; there is never a backlog.

    Args:
        name: of the thread.
        work: does the job and raises nothing.
        begin: called in the thread before all else.
    """

    def __init__(self, name: str, work: Callable[[Request], None],
                 begin: Callable[[], None] = lambda: None) -> None:
        self._begin, self._work = begin, work
        self._changed = threading.Condition()
        self._request: Request | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self, request: Request) -> None:
        """Let `request` take the place of one that still waits; returns at once."""
        with self._changed:
            self._request = request
            self._changed.notify()

    @property
    def overtaken(self) -> bool:
        """Whether what is being worked on is no longer wanted: something newer waits, or the end has come."""
        return self._closed or self._request is not None

    def rests(self, seconds: float) -> bool:
        """Wait in `work` for something newer, up to `seconds`; whether nothing came."""
        with self._changed:
            return not self._changed.wait_for(lambda: self.overtaken, seconds)

    def close(self) -> None:
        """End the thread after the job at hand; what still waits is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        self._begin()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self.overtaken)
                request, self._request = self._request, None
                if self._closed or request is None:
                    return
            self._work(request)
