# SPDX-License-Identifier: GPL-3.0-or-later
"""The loss over the minutes of a training."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from ... import theme

LEFT, BOTTOM, TOP = 44, 18, 8
SMOOTHING = 0.9
"""Of the bold line: an exponential mean over steps, as single steps jump."""


class LossView(QWidget):
    """Plots points as they come; minutes run to the right, up to the time that was asked for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Sequence[tuple[float, float]] = ()
        self._minutes = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Loss"))

    def show_points(self, points: Sequence[tuple[float, float]], minutes: float) -> None:
        """Show (minutes, loss) of a training of so many minutes."""
        self._points, self._minutes = points, max(minutes, points[-1][0] if points else 0.0)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(420, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 110)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.CAPTION))
        area = QRectF(LEFT, TOP, self.width() - LEFT - 6, self.height() - TOP - BOTTOM)
        values = [v for _, v in self._points]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if high - low < 1e-6:
            low, high = low - 0.5, high + 0.5

        def place(minutes: float, value: float) -> QPointF:
            return QPointF(area.left() + minutes / self._minutes * area.width(),
                           area.bottom() - (value - low) / (high - low) * area.height())

        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            painter.setPen(QPen(c["line"], 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if values:
                painter.setPen(c["muted"])
                painter.drawText(QRectF(0, y - 8, LEFT - 8, 16), right, f"{low + share * (high - low):.2f}")
        painter.setPen(c["muted"])
        below = QRectF(area.left(), area.bottom() + 2, area.width(), BOTTOM - 2)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self.tr("loss"))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight,
                         self.tr("{n} min").format(n=f"{self._minutes:.3g}"))
        if not values:
            return
        smooth, mean = [], values[0]
        for _, value in self._points:
            mean = SMOOTHING * mean + (1 - SMOOTHING) * value
            smooth.append(mean)
        minutes = [m for m, _ in self._points]
        for line, colour, width in ((values, c.with_alpha("accent", 0.35), 1.0), (smooth, c["accent"], 2.2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                Qt.PenJoinStyle.RoundJoin))
            painter.drawPolyline(QPolygonF([place(m, v) for m, v in zip(minutes, line, strict=True)]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c["accent"])
        painter.drawEllipse(place(minutes[-1], smooth[-1]), 3.5, 3.5)
