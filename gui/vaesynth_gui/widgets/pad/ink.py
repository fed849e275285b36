# SPDX-License-Identifier: GPL-3.0-or-later
"""How things are drawn onto the plane's picture so that they are seen wherever they lie."""

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter

from ...theme import Colours

PILL = -5.0, -1.5, 5.0, 1.5
"""How far the pill behind a text reaches beyond it: left, top, right, bottom."""


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


def label(painter: QPainter, box: QRectF, text: str, colours: Colours) -> None:
    """Text on a pill of the picture's own tone, readable wherever it lies."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper(colours, 0.62))
    painter.drawRoundedRect(box.adjusted(*PILL), 4, 4)
    painter.setPen(ink(colours, 0.95))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
