# SPDX-License-Identifier: GPL-3.0-or-later
"""The puck: what the hand holds, with its glow and its trail."""

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPixmap, QRadialGradient

from ...theme import Colours

RADIUS = 11.0
GLOW = 54.0
TRAIL_WIDTH = 7.0


def glow_pixmap(colour: QColor, ratio: float) -> QPixmap:
    """A soft round light in a colour."""
    side = round(2 * GLOW * ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    gradient = QRadialGradient(QPointF(GLOW, GLOW), GLOW)
    # Steps of a Gaussian: a linear ramp shows a visible rim.
    for at, alpha in ((0.0, 0.85), (0.15, 0.62), (0.3, 0.36), (0.5, 0.13), (0.7, 0.04), (1.0, 0.0)):
        stop = QColor(colour)
        stop.setAlphaF(alpha)
        gradient.setColorAt(at, stop)
    painter = QPainter(pixmap)
    painter.fillRect(QRectF(0, 0, 2 * GLOW, 2 * GLOW), gradient)
    painter.end()
    return pixmap


def paint_trail(painter: QPainter, points: Sequence[tuple[QPointF, float]], colours: Colours) -> None:
    """A ribbon through (place, freshness 0 to 1), thin and pale where it is old."""
    colour = QColor("#ffffff" if colours.dark else "#17181c")
    pen = QPen(colour, 1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap)
    for (a, _), (b, freshness) in pairwise(points):
        colour.setAlphaF(0.7 * freshness * freshness)
        pen.setColor(colour)
        pen.setWidthF(1 + (TRAIL_WIDTH - 1) * freshness)
        painter.setPen(pen)
        painter.drawLine(a, b)


def paint_sounding(painter: QPainter, centre: QPointF, colours: Colours) -> None:
    """A ring round the place that is heard while the puck waits elsewhere."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 120), 5))
    painter.drawEllipse(centre, RADIUS - 2, RADIUS - 2)
    painter.setPen(QPen(colours["accent"], 3))
    painter.drawEllipse(centre, RADIUS - 2, RADIUS - 2)


def paint_puck(painter: QPainter, centre: QPointF, glow: QPixmap, light: float, colours: Colours,
               focused: bool) -> None:
    """The puck; `light` 0 to 1 is how bright it glows."""
    painter.setOpacity(light)
    painter.drawPixmap(centre - QPointF(GLOW, GLOW), glow)
    painter.setOpacity(1)
    painter.setBrush(QColor(255, 255, 255))
    painter.setPen(QPen(QColor(0, 0, 0, 110), 1))
    painter.drawEllipse(centre, RADIUS, RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours["accent"])
    painter.drawEllipse(centre, RADIUS - 4.5, RADIUS - 4.5)
    if focused:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 150) if colours.dark else QColor(0, 0, 0, 120), 1.2))
        painter.drawEllipse(centre, RADIUS + 4, RADIUS + 4)
