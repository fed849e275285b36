# SPDX-License-Identifier: GPL-3.0-or-later
"""The sounding loop: waveform or spectrogram, beat grid, playhead; it can be dragged out as a file."""

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from vaesynth.loop import Loop

from .. import theme
from ..loop_pictures import mel_spectrogram, outline
from ..plane.picture import oklch_to_srgb

RULER = 16
REDRAW_MS = 40
"""A moving pad brings loops faster than anyone can look at their waveforms."""


class LoopView(QWidget):
    """Shows a loop; asks by `drag_asked` to be dragged out of the window."""

    drag_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loop: Loop | None = None
        self._spectrogram = False
        self._beat = 0.0
        self._playing = False
        self._layer: QPixmap | None = None
        self._press: QPointF | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._drop_layer)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(
            self.tr("The loop that sounds: drag it into a folder or another program as a WAV file"))
        self.setAccessibleName(self.tr("Sounding loop"))

    @property
    def loop(self) -> Loop | None:
        """The loop shown."""
        return self._loop

    def set_loop(self, loop: Loop | None) -> None:
        """Show another loop."""
        self._loop = loop
        if not self._redraw.isActive():
            self._redraw.start()

    def set_spectrogram(self, shown: bool) -> None:
        """Show the mel spectrogram instead of the waveform, or the reverse."""
        if shown != self._spectrogram:
            self._spectrogram = shown
            self._drop_layer()

    def set_beat(self, beat: float, playing: bool) -> None:
        """Show the playhead at a beat of the loop."""
        old = self._playhead_rect()
        self._beat, self._playing = beat, playing
        new = self._playhead_rect()
        if new != old:
            self.update(old)
            self.update(new)

    def sizeHint(self) -> QSize:
        return QSize(420, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 72)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._layer = None

    def changeEvent(self, event: QEvent | None) -> None:
        if event is not None and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._drop_layer()
        super().changeEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self._loop is not None:
            self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._press is None:
            return
        if (event.position() - self._press).manhattanLength() >= QApplication.startDragDistance():
            self._press = None
            self.drag_asked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        self._press = None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            self._layer = self._render(ratio)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        if self._loop is not None and self._playing:
            c = theme.colours()
            x = self._x_of(self._beat)
            painter.fillRect(QRectF(x - 0.75, RULER, 1.5, self.height() - RULER), c["accent"])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c["accent"])
            painter.drawPolygon(QPolygonF([QPointF(x - 4.5, RULER - 6), QPointF(x + 4.5, RULER - 6),
                                           QPointF(x, RULER + 1)]))

    def _x_of(self, beat: float) -> float:
        beats = self._loop.beats if self._loop is not None else 4
        return (beat % beats) / beats * self.width()

    def _playhead_rect(self) -> QRect:
        if not self._playing:
            return QRect()
        x = self._x_of(self._beat)
        return QRectF(x - 6, 0, 12, self.height()).toAlignedRect()

    def _drop_layer(self) -> None:
        self._layer = None
        self.update()

    def _render(self, ratio: float) -> QPixmap:
        c = theme.colours()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(0, RULER, self.width(), self.height() - RULER)
        loop = self._loop
        if loop is not None and self._spectrogram:
            self._paint_spectrogram(painter, area, loop)
        self._paint_grid(painter, area, loop)
        if loop is not None and not self._spectrogram:
            self._paint_waveform(painter, area, loop, ratio)
        if loop is None:
            painter.setPen(QPen(c["line"], 1))
            painter.drawLine(QPointF(0, area.center().y()), QPointF(area.right(), area.center().y()))
        painter.end()
        return pixmap

    def _paint_grid(self, painter: QPainter, area: QRectF, loop: Loop | None) -> None:
        c = theme.colours()
        beats, bar = (loop.beats, loop.beats_per_bar) if loop is not None else (4, 4)
        painter.setFont(theme.font(theme.CAPTION - 1, 500))
        for sixteenth in range(beats * 4):
            x = round(area.width() * sixteenth / (beats * 4)) + 0.5
            on_beat = sixteenth % 4 == 0
            painter.setPen(QPen(c.with_alpha("muted" if on_beat else "grid", 0.35 if on_beat else 0.55), 1))
            top = area.top() if on_beat else area.bottom() - 4
            painter.drawLine(QPointF(x, top), QPointF(x, area.bottom()))
            if on_beat:
                number = sixteenth // 4
                text = f"{number // bar + 1}.{number % bar + 1}" if beats > bar else str(number + 1)
                painter.setPen(c["muted"])
                painter.drawText(QRectF(x + 3, 0, 40, RULER - 2), Qt.AlignmentFlag.AlignLeft
                                 | Qt.AlignmentFlag.AlignVCenter, text)

    @staticmethod
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

    @staticmethod
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
