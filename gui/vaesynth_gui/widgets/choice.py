# SPDX-License-Identifier: GPL-3.0-or-later
"""A drop-down list that shows that it is one."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QComboBox, QWidget

from .. import icons, theme


class Choice(QComboBox):
    """A combo box with the chevron of the other controls; the wheel scrolls what is around it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        if event is not None:
            event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        box = QRectF(self.width() - 21, self.height() / 2 - 7, 14, 14)
        icons.draw(painter, "chevron", box, theme.colours()["muted"])
