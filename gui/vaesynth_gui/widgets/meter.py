# SPDX-License-Identifier: GPL-3.0-or-later
"""Level meter: left and right in dB, the peak held for a moment, a light that stays on after a clip."""

import math
import time

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme

FLOOR_DB = -48.0
FALL_DB = 36.0
"""How far the bars fall in a second."""
HOLD = 1.2
ZONES = ((FLOOR_DB, -12.0, "good"), (-12.0, -3.0, "warning"), (-3.0, 0.0, "danger"))

CLIP_LIGHT = 8


class LevelMeter(QWidget):
    """Two thin bars over −48 to 0 dB; a click puts the clip light out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Level"))
        self._shown = [FLOOR_DB, FLOOR_DB]
        self._held = [(FLOOR_DB, 0.0), (FLOOR_DB, 0.0)]
        self._clips = self._seen = 0
        self._then = time.monotonic()
        self.setToolTip(self.tr(
            "Level of the output, −48 to 0 dB; the light tells of clipping, a click or Esc puts it out"))

    @property
    def clip_light(self) -> bool:
        """Whether there was a clip since the light was put out."""
        return self._clips > self._seen

    def set_level(self, left: float, right: float, clipped: int) -> None:
        """Show linear peaks, and the number of clipped blocks since the start."""
        now = time.monotonic()
        fall, self._then = FALL_DB * (now - self._then), now
        before = (list(self._shown), list(self._held), self._clips)
        for i, peak in enumerate((left, right)):
            db = max(20 * math.log10(peak), FLOOR_DB) if peak > 1e-6 else FLOOR_DB
            self._shown[i] = max(db, self._shown[i] - fall, FLOOR_DB)
            if db >= self._held[i][0] or now - self._held[i][1] > HOLD:
                self._held[i] = (db, now)
        if clipped < self._clips:
            self._seen = 0  # another server counts from the start
        self._clips = clipped
        if (self._shown, self._held, self._clips) != before:
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 10)

    def minimumSizeHint(self) -> QSize:
        return QSize(56, 10)

    def put_out(self) -> None:
        """Put the clip light out."""
        self._seen = self._clips
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        self.put_out()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = self.width() - CLIP_LIGHT - 5
        for i in range(2):
            bar = QRectF(1, 1 + i * 5, width, 3)
            painter.setBrush(c["pressed"])
            painter.drawRoundedRect(bar, 1.5, 1.5)
            filled = width * (self._shown[i] - FLOOR_DB) / -FLOOR_DB
            for low, high, colour in ZONES:
                start = width * (low - FLOOR_DB) / -FLOOR_DB
                end = min(width * (high - FLOOR_DB) / -FLOOR_DB, filled)
                if end > start:
                    painter.fillRect(QRectF(1 + start, 1 + i * 5, end - start, 3), c[colour])
            held = self._held[i][0]
            if held > FLOOR_DB:
                painter.fillRect(QRectF(width * min(1.0, (held - FLOOR_DB) / -FLOOR_DB) - 1, 1 + i * 5, 2,
                                        3), c["text"])
        painter.setBrush(c["danger"] if self.clip_light else c["pressed"])
        painter.drawRoundedRect(QRectF(self.width() - CLIP_LIGHT - 1, 1, CLIP_LIGHT, 8), 2, 2)
