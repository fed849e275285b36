# SPDX-License-Identifier: GPL-3.0-or-later
"""The puck's recent way over the pad."""

from collections import deque
from collections.abc import Iterator

SECONDS = 0.9
INTERVAL = 0.02
"""A mouse may report a thousand times a second; so many points only cost time."""


class Trail:
    """Positions of the last moments with their age."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float, float]] = deque()

    def add(self, x: float, y: float, now: float) -> None:
        """Note the puck at (x, y) at `now` (seconds), and drop what is older than `SECONDS`."""
        self.fade(now)
        if len(self._points) > 1 and self._points[-1][2] - self._points[-2][2] < INTERVAL:
            self._points.pop()
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

    def bounds(self) -> tuple[float, float, float, float] | None:
        """Least and greatest x, least and greatest y; None without a point."""
        if not self._points:
            return None
        xs, ys, _ = zip(*self._points, strict=True)
        return min(xs), max(xs), min(ys), max(ys)

    def points(self, now: float) -> Iterator[tuple[float, float, float]]:
        """(x, y, freshness): freshness falls from 1 to 0 over `SECONDS`."""
        for x, y, then in self._points:
            yield x, y, max(0.0, 1 - (now - then) / SECONDS)
