# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons as paths on a 24 × 24 field: drawn at any scale, in any colour."""

import math
from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)

from . import theme

Draw = Callable[[QPainterPath, QPainterPath], None]
"""(filled, stroked): adds its shapes to either path."""


def _polygon(path: QPainterPath, *points: tuple[float, float]) -> None:
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()


def _line(path: QPainterPath, *points: tuple[float, float]) -> None:
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)


def _play(fill: QPainterPath, stroke: QPainterPath) -> None:
    _polygon(fill, (7, 4.5), (19.5, 12), (7, 19.5))


def _stop(fill: QPainterPath, stroke: QPainterPath) -> None:
    fill.addRoundedRect(QRectF(6, 6, 12, 12), 1.5, 1.5)


def _undo(fill: QPainterPath, stroke: QPainterPath) -> None:
    _line(stroke, (9, 5), (4.5, 9.5), (9, 14))
    stroke.moveTo(4.5, 9.5)
    stroke.lineTo(14, 9.5)
    stroke.arcTo(QRectF(9.25, 9.5, 9.5, 9.5), 90, -180)
    stroke.lineTo(10, 19)


def _redo(fill: QPainterPath, stroke: QPainterPath) -> None:
    mirrored = QPainterPath()
    _undo(fill, mirrored)
    stroke.addPath(QTransform(-1, 0, 0, 1, 24, 0).map(mirrored))


def _help(fill: QPainterPath, stroke: QPainterPath) -> None:
    stroke.moveTo(8.3, 9)
    stroke.cubicTo(8.3, 3.6, 15.9, 3.6, 15.7, 8.8)
    stroke.cubicTo(15.6, 11.4, 12, 11.6, 12, 15)
    fill.addEllipse(QPointF(12, 19), 1.3, 1.3)


def _menu(fill: QPainterPath, stroke: QPainterPath) -> None:
    for x in (6, 12, 18):
        fill.addEllipse(QPointF(x, 12), 1.6, 1.6)


def _dice(fill: QPainterPath, stroke: QPainterPath) -> None:
    stroke.addRoundedRect(QRectF(4.5, 4.5, 15, 15), 3.5, 3.5)
    for x, y in ((9, 9), (15, 9), (12, 12), (9, 15), (15, 15)):
        fill.addEllipse(QPointF(x, y), 1.25, 1.25)


def _mutate(fill: QPainterPath, stroke: QPainterPath) -> None:
    stroke.moveTo(4, 16)
    for i in range(1, 33):
        x = 4 + i / 2
        stroke.lineTo(x, 12 + 4 * math.cos(i / 32 * 3 * math.pi))
    fill.addEllipse(QPointF(20, 8), 2, 2)


def _record(fill: QPainterPath, stroke: QPainterPath) -> None:
    fill.addEllipse(QPointF(12, 12), 5.5, 5.5)


def _path(fill: QPainterPath, stroke: QPainterPath) -> None:
    stroke.moveTo(5, 18)
    stroke.cubicTo(5, 8, 13, 18, 13, 10)
    stroke.cubicTo(13, 5, 18, 5, 19, 7)
    fill.addEllipse(QPointF(5, 18), 2, 2)
    fill.addEllipse(QPointF(19, 7.5), 2, 2)


def _lock(fill: QPainterPath, stroke: QPainterPath) -> None:
    fill.addRoundedRect(QRectF(5.5, 11, 13, 9), 2, 2)
    stroke.moveTo(8, 11)
    stroke.lineTo(8, 8.5)
    stroke.arcTo(QRectF(8, 4.5, 8, 8), 180, -180)
    stroke.lineTo(16, 11)


def _export(fill: QPainterPath, stroke: QPainterPath) -> None:
    _line(stroke, (12, 15), (12, 4))
    _line(stroke, (7.5, 8.5), (12, 4), (16.5, 8.5))
    _line(stroke, (4.5, 14.5), (4.5, 19.5), (19.5, 19.5), (19.5, 14.5))


def _chevron(fill: QPainterPath, stroke: QPainterPath) -> None:
    _line(stroke, (7, 10), (12, 15), (17, 10))


def _close(fill: QPainterPath, stroke: QPainterPath) -> None:
    _line(stroke, (6.5, 6.5), (17.5, 17.5))
    _line(stroke, (17.5, 6.5), (6.5, 17.5))


def _warning(fill: QPainterPath, stroke: QPainterPath) -> None:
    _polygon(stroke, (12, 4), (21, 19.5), (3, 19.5))
    _line(stroke, (12, 10), (12, 14))
    fill.addEllipse(QPointF(12, 16.9), 1.0, 1.0)


def _wave(fill: QPainterPath, stroke: QPainterPath) -> None:
    for x, h in ((4.5, 3), (8.25, 7.5), (12, 4.5), (15.75, 8), (19.5, 2.5)):
        _line(stroke, (x, 12 - h), (x, 12 + h))


def _spectrum(fill: QPainterPath, stroke: QPainterPath) -> None:
    for column, lit in enumerate((3, 1, 4, 2)):
        for row in range(4):
            if row < lit:
                fill.addRoundedRect(QRectF(4 + column * 4.2, 16.6 - row * 4.2, 3, 3), 0.6, 0.6)


def _volume(fill: QPainterPath, stroke: QPainterPath) -> None:
    _polygon(fill, (4, 9.5), (7.5, 9.5), (12, 5), (12, 19), (7.5, 14.5), (4, 14.5))
    stroke.moveTo(15.2, 8.8)
    stroke.arcTo(QRectF(8.6, 7.6, 8.8, 8.8), 47, -94)
    stroke.moveTo(17.8, 6)
    stroke.arcTo(QRectF(5, 4, 16, 16), 47, -94)


_DRAWN: dict[str, Draw] = {
    "play": _play, "stop": _stop, "undo": _undo, "redo": _redo, "help": _help, "menu": _menu, "random": _dice,
    "mutate": _mutate, "record": _record, "path": _path, "lock": _lock, "export": _export,
    "chevron": _chevron, "close": _close, "warning": _warning, "wave": _wave, "spectrum": _spectrum,
    "volume": _volume,
}


def draw(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon into `rect`."""
    fill, stroke = QPainterPath(), QPainterPath()
    _DRAWN[name](fill, stroke)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    painter.fillPath(fill, colour)
    painter.strokePath(stroke, QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                    Qt.PenJoinStyle.RoundJoin))
    painter.restore()


class _Engine(QIconEngine):
    """Draws in the theme's colours of the moment, so that icons follow a change of theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        if painter is None:
            return
        c = theme.colours()
        colour = c["on_accent"] if state == QIcon.State.On else c["text"]
        if mode == QIcon.Mode.Disabled:
            colour = c.with_alpha("muted", 0.5)
        draw(painter, self._name, QRectF(rect), colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._name)


def icon(name: str) -> QIcon:
    """The icon of that name."""
    return QIcon(_Engine(name))


def app_icon() -> QIcon:
    """The application's own icon: the puck on its pad."""
    made = QIcon()
    for side in (16, 32, 64, 128, 256):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        p = QPainter(pixmap)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(QColor("#1c1530"))
        p.drawRoundedRect(QRectF(0, 0, side, side), side * 0.22, side * 0.22)
        for i, (radius, colour) in enumerate(((0.34, "#3a2455"), (0.24, "#8a3a5c"), (0.14, "#ff7d4a"))):
            p.setBrush(QColor(colour))
            centre = QPointF(side * (0.46 + 0.05 * i), side * (0.54 - 0.05 * i))
            p.drawEllipse(centre, side * radius, side * radius)
        p.setBrush(QColor("#ffffff"))
        p.drawEllipse(QPointF(side * 0.56, side * 0.44), side * 0.06, side * 0.06)
        p.end()
        made.addPixmap(pixmap)
    return made
