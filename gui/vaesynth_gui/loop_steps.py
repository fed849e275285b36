# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a loop belongs to which step of its 16th grid: what a mute of that step silences."""

from bisect import bisect_right

from vaesynth.loop import Loop
from vaesynth.slicing import find_slices


class Steps:
    """The slices of a loop, those on the same step taken together.

    Args:
        loop: as it sounds.
    """

    def __init__(self, loop: Loop) -> None:
        self.count = 4 * loop.beats
        frames = loop.frames
        parts: list[tuple[float, int]] = []
        for start in find_slices(loop).starts:
            step = round(start * self.count / frames) % self.count
            if not parts or parts[-1][1] != step:
                parts.append((start / frames, step))
        if len(parts) > 1 and parts[0][1] == parts[-1][1]:
            parts[0] = parts.pop()[0] - 1.0, parts[0][1]
        self._starts = [start for start, _ in parts]
        self._steps = [step for _, step in parts]

    def at(self, share: float) -> int:
        """The step that sounds at a place, 0 the loop's begin and 1 its end."""
        return self._steps[bisect_right(self._starts, share) - 1]

    def spans(self, step: int) -> list[tuple[float, float]]:
        """Where a step lies, as (begin, end) within 0 to 1; two parts where it runs over the loop's end."""
        found: list[tuple[float, float]] = []
        for i, at in enumerate(self._steps):
            if at == step:
                end = self._starts[i + 1] if i + 1 < len(self._starts) else self._starts[0] + 1.0
                found += _within(self._starts[i], end)
        return found


def _within(begin: float, end: float) -> list[tuple[float, float]]:
    if begin < 0:
        return [(begin + 1.0, 1.0), (0.0, end)]
    if end > 1:
        return [(begin, 1.0), (0.0, end - 1.0)]
    return [(begin, end)]
