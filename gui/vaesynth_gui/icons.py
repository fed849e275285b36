# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons of the Lucide set (ISC licence, `lucide/LICENSE`): drawn at any scale, in any colour."""

import functools
from importlib import resources

from PyQt6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from . import theme

LUCIDE = {
    "play": "play", "stop": "square", "undo": "undo-2", "redo": "redo-2", "help": "circle-question-mark",
    "menu": "ellipsis", "random": "dices", "mutate": "sparkles", "record": "circle", "draw": "pencil",
    "path": "spline",
    "lock": "lock", "export": "share", "chevron": "chevron-down", "close": "x", "warning": "triangle-alert",
    "wave": "audio-lines", "spectrum": "chart-column-increasing", "volume": "volume-2", "cue": "headphones",
    "folders": "folder-open", "settings": "settings", "learn": "graduation-cap", "check": "check",
    "remove": "trash-2", "add": "plus", "sound": "audio-waveform", "controls": "sliders-horizontal",
    "control": "cable", "look": "palette", "left": "chevron-left", "right": "chevron-right", "save": "save",
    "copy": "copy", "midi": "piano", "stems": "layers", "variations": "shuffle",
    "freeze": "snowflake", "metronome": "metronome"}
"""What an icon stands for here → its name in the set."""
FILLED = frozenset(("play", "stop", "record"))
"""Transport buttons are solid, as on every machine."""


def draw(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon into `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(painter.opacity() * colour.alphaF())
    if name in FILLED:  # solid shapes look larger than outlines
        margin = 0.12 * rect.width()
        rect = rect.adjusted(margin, margin, -margin, -margin)
    _renderer(name, colour.name()).render(painter, rect)
    painter.restore()


@functools.lru_cache(256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    file = resources.files(__package__) / "lucide" / f"{LUCIDE[name]}.svg"
    text = file.read_text(encoding="utf-8").replace("currentColor", colour)
    if name in FILLED:
        text = text.replace('fill="none"', f'fill="{colour}"', 1)
    return QSvgRenderer(QByteArray(text.encode()))


class _Engine(QIconEngine):
    """Draws in the theme's colours of the moment, so that icons follow a change of theme."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        if painter is None:
            return
        c = theme.colours()
        colour = c["danger"] if self._name == "record" else c["text"]
        if state == QIcon.State.On:
            colour = c["on_accent"]
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
