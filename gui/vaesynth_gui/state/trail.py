# SPDX-License-Identifier: GPL-3.0-or-later
"""The puck's recent way over the pad."""

from collections import deque
from collections.abc import Iterator

SECONDS = 0.9
MAX_POINTS = 240


class Trail:
    """Positions of the last moments with their age."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float, float]] = deque(maxlen=MAX_POINTS)

    def add(self, x: float, y: float, now: float) -> None:
        """Note the puck at (x, y) at `now` (seconds)."""
        self._points.append((x, y, now))

    def clear(self) -> None:
        """Forget the way."""
        self._points.clear()

    def fade(self, now: float) -> None:
        """Drop what is older than `SECONDS`."""
        while self._points and now - self._points[0][2] > SECONDS:
            self._points.popleft()

    def __len__(self) -> int:
        return len(self._points)

    def points(self, now: float) -> Iterator[tuple[float, float, float]]:
        """(x, y, freshness): freshness falls from 1 to 0 over `SECONDS`."""
        for x, y, then in self._points:
            yield x, y, max(0.0, 1 - (now - then) / SECONDS)
