# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo: what each gesture has changed, and nothing else, is set back."""

from collections.abc import Mapping
from typing import Any, Final

Parts = Mapping[Any, Any]
"""A state as its parts, by name."""
LIMIT = 500
ABSENT: Final = object()
"""Stands for a part that is not there."""


class History:
    """Remembers for each entry the parts that it changed, as they were before.

    Steps of one gesture (a drag, a run of arrow keys) are one entry until `close` ends it; several gestures
    may be on their way at once. Parts that an entry did not change stay, whatever has moved them since.
    """

    def __init__(self) -> None:
        self._back: list[dict[Any, Any]] = []
        self._forth: list[dict[Any, Any]] = []
        self._open: dict[str, dict[Any, Any]] = {}

    @property
    def can_undo(self) -> bool:
        """Whether there is something to go back to."""
        return bool(self._back)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to go forth to."""
        return bool(self._forth)

    def record(self, before: Parts, after: Parts, gesture: str | None = None) -> None:
        """Note that `before` becomes `after`, by a step of `gesture` or on its own."""
        pairs = ((name, before.get(name, ABSENT), after.get(name, ABSENT)) for name in {**before, **after})
        # A part that is the same object, such as a long path while the puck moves, is not looked into.
        changed = {name: was for name, was, now in pairs if was is not now and was != now}
        if not changed:
            return
        self._forth.clear()
        entry = self._open.get(gesture) if gesture is not None else None
        if entry is None:
            entry = {}
            self._back.append(entry)
            if gesture is not None:
                self._open[gesture] = entry
            if len(self._back) > LIMIT:
                dropped = self._back.pop(0)
                self._open = {name: e for name, e in self._open.items() if e is not dropped}
        entry.update({name: value for name, value in changed.items() if name not in entry})

    def close(self, gesture: str | None = None) -> None:
        """End a gesture, or all: its next step is an entry of its own."""
        if gesture is None:
            self._open.clear()
        else:
            self._open.pop(gesture, None)

    def undo(self, now: Parts) -> Parts | None:
        """What the last entry changed, as it was before; `ABSENT` is to be taken out. None without one."""
        return self._step(now, self._back, self._forth)

    def redo(self, now: Parts) -> Parts | None:
        """What the entry undone last had changed, as it was after; None without one."""
        return self._step(now, self._forth, self._back)

    def clear(self) -> None:
        """Forget everything."""
        self._back.clear()
        self._forth.clear()
        self._open.clear()

    def _step(self, now: Parts, source: list[dict[Any, Any]], target: list[dict[Any, Any]]) -> Parts | None:
        self._open.clear()
        if not source:
            return None
        entry = source.pop()
        target.append({name: now.get(name, ABSENT) for name in entry})
        return entry
