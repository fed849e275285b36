# SPDX-License-Identifier: GPL-3.0-or-later
"""The loops pinned to the corners of the pad."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from ... import theme
from ...theme import Colours
from .ink import ink, label

PIN_REACH = 64.0
"""Pixels from a corner within which a dropped loop is pinned to it."""
Names = tuple[str | None, ...]
"""Bottom left, bottom right, top left, top right; None for a corner of the model's own plane."""
NO_NAMES: Names = (None, None, None, None)


def paint_corners(painter: QPainter, plate: QRectF, names: Sequence[str | None], c: Colours) -> None:
    """An angle and a name in each corner that is pinned."""
    font = theme.font(theme.CAPTION, 600)
    metrics = QFontMetricsF(font)
    for corner, name in enumerate(names):
        if name is None:
            continue
        right, top = bool(corner % 2), corner >= 2
        at = QPointF(plate.right() - 8 if right else plate.left() + 8,
                     plate.top() + 8 if top else plate.bottom() - 8)
        arm_x, arm_y = (-16 if right else 16), (16 if top else -16)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ink(c, 0.95), 2))
        painter.drawPolyline(QPolygonF([at + QPointF(arm_x, 0), at, at + QPointF(0, arm_y)]))
        painter.setFont(font)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, plate.width() / 2 - 40)
        width, height = metrics.horizontalAdvance(text), metrics.height()
        box = QRectF(0, 0, width, height)
        box.moveCenter(at + QPointF(0, arm_y * 0.9))
        box.moveLeft(at.x() - 14 - width if right else at.x() + 14)
        label(painter, box, text, c)


def corner_at(plate: QRectF, point: QPointF) -> int | None:
    """The corner that a place is near, or None."""
    for corner in range(4):
        at = QPointF(plate.right() if corner % 2 else plate.left(),
                     plate.top() if corner >= 2 else plate.bottom())
        if abs(at.x() - point.x()) <= PIN_REACH and abs(at.y() - point.y()) <= PIN_REACH:
            return corner
    return None
