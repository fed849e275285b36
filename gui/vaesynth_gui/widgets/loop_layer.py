# SPDX-License-Identifier: GPL-3.0-or-later
"""The still picture of a loop: waveform or spectrogram, on its beat grid."""

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from vaesynth.loop import Loop

from .. import theme
from ..loop_pictures import mel_spectrogram, outline
from ..plane.picture import oklch_to_srgb

RULER = 16
"""Height of the numbers above the loop."""
ROOM = 26
"""Width of a number: where beats or bars are closer, some go without."""


def render(loop: Loop | None, size: QSize, ratio: float, spectrogram: bool) -> QPixmap:
    """The picture at a size in device-independent pixels, sharp at `ratio` pixels each."""
    c = theme.colours()
    pixmap = QPixmap(round(size.width() * ratio), round(size.height() * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    area = QRectF(0, RULER, size.width(), size.height() - RULER)
    if loop is not None and spectrogram:
        _paint_spectrogram(painter, area, loop)
    _paint_grid(painter, area, loop)
    if loop is not None and not spectrogram:
        _paint_waveform(painter, area, loop, ratio)
    if loop is None:
        painter.setPen(QPen(c["line"], 1))
        painter.drawLine(QPointF(0, area.center().y()), QPointF(area.right(), area.center().y()))
    painter.end()
    return pixmap


def _paint_grid(painter: QPainter, area: QRectF, loop: Loop | None) -> None:
    c = theme.colours()
    beats, bar = (loop.beats, loop.beats_per_bar) if loop is not None else (4, 4)
    painter.setFont(theme.font(theme.CAPTION - 1, 500))
    numbered = _numbered(area.width(), beats, bar)
    for sixteenth in range(beats * 4):
        x = round(area.width() * sixteenth / (beats * 4)) + 0.5
        on_beat = sixteenth % 4 == 0
        painter.setPen(QPen(c.with_alpha("muted" if on_beat else "grid", 0.35 if on_beat else 0.55), 1))
        top = area.top() if on_beat else area.bottom() - 4
        painter.drawLine(QPointF(x, top), QPointF(x, area.bottom()))
        number = sixteenth // 4
        if on_beat and number % numbered == 0:
            text = f"{number // bar + 1}.{number % bar + 1}" if beats > bar else str(number + 1)
            if numbered >= bar:
                text = str(number // bar + 1)
            painter.setPen(c["muted"])
            painter.drawText(QRectF(x + 3, 0, 40, RULER - 2), Qt.AlignmentFlag.AlignLeft
                             | Qt.AlignmentFlag.AlignVCenter, text)


def _numbered(width: float, beats: int, bar: int) -> int:
    """Beats from one number to the next: each beat, each bar, each second bar …"""
    step = 1
    while width * step / beats < ROOM:
        step = bar if step < bar else 2 * step
    return step


def _paint_waveform(painter: QPainter, area: QRectF, loop: Loop, ratio: float) -> None:
    c = theme.colours()
    columns = max(1, round(area.width() * ratio))
    low, high, rms = outline(loop, columns)
    middle, scale = area.center().y(), area.height() / 2 * 0.96
    xs = np.linspace(area.left(), area.right(), len(low))
    body = np.minimum(rms, high), np.maximum(-rms, low), c["wave_body"]
    for top, bottom, colour in ((high, low, c["wave"]), body):
        shape = QPainterPath()
        points = [QPointF(x, middle - scale * v) for x, v in zip(xs.tolist(), top.tolist(), strict=True)]
        back = zip(xs[::-1].tolist(), bottom[::-1].tolist(), strict=True)
        points += [QPointF(x, middle - scale * v) for x, v in back]
        shape.addPolygon(QPolygonF(points))
        shape.closeSubpath()
        painter.fillPath(shape, colour)
    painter.fillRect(QRectF(area.left(), middle - 0.5, area.width(), 1), c["wave_body"])


def _paint_spectrogram(painter: QPainter, area: QRectF, loop: Loop) -> None:
    dark = theme.colours().dark
    level = mel_spectrogram(loop)[::-1]
    hue = np.deg2rad(275 + 130 * level)
    lightness = 0.17 + 0.62 * level if dark else 0.96 - 0.55 * level
    rgb = oklch_to_srgb(lightness, 0.16 * level * (1.25 - level) * 2, hue)
    pixels = np.ascontiguousarray((rgb * 255).astype(np.uint8))
    height, width, _ = pixels.shape
    outline_path = QPainterPath()
    outline_path.addRoundedRect(area, theme.RADIUS, theme.RADIUS)
    painter.save()
    painter.setClipPath(outline_path)
    painter.drawImage(area, QImage(pixels.tobytes(), width, height, 3 * width,
                                   QImage.Format.Format_RGB888))
    painter.restore()
