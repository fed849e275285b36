# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo over states that never change."""

from typing import Generic, TypeVar

State = TypeVar("State")
LIMIT = 500


class History(Generic[State]):
    """Remembers the states to go back and forth to.

    Steps of one gesture (a drag, a run of arrow keys) are one entry: they share a key until `close` ends it.
    """

    def __init__(self) -> None:
        self._back: list[State] = []
        self._forth: list[State] = []
        self._open: str | None = None

    @property
    def can_undo(self) -> bool:
        """Whether there is a state to go back to."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """Whether there is a state to go forth to."""
        return bool(self._forth)

    def record(self, before: State, gesture: str | None = None) -> None:
        """Note that `before` is about to change, as a step of `gesture` or on its own."""
        if gesture is None or gesture != self._open:
            self._back.append(before)
            del self._back[:-LIMIT]
        self._forth.clear()
        self._open = gesture

    def close(self) -> None:
        """End the gesture: the next step is an entry of its own."""
        self._open = None

    def undo(self, now: State) -> State | None:
        """The state before the last entry, or None."""
        return self._step(now, self._back, self._forth)

    def redo(self, now: State) -> State | None:
        """The state after the entry undone last, or None."""
        return self._step(now, self._forth, self._back)

    def clear(self) -> None:
        """Forget everything."""
        self._back.clear()
        self._forth.clear()
        self._open = None

    def _step(self, now: State, source: list[State], target: list[State]) -> State | None:
        self._open = None
        if not source:
            return None
        target.append(now)
        return source.pop()
