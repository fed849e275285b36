# SPDX-License-Identifier: GPL-3.0-or-later
"""The pad, as large a square as fits, and the panel beside it, which takes the rest."""

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QWidget

from .. import theme
from .pad.overlay import GUTTER
from .pad.pad import XYPad
from .side_panel import SidePanel

PANEL_MIN, PANEL_MAX = 400, 1100
MARGIN = 16


class PlayArea(QWidget):
    """Gives the pad the height, and the panel what is left of the width (400 to 1,100 pixels)."""

    def __init__(self, pad: XYPad, panel: SidePanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pad, self._panel = pad, panel
        pad.setParent(self)
        panel.setParent(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * MARGIN + 480 + theme.GAP + PANEL_MIN, 500)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        height = self.height() - 8
        room = self.width() - 2 * MARGIN + 8
        # The share keeps a wide window from becoming all panel, and a tall one from becoming all pad.
        pad = max(min(height, room - theme.GAP - max(PANEL_MIN, round(0.36 * room))), 240)
        panel = min(room - pad - theme.GAP, PANEL_MAX)
        left = MARGIN - 8 + (room - pad - theme.GAP - panel) // 2
        self._pad.setGeometry(left, 0, pad, height)
        self._panel.setGeometry(left + pad + theme.GAP, 0, panel, max(min(height, pad) - GUTTER, 460))
