"""What movements of the pad that run by themselves are made of: morphs to a place, and recorded paths."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .state import MAX_PATH_POINTS, Snapshot

PathPoints = tuple[tuple[float, float, float], ...]
"""(beat, x, y), from beat 0 on."""


def ease(t: float) -> float:
    """Smoothstep: starts and ends gently."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def blend(a: Snapshot, b: Snapshot, t: float, defaults: Mapping[str, float]) -> Snapshot:
    """The place a share `t` of the way from `a` to `b`, themselves at 0 and 1.

    Macros that one lacks are at their default. A group that only one of them holds comes from, or goes to,
    the pad position of the other, so that nothing jumps; those of `b` are named last.
    """
    if t <= 0 or t >= 1:
        return a if t <= 0 else b
    holds = {group: _between(a.holds.get(group, a), b.holds.get(group, b), t, defaults)
             for group in (*(g for g in a.holds if g not in b.holds), *b.holds)}
    return replace(_between(a, b, t, defaults), holds=holds)


def _between(a: Snapshot, b: Snapshot, t: float, defaults: Mapping[str, float]) -> Snapshot:
    """Position and macros on the way from `a` to `b`."""
    names = a.macros.keys() | b.macros.keys()
    ends = {n: (a.macros.get(n, defaults.get(n, 0.0)), b.macros.get(n, defaults.get(n, 0.0))) for n in names}
    macros = {n: u + t * (v - u) for n, (u, v) in ends.items()}
    return Snapshot(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y), macros)


def position_at(path: PathPoints, beats: float, beat: float) -> tuple[float, float]:
    """Place on a path that repeats every `beats`, linear between its points, held after the last one."""
    at = beat % beats if beats > 0 else 0.0
    i = bisect_right(path, at, key=lambda p: p[0])
    if i == 0:
        return path[0][1], path[0][2]
    if i == len(path):
        return path[-1][1], path[-1][2]
    (t0, x0, y0), (t1, x1, y1) = path[i - 1], path[i]
    share = (at - t0) / (t1 - t0) if t1 > t0 else 1.0
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


@dataclass
class Morph:
    """A movement from one place to another within `beats`, of which `gone` have passed."""

    start: Snapshot
    target: Snapshot
    beats: float
    gone: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether it has arrived."""
        return self.gone >= self.beats

    def place(self, defaults: Mapping[str, float]) -> Snapshot:
        """Where it is now; macros that one end lacks are at their default there."""
        return blend(self.start, self.target, ease(self.gone / self.beats), defaults)


class PathRecording:
    """A path on its way to be recorded."""

    def __init__(self) -> None:
        self._points: list[tuple[float, float, float]] = []
        self._beat = 0.0

    def note(self, beats: float, x: float, y: float) -> None:
        """The pad is at (x, y) after so many more beats; beyond the most points the rest is passed over."""
        self._beat += beats
        if len(self._points) < MAX_PATH_POINTS:
            self._points.append((self._beat, x, y))

    def path(self) -> tuple[PathPoints, float] | None:
        """What was recorded, and its length in whole beats; None where the pad did not move."""
        length = max(1.0, float(round(self._beat)))
        points = tuple(p for p in self._points if p[0] < length)
        return (points, length) if len({(x, y) for _, x, y in points}) > 1 else None
