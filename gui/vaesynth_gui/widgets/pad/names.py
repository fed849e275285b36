# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the pad's points, names and snapshots lie: a name beside its point, and off all others."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF

from ... import theme
from .ink import PILL
from .marks import Mark
from .view import View

DOT = 3.2
WIDTH = 120
"""Of a name in pixels; of a longer one the middle is left out, since the bars of a file differ at the end."""
NEAR, FAR = 9, 16
"""From a point to its name; farther where a snapshot is in the way."""
BADGE = 16
Snapshot = tuple[int, float, float]
"""Slot and pad position."""


@dataclass(frozen=True)
class Name:
    """A name as it is shown: its point, the text, and the text's place on the plate."""

    mark: Mark
    text: str
    box: QRectF

    @property
    def pill(self) -> QRectF:
        """What is drawn behind the text, which a press takes hold of."""
        return self.box.adjusted(*PILL)


def points_in_sight(plate: QRectF, view: View, marks: Sequence[Mark]) -> list[tuple[Mark, QPointF]]:
    """The points on the plate and their places; one on the edge is not cut in half."""
    whole = plate.adjusted(DOT + 2, DOT + 2, -DOT - 2, -DOT - 2)
    return [(m, QPointF(min(max(p.x(), whole.left()), whole.right()),
                        min(max(p.y(), whole.top()), whole.bottom())))
            for m in marks if plate.contains(p := view.to_plate(plate, m.x, m.y))]


def badges(plate: QRectF, view: View, snapshots: Iterable[Snapshot]) -> list[tuple[int, QRectF]]:
    """Slots of the snapshots in sight, and the squares that show them."""
    room = plate.adjusted(9, 9, -9, -9)
    found = []
    for slot, x, y in snapshots:
        place = view.to_plate(plate, x, y)
        if plate.contains(place):
            square = QRectF(0, 0, BADGE, BADGE)
            square.moveCenter(QPointF(min(max(place.x(), room.left()), room.right()),
                                      min(max(place.y(), room.top()), room.bottom())))
            found.append((slot, square))
    return found


def place_names(plate: QRectF, view: View, marks: Sequence[Mark],
                snapshots: Iterable[Snapshot]) -> tuple[Name, ...]:
    """The names for which there is room, the first ones first."""
    metrics = QFontMetricsF(theme.font(theme.CAPTION, 500))
    inner = plate.adjusted(6, 6, -6, -6)
    shown = points_in_sight(plate, view, marks)
    dots = [QRectF(p.x() - 6, p.y() - 6, 12, 12) for _, p in shown]
    squares = [square.adjusted(-1, -1, 1, 1) for _, square in badges(plate, view, snapshots)]
    names: list[Name] = []
    for i, (mark, place) in enumerate(shown):
        text = metrics.elidedText(mark.name, Qt.TextElideMode.ElideMiddle, WIDTH)
        size = metrics.horizontalAdvance(text), metrics.height()
        near, far = ([Name(mark, text, box) for box in _sides(place, *size, d)] for d in (NEAR, FAR))
        free = [name for name in near if not any(name.pill.intersects(s) for s in squares)]
        if len(free) < len(near):
            free += [name for name in far if not any(name.pill.intersects(s) for s in squares)]
        taken = dots[:i] + dots[i + 1:] + [n.box.adjusted(-3, -1, 3, 1) for n in names]
        fitting = (n for n in free
                   if inner.contains(n.box) and not any(n.box.intersects(t) for t in taken))
        names.extend(itertools.islice(fitting, 1))
    return tuple(names)


def _sides(place: QPointF, width: float, height: float, away: float) -> tuple[QRectF, ...]:
    """Right of a point, left, above, below."""
    left, top = -width / 2, -height / 2
    return tuple(QRectF(place.x() + x, place.y() + y, width, height)
                 for x, y in ((away, top), (-away - width, top), (left, -away - height), (left, away)))
