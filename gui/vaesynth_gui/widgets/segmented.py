# SPDX-License-Identifier: GPL-3.0-or-later
"""One choice of a few, all of them in sight."""

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme


class Segmented(QWidget):
    """Asks for another choice by `chosen` (its index); left and right step when it has the focus."""

    chosen = pyqtSignal(int)

    def __init__(self, labels: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = list(labels)
        self._index = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def index(self) -> int:
        """The choice shown."""
        return self._index

    @property
    def labels(self) -> Sequence[str]:
        """The choices in words."""
        return self._labels

    def text_metrics(self) -> QFontMetricsF:
        """Of the widest type that a choice is written in."""
        return QFontMetricsF(theme.font(theme.CAPTION + 1, 600))

    def set_labels(self, labels: Sequence[str]) -> None:
        """Offer other choices, the first of them chosen."""
        self._labels, self._index = list(labels), 0
        self.updateGeometry()
        self.update()

    def set_index(self, index: int) -> None:
        """Show a choice."""
        if index != self._index:
            self._index = index
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.text_metrics()
        widest = max((metrics.horizontalAdvance(t) for t in self._labels), default=0)
        return QSize(round((widest + 18) * len(self._labels)), 28)

    def minimumSizeHint(self) -> QSize:
        metrics = self.text_metrics()
        widest = max((metrics.horizontalAdvance(t) for t in self._labels), default=0)
        return QSize(round((widest + 8) * len(self._labels)), 28)

    def segment(self, index: int) -> QRectF:
        """Where a choice lies."""
        width = (self.width() - 4) / max(len(self._labels), 1)
        return QRectF(2 + index * width, 2, width, self.height() - 4)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            for i in range(len(self._labels)):
                if self.segment(i).contains(event.position()):
                    self.chosen.emit(i)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
        elif 0 <= self._index + step < len(self._labels):
            self.chosen.emit(self._index + step)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(c["accent"], 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(c["raised"])
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS,
                                theme.RADIUS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c["pressed"])
        painter.drawRoundedRect(self.segment(self._index), theme.RADIUS - 1, theme.RADIUS - 1)
        for i, text in enumerate(self._labels):
            painter.setFont(theme.font(theme.CAPTION + 1, 600 if i == self._index else 500))
            painter.setPen(c["text"] if i == self._index else c["muted"])
            painter.drawText(self.segment(i), Qt.AlignmentFlag.AlignCenter, text)
