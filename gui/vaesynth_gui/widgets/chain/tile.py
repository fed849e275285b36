# SPDX-License-Identifier: GPL-3.0-or-later
"""A bar of the chain as a small pad: its number, and where its place lies."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPainter, QPen

from ... import icons, theme
from ...theme import Colours

INSET, NUMBER, DOT = 7.0, 12.0, 3.5


def paint_tile(painter: QPainter, box: QRectF, number: int, place: tuple[float, float], c: Colours, *,
               sounding: bool, hovered: bool, chosen: bool) -> None:
    """A bar.

    Args:
        painter: antialiased.
        box: where to.
        number: of the bar, from 1.
        place: on the pad, x and y in [-1, 1].
        c: to paint with.
        sounding: this bar is heard now.
        hovered: the pointer is on it.
        chosen: keys act on it.
    """
    painter.setPen(QPen(c["text" if sounding else "accent"], 1.5) if chosen else Qt.PenStyle.NoPen)
    painter.setBrush(c["accent" if sounding else "pressed" if hovered else "raised"])
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    painter.setFont(theme.font(theme.CAPTION, 600))
    painter.setPen(c["on_accent" if sounding else "muted"])
    corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.drawText(box.adjusted(6, 3, 0, 0), corner, str(number))
    room = box.adjusted(INSET + NUMBER, INSET, -INSET, -INSET)
    x, y = place
    dot = QPointF(room.left() + (x + 1) / 2 * room.width(), room.bottom() - (y + 1) / 2 * room.height())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(c["on_accent" if sounding else "text"])
    painter.drawEllipse(dot, DOT, DOT)


def paint_plus(painter: QPainter, box: QRectF, c: Colours, *, hovered: bool, chosen: bool) -> None:
    """Room for one bar more."""
    painter.setPen(QPen(c["accent" if chosen else "line"], 1.5 if chosen else 1.2))
    painter.setBrush(c["raised"] if hovered else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
    side = min(16.0, box.height() - 6)
    icon = QRectF(0, 0, side, side)
    icon.moveCenter(box.center())
    icons.draw(painter, "add", icon, c["text" if hovered or chosen else "muted"])
