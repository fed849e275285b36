# SPDX-License-Identifier: GPL-3.0-or-later
"""The second puck: where a latent group is kept while the first one moves the rest."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen

from ... import theme
from ...theme import Colours
from .ink import ink, label, paper

RADIUS = 10.0
REACH = 15.0
"""Pixels within which a press takes hold of it."""


@dataclass(frozen=True)
class HeldPuck:
    """A group's name and its place on the pad."""

    group: str
    x: float
    y: float


def paint_held(painter: QPainter, plate: QRectF, place: QPointF, group: str, c: Colours) -> None:
    """A hollow puck with its group's name."""
    painter.setBrush(paper(c, 0.35))
    painter.setPen(QPen(paper(c, 0.8), 5))
    painter.drawEllipse(place, RADIUS, RADIUS)
    painter.setPen(QPen(ink(c, 1), 2.2))
    painter.drawEllipse(place, RADIUS, RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(c, 1))
    painter.drawEllipse(place, 2.2, 2.2)
    font = theme.font(theme.CAPTION, 600)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    width, height = metrics.horizontalAdvance(group), metrics.height()
    box = QRectF(place.x() - width / 2, place.y() + RADIUS + 7, width, height)
    if box.bottom() > plate.bottom() - 6:
        box.moveBottom(place.y() - RADIUS - 7)
    box.moveLeft(min(max(box.left(), plate.left() + 8), plate.right() - 8 - width))
    label(painter, box, group, c)


def area(place: QPointF) -> QRectF:
    """What it may cover, its name included."""
    return QRectF(place.x() - 90, place.y() - 40, 180, 80)
