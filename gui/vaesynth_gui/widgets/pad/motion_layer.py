# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves on the pad: the pucks, glow and trail, and which part of the pad they touch."""

import math
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, QPointF, QRect, QRectF, QTimer, pyqtSignal
from PyQt6.QtGui import QPainter, QPixmap

from ...state.trail import Trail
from ...theme import Colours
from . import puck
from .held_puck import HeldPuck, paint_held

Place = Callable[[float, float], QPointF]
"""Where a pad position lies in the widget."""


class MotionLayer(QObject):
    """The puck's place, light and way, and the second puck where there is one (`held`).

    Signals:
        changed: it is to be painted again.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.x = self.y = 0.0
        self.held: HeldPuck | None = None
        self._sounding: tuple[float, float] | None = None
        self._trail = Trail()
        self._pulse = 0.0
        self._playing = self._still = False
        self._glow: QPixmap | None = None
        self._fading = QTimer(self)
        self._fading.setInterval(16)
        self._fading.timeout.connect(self._fade)

    def move_to(self, x: float, y: float) -> None:
        """The puck is at (x, y)."""
        if not self._still:
            now = time.monotonic()
            if not len(self._trail):
                self._trail.add(self.x, self.y, now)
            self._trail.add(x, y, now)
            self._fading.start()
        self.x, self.y = x, y
        self.changed.emit()

    def set_beat(self, beat: float, playing: bool) -> None:
        """Glow with the beat."""
        pulse = 0.0 if self._still or not playing else math.exp(-4 * (beat % 1.0))
        if playing != self._playing or abs(pulse - self._pulse) > 0.01:
            self._pulse, self._playing = pulse, playing
            self.changed.emit()

    def set_sounding(self, place: tuple[float, float] | None) -> None:
        """Show from where the bar of a chain comes that is heard; None where it comes from the puck."""
        if place != self._sounding:
            self._sounding = place
            self.changed.emit()

    def set_still(self, still: bool) -> None:
        """Leave out trail and pulse."""
        self._still = still
        self._trail.clear()
        self.changed.emit()

    def forget_colours(self) -> None:
        """The theme has changed."""
        self._glow = None

    def touched(self, place: Place) -> QRect:
        """The part of the widget that puck and trail lie in."""
        centre = place(self.x, self.y)
        found = QRectF(centre.x() - puck.GLOW, centre.y() - puck.GLOW, 2 * puck.GLOW, 2 * puck.GLOW)
        if self._sounding is not None:
            at, reach = place(*self._sounding), puck.RADIUS + 3
            found = found.united(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach))
        if (bounds := self._trail.bounds()) is not None:
            left, right, low, high = bounds
            found = found.united(QRectF(place(left, high), place(right, low)).adjusted(-6, -6, 6, 6))
        return found.toAlignedRect().adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, plate: QRectF, place: Place, ratio: float, focused: bool,
              c: Colours) -> None:
        """Trail and puck, within the plate."""
        if self._glow is None or self._glow.devicePixelRatio() != ratio:
            self._glow = puck.glow_pixmap(c["accent"], ratio)
        painter.setClipRect(plate.adjusted(1, 1, -1, -1))
        if len(self._trail) > 1:
            points = [(place(x, y), f) for x, y, f in self._trail.points(time.monotonic())]
            puck.paint_trail(painter, points, c)
        if self.held is not None:
            paint_held(painter, plate, place(self.held.x, self.held.y), self.held.group, c)
        if self._sounding is not None:
            puck.paint_sounding(painter, place(*self._sounding), c)
        light = (0.55 + 0.45 * self._pulse) if self._playing else 0.35
        painter.setClipRect(plate.adjusted(-puck.RADIUS, -puck.RADIUS, puck.RADIUS, puck.RADIUS))
        puck.paint_puck(painter, place(self.x, self.y), self._glow, light, c, focused)

    def _fade(self) -> None:
        self._trail.fade(time.monotonic())
        if not len(self._trail):
            self._fading.stop()
        self.changed.emit()
