# SPDX-License-Identifier: GPL-3.0-or-later
"""Words on and beside the pad: axis labels, the name under the hand, a hint."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QFontMetricsF, QPainter

from ... import theme
from ...theme import Colours
from .ink import ink, label, paper

GUTTER = 24
"""Room for the axis labels, left of the plate and below it."""


def paint_labels(painter: QPainter, plate: QRectF, x_label: str, y_label: str, near: str, place: str,
                 c: Colours) -> None:
    """What changes along the axes, the loop nearby and the puck's place as numbers, around the plate."""
    painter.setPen(c["muted"])
    painter.setFont(theme.font(theme.CAPTION, 500))
    along = QRectF(plate.left(), plate.bottom() + 4, plate.width(), GUTTER - 6)
    if x_label:
        painter.drawText(along, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{x_label}  →")
    room = QFontMetricsF(painter.font()).elidedText(near, Qt.TextElideMode.ElideMiddle, plate.width() * 0.36)
    painter.drawText(along, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, room)
    painter.drawText(along, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, place)
    if y_label:
        painter.save()
        painter.translate(0, plate.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, plate.height(), GUTTER - 6),
                         Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, f"{y_label}  →")
        painter.restore()


def paint_hovered(painter: QPainter, plate: QRectF, place: QPointF, name: str, c: Colours) -> None:
    """A ring round a point, and its name, which is shortened only where the plate is narrower."""
    painter.setPen(ink(c, 0.95))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(place, 7, 7)
    font = theme.font(theme.CAPTION, 600)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, plate.width() - 16)
    width = metrics.horizontalAdvance(name)
    box = QRectF(place.x() - width / 2, place.y() - 14 - metrics.height(), width, metrics.height())
    box.moveLeft(min(max(box.left(), plate.left() + 8), plate.right() - 8 - width))
    if box.top() < plate.top() + 4:
        box.moveTop(place.y() + 14)
    label(painter, box, name, c)


def paint_hint(painter: QPainter, plate: QRectF, hint: str, c: Colours) -> None:
    """A few words in large type, above the middle of the plate."""
    font = theme.font(theme.TITLE, 600)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(hint)
    centre = QPointF(plate.center().x(), plate.top() + plate.height() * 0.32)
    box = QRectF(centre.x() - width / 2 - 20, centre.y() - 20, width + 40, 40)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper(c, 0.72))
    painter.drawRoundedRect(box, 20, 20)
    painter.setPen(ink(c, 1))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, hint)
