# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop's waveform under its beats: a click sets the downbeat."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ... import theme
from ...learn.material import LoopFile

HEAD = 14
SNAP = 7
"""Pixels within which a click means the hit."""


class GridView(QWidget):
    """Asks by `downbeat_asked` (a sample of the file) for the first downbeat to be elsewhere."""

    downbeat_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loop: LoopFile | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Beats"))
        self.setToolTip(self.tr("Click where the first downbeat is"))

    def set_loop(self, loop: LoopFile | None) -> None:
        """Show a loop, or nothing."""
        self._loop = loop if loop is not None and loop.outline is not None else None
        self.update()

    def x_of(self, sample: float) -> float:
        """Where a sample lies."""
        return sample / self._loop.frames * self.width() if self._loop is not None else 0.0

    def sizeHint(self) -> QSize:
        return QSize(500, 104)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or self._loop is None or event.button() != Qt.MouseButton.LeftButton:
            return
        x = min(max(event.position().x(), 0.0), self.width() - 1.0)
        nearest = min(self._loop.hits, key=lambda hit: abs(self.x_of(hit) - x), default=None)
        if nearest is not None and abs(self.x_of(nearest) - x) <= SNAP:
            self.downbeat_asked.emit(float(nearest))
        else:
            self.downbeat_asked.emit(x / self.width() * self._loop.frames)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c, loop = theme.colours(), self._loop
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, HEAD, self.width(), self.height() - HEAD)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c["raised"])
        painter.drawRoundedRect(area, theme.RADIUS, theme.RADIUS)
        if loop is None or loop.outline is None:
            return
        low, high = loop.outline
        middle, scale, step = area.center().y(), area.height() / 2 * 0.92, area.width() / len(low)
        top = [QPointF(i * step, middle - scale * v) for i, v in enumerate(high.tolist())]
        bottom = [QPointF(i * step, middle - scale * v) for i, v in enumerate(low.tolist())]
        painter.setBrush(c["wave"])
        painter.drawPolygon(QPolygonF(top + bottom[::-1]))
        self._paint_beats(painter, area, loop)

    def _paint_beats(self, painter: QPainter, area: QRectF, loop: LoopFile) -> None:
        c = theme.colours()
        painter.setFont(theme.font(theme.CAPTION - 1, 500))
        beat = loop.span / max(loop.beats, 1)
        room = self.x_of(beat) * 4
        for i in range(loop.beats):
            sample = loop.start + i * beat
            x = self.x_of(sample % loop.span if loop.circular else sample)
            bar, downbeat = i % 4 == 0, i == 0
            if not bar and self.x_of(beat) < 5:
                continue
            painter.setPen(QPen(c["accent"] if downbeat else c.with_alpha("text", 0.55 if bar else 0.22),
                                2 if downbeat else 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if bar and (downbeat or room >= 16):
                painter.setPen(c["accent" if downbeat else "muted"])
                painter.drawText(QRectF(x + 3, 0, 40, HEAD), Qt.AlignmentFlag.AlignVCenter, str(i // 4 + 1))
        if loop.circular:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c.with_alpha("surface", 0.75))
        start, end = self.x_of(loop.start), self.x_of(loop.start + loop.span)
        painter.drawRect(QRectF(0, area.top(), start - 1, area.height()))
        painter.drawRect(QRectF(end, area.top(), area.width() - end, area.height()))
