# SPDX-License-Identifier: GPL-3.0-or-later
"""The face of this position."""

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme


class FaceView(QWidget):
    """Shows an image in a square with round corners, as large as there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(self.tr("The face that a second model decodes from the same pad position"))
        self.setAccessibleName(self.tr("Face"))

    @property
    def image(self) -> QImage | None:
        """The image shown."""
        return self._image

    def set_pixels(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Show RGB uint8 `(height, width, 3)`."""
        height, width, _ = pixels.shape
        data = np.ascontiguousarray(pixels).tobytes()
        self._image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(176, 176)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 96)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height())
        square = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        outline = QPainterPath()
        outline.addRoundedRect(square, theme.CARD_RADIUS - 2, theme.CARD_RADIUS - 2)
        painter.fillPath(outline, c["raised"])
        if self._image is not None:
            painter.save()
            painter.setClipPath(outline)
            painter.drawImage(square, self._image)
            painter.restore()
        else:
            painter.setPen(QPen(c["muted"], 1.6))
            middle = square.center()
            painter.drawEllipse(middle, side * 0.17, side * 0.21)
            painter.setFont(theme.font(theme.CAPTION))
            painter.drawText(QRectF(square.left(), square.bottom() - 30, side, 20),
                             Qt.AlignmentFlag.AlignCenter,
                             self.tr("No faces model"))
