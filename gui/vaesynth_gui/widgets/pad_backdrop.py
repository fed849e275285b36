# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies still on the pad: the plane's picture, examples with their names, snapshots, a recorded path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPixmap

from .. import theme
from ..theme import Colours

DOT = 3.2
LABEL_WIDTH = 120


@dataclass(frozen=True)
class Mark:
    """A named point on the pad, x and y in [-1, 1]."""

    name: str
    x: float
    y: float
    own: bool = False
    """Of the musician's own, and not of the model's."""


@dataclass(frozen=True)
class Contents:
    """Everything that lies still; another value means a new pixmap."""

    picture: QImage | None = None
    examples: tuple[Mark, ...] = ()
    snapshots: tuple[tuple[int, float, float], ...] = ()
    path: tuple[tuple[float, float, float], ...] = ()


def to_plate(plate: QRectF, x: float, y: float) -> QPointF:
    """Place on the plate of a pad position; y = 1 is the top."""
    return QPointF(plate.left() + (x + 1) / 2 * plate.width(), plate.bottom() - (y + 1) / 2 * plate.height())


def to_pad(plate: QRectF, point: QPointF) -> tuple[float, float]:
    """Pad position of a place on the plate, held within [-1, 1]."""
    x = 2 * (point.x() - plate.left()) / max(plate.width(), 1) - 1
    y = 1 - 2 * (point.y() - plate.top()) / max(plate.height(), 1)
    return min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)


def render(contents: Contents, side: float, ratio: float, colours: Colours) -> QPixmap:
    """The still layer as a pixmap.

    Args:
        contents: what to show.
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
    plate = QRectF(0, 0, side, side)
    outline = QPainterPath()
    outline.addRoundedRect(plate, theme.CARD_RADIUS, theme.CARD_RADIUS)
    painter.setClipPath(outline)
    if contents.picture is not None:
        painter.drawImage(plate, contents.picture)
    else:
        painter.fillRect(plate, colours["surface"])
    _grid(painter, plate, colours)
    _path(painter, plate, contents.path, colours)
    _examples(painter, plate, contents.examples, colours)
    _snapshots(painter, plate, contents.snapshots, colours)
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours["line"], 1))
    painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), theme.CARD_RADIUS, theme.CARD_RADIUS)
    painter.end()
    return pixmap


def ink(colours: Colours, alpha: float) -> QColor:
    """What is drawn on the picture: white on a dark one, black on a light one."""
    colour = QColor("#ffffff" if colours.dark else "#101114")
    colour.setAlphaF(alpha)
    return colour


def paper(colours: Colours, alpha: float) -> QColor:
    """The picture's own tone, to lift ink off it."""
    colour = QColor("#07080a" if colours.dark else "#ffffff")
    colour.setAlphaF(alpha)
    return colour


def _grid(painter: QPainter, plate: QRectF, colours: Colours) -> None:
    painter.setPen(QPen(ink(colours, 0.07), 1))
    for i in range(1, 8):
        at = round(plate.width() * i / 8) + 0.5
        if i == 4:
            continue
        for j in range(1, 8):
            if j != 4:
                down = round(plate.height() * j / 8) + 0.5
                painter.drawLine(QPointF(at - 2, down), QPointF(at + 2, down))
                painter.drawLine(QPointF(at, down - 2), QPointF(at, down + 2))
    middle = round(plate.width() / 2) + 0.5
    painter.drawLine(QPointF(middle, 0), QPointF(middle, plate.height()))
    painter.drawLine(QPointF(0, middle), QPointF(plate.width(), middle))


def _path(painter: QPainter, plate: QRectF, path: Sequence[tuple[float, float, float]],
          colours: Colours) -> None:
    if len(path) < 2:
        return
    line = QPainterPath(to_plate(plate, path[0][1], path[0][2]))
    for _, x, y in path[1:]:
        line.lineTo(to_plate(plate, x, y))
    pen = QPen(ink(colours, 0.55), 1.4)
    pen.setDashPattern([1.5, 3.5])
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    painter.drawPath(line)


def _examples(painter: QPainter, plate: QRectF, examples: Sequence[Mark], colours: Colours) -> None:
    font = theme.font(theme.CAPTION, 500)
    metrics = QFontMetricsF(font)
    places = [to_plate(plate, e.x, e.y) for e in examples]
    taken = [QRectF(p.x() - 6, p.y() - 6, 12, 12) for p in places]
    painter.setPen(QPen(paper(colours, 0.7), 1.4))
    for example, place in zip(examples, places, strict=True):
        painter.setBrush(colours["accent"] if example.own else ink(colours, 0.92))
        painter.drawEllipse(place, DOT + example.own, DOT + example.own)
    painter.setFont(font)
    inner = plate.adjusted(6, 6, -6, -6)
    for i, (example, place) in enumerate(zip(examples, places, strict=True)):
        text = metrics.elidedText(example.name, Qt.TextElideMode.ElideRight, LABEL_WIDTH)
        width, height = metrics.horizontalAdvance(text), metrics.height()
        sides = (9, -height / 2), (-9 - width, -height / 2), (-width / 2, -9 - height), (-width / 2, 9)
        for dx, dy in sides:
            box = QRectF(place.x() + dx, place.y() + dy, width, height)
            others = (t for j, t in enumerate(taken) if j != i)
            if inner.contains(box) and not any(box.intersects(t) for t in others):
                taken.append(box.adjusted(-3, -1, 3, 1))
                label(painter, box, text, colours)
                break


def label(painter: QPainter, box: QRectF, text: str, colours: Colours) -> None:
    """Text on a pill of the picture's own tone, readable wherever it lies."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper(colours, 0.62))
    painter.drawRoundedRect(box.adjusted(-5, -1.5, 5, 1.5), 4, 4)
    painter.setPen(ink(colours, 0.95))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


def _snapshots(painter: QPainter, plate: QRectF, snapshots: Sequence[tuple[int, float, float]],
               colours: Colours) -> None:
    painter.setFont(theme.font(theme.CAPTION - 1, 600))
    for slot, x, y in snapshots:
        place = to_plate(plate, x, y)
        x, y = (min(max(v, 9), plate.width() - 9) for v in (place.x(), place.y()))
        box = QRectF(x - 8, y - 8, 16, 16)
        painter.setPen(QPen(ink(colours, 0.9), 1.2))
        painter.setBrush(paper(colours, 0.75))
        painter.drawRoundedRect(box, 4, 4)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(slot))


def marks_of(values: Mapping[str, object]) -> tuple[Mark, ...]:
    """The examples of a model's metadata as marks, best score first so that their labels win."""
    examples = values.get("examples", ())
    if not isinstance(examples, list):
        return ()

    def score(example: Mapping[str, object]) -> float:
        value = example.get("score")
        return -float(value) if isinstance(value, int | float) else 0.0
    return tuple(Mark(str(e["name"]), float(e["x"]), float(e["y"])) for e in sorted(examples, key=score))
