# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies still on the pad: the plane's picture, examples with their names, snapshots, a recorded path."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap

from ... import theme
from ...theme import Colours
from .corners import NO_NAMES, Names, paint_corners
from .ink import ink, label, paper
from .marks import Mark
from .names import DOT, Name, Snapshot, badges, points_in_sight
from .view import WHOLE, View

MAP = 56


@dataclass(frozen=True)
class Contents:
    """Everything that lies still; another value means a new pixmap."""

    picture: QImage | None = None
    examples: tuple[Mark, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    path: tuple[tuple[float, float, float], ...] = ()
    corners: Names = NO_NAMES
    view: View = WHOLE


def render(contents: Contents, names: Sequence[Name], side: float, ratio: float, colours: Colours) -> QPixmap:
    """The still layer as a pixmap.

    Args:
        contents: what to show.
        names: of its examples, in their places.
        side: of the square plate in device-independent pixels.
        ratio: device pixels per device-independent pixel.
        colours: to paint with.
    """
    pixels = max(1, round(side * ratio))
    pixmap = QPixmap(pixels, pixels)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(colours["background"])
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
                           | QPainter.RenderHint.TextAntialiasing)
    plate, view = QRectF(0, 0, side, side), contents.view
    outline = QPainterPath()
    outline.addRoundedRect(plate, theme.CARD_RADIUS, theme.CARD_RADIUS)
    painter.setClipPath(outline)
    if contents.picture is not None:
        painter.drawImage(plate, contents.picture, view.source(QRectF(contents.picture.rect())))
    else:
        painter.fillRect(plate, colours["surface"])
    _grid(painter, plate, view, colours)
    _path(painter, plate, view, contents.path, colours)
    _examples(painter, plate, view, contents.examples, names, colours)
    _snapshots(painter, plate, view, contents.snapshots, colours)
    if view.whole:
        paint_corners(painter, plate, contents.corners, colours)
    else:
        _map(painter, plate, view, colours)
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours["line"], 1))
    painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), theme.CARD_RADIUS, theme.CARD_RADIUS)
    painter.end()
    return pixmap


def _map(painter: QPainter, plate: QRectF, view: View, colours: Colours) -> None:
    """A small plane in the corner, and the part of it that is in sight."""
    small = QRectF(plate.right() - MAP - 10, plate.top() + 10, MAP, MAP)
    painter.setPen(QPen(ink(colours, 0.5), 1))
    painter.setBrush(paper(colours, 0.6))
    painter.drawRoundedRect(small, 3, 3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink(colours, 0.55))
    painter.drawRect(view.source(small))


def _grid(painter: QPainter, plate: QRectF, view: View, colours: Colours) -> None:
    """Crosses at quarters of the plane and lines through its middle, at pixel centres."""
    def crisp(x: float, y: float) -> QPointF:
        at = view.to_plate(plate, x, y)
        return QPointF(round(at.x()) + 0.5, round(at.y()) + 0.5)
    painter.setPen(QPen(ink(colours, 0.07), 1))
    steps = [i / 4 for i in range(-3, 4) if i]
    for at in (crisp(x, y) for x in steps for y in steps):
        painter.drawLine(QPointF(at.x() - 2, at.y()), QPointF(at.x() + 2, at.y()))
        painter.drawLine(QPointF(at.x(), at.y() - 2), QPointF(at.x(), at.y() + 2))
    middle = crisp(0, 0)
    painter.drawLine(QPointF(middle.x(), plate.top()), QPointF(middle.x(), plate.bottom()))
    painter.drawLine(QPointF(plate.left(), middle.y()), QPointF(plate.right(), middle.y()))


def _path(painter: QPainter, plate: QRectF, view: View, path: Sequence[tuple[float, float, float]],
          colours: Colours) -> None:
    if len(path) < 2:
        return
    line = QPainterPath(view.to_plate(plate, path[0][1], path[0][2]))
    for _, x, y in path[1:]:
        line.lineTo(view.to_plate(plate, x, y))
    pen = QPen(ink(colours, 0.55), 1.4)
    pen.setDashPattern([1.5, 3.5])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(line)


def _examples(painter: QPainter, plate: QRectF, view: View, examples: Sequence[Mark], names: Sequence[Name],
              colours: Colours) -> None:
    painter.setPen(QPen(paper(colours, 0.7), 1.4))
    for example, place in points_in_sight(plate, view, examples):
        painter.setBrush(colours["accent"] if example.own else ink(colours, 0.92))
        painter.drawEllipse(place, DOT + example.own, DOT + example.own)
    painter.setFont(theme.font(theme.CAPTION, 500))
    for name in names:
        label(painter, name.box, name.text, colours)


def _snapshots(painter: QPainter, plate: QRectF, view: View, snapshots: Sequence[Snapshot],
               colours: Colours) -> None:
    painter.setFont(theme.font(theme.CAPTION - 1, 600))
    for slot, square in badges(plate, view, snapshots):
        painter.setPen(QPen(ink(colours, 0.9), 1.2))
        painter.setBrush(paper(colours, 0.75))
        painter.drawRoundedRect(square, 4, 4)
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, str(slot))
