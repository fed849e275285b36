# SPDX-License-Identifier: GPL-3.0-or-later
"""The quiet line at the bottom: what runs where, and how well."""

import math
import time
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from .. import theme

if TYPE_CHECKING:
    from vaesynth.engine import EngineStatus

PASSING_MS = 8_000
FRESH = 10.0
"""Seconds for which a new dropout is shown as a warning."""


class StatusLine(QWidget):
    """Shows an engine's status as fields that stay where they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._light = "muted"
        self._left = self.tr("Starting the sound …")
        self._right: tuple[tuple[str, str, str], ...] = ()
        self._recording = self._note = self._held = ""
        self._counts = [(0, -FRESH), (0, -FRESH)]
        self._passing = QTimer(self)
        self._passing.setSingleShot(True)
        self._passing.setInterval(PASSING_MS)
        self._passing.timeout.connect(self._pass)
        self.setToolTip(self.tr(
            "Device, rate, buffer and output latency · dropouts: buffers that the device missed · "
            "late: loops decoded too late for their place in the bar · decode: time of the last decode"))

    @property
    def text(self) -> str:
        """Everything it shows, in one line."""
        notes = (t for t in (self._recording, self._note or self._held) if t)
        return " · ".join([self._left, *(t for t, _, _ in self._right), *notes])

    def set_status(self, status: "EngineStatus") -> None:
        """Show the engine's status."""
        alive = status.server_alive
        rate = f"{status.sample_rate / 1000:g} kHz"
        latency = f"{1000 * status.output_latency:.1f} ms"
        left = "  ·  ".join((status.device, rate, str(status.buffer_frames), latency))
        left = left if alive else self.tr("No sound")
        decode = "–" if math.isnan(status.decode_ms) else f"{status.decode_ms:.0f} ms"
        right = (
            self._counted(self.tr("1 dropout"), self.tr("{n} dropouts"), status.xruns, 0),
            self._counted(self.tr("1 late"), self.tr("{n} late"), status.deadline_misses, 1),
            (self.tr("decode {time}").format(time=decode), "muted",
             self.tr("decode {time}").format(time="000 ms")),
            (_provider(status.provider), "muted", ""))
        self._show("good" if alive else "danger", left, right)

    def set_message(self, text: str, light: str = "muted") -> None:
        """Show a word instead of a status, while there is none."""
        self._show(light, text, ())

    def set_recording(self, text: str) -> None:
        """Show how a recording goes, beside all remarks; empty when it is over."""
        if text != self._recording:
            self._recording = text
            self.update()

    def set_note(self, text: str) -> None:
        """Show a remark in the middle that passes by itself after a while; empty for none."""
        self._passing.start()
        self._show_notes(text, self._held)

    def hold_note(self, text: str) -> None:
        """Show a remark for as long as what it tells of goes on; empty when it is over.

        A passing one hides it for its while, and stays when it is over.
        """
        if text:
            self._passing.stop()
        self._show_notes("" if text else self._note, text)

    def _pass(self) -> None:
        self._show_notes("", self._held)

    def _show_notes(self, note: str, held: str) -> None:
        if (note, held) != (self._note, self._held):
            self._note, self._held = note, held
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, 26)

    def _show(self, light: str, left: str, right: tuple[tuple[str, str, str], ...]) -> None:
        if (light, left, right) != (self._light, self._left, self._right):
            self._light, self._left, self._right = light, left, right
            self.update()

    def _counted(self, one: str, many: str, number: int, index: int) -> tuple[str, str, str]:
        """A count as (text, colour, widest text): room for three digits, and a warning while it is fresh."""
        now = time.monotonic()
        before, _ = self._counts[index]
        if number != before:
            self._counts[index] = number, now if number > before else -FRESH
        fresh = now - self._counts[index][1] < FRESH
        text = one if number == 1 else many.format(n=number)
        return text, "warning" if fresh else "muted", many.format(n="000")

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font(theme.CAPTION, 500)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c[self._light])
        painter.drawEllipse(QPointF(7, middle), 3.5, 3.5)
        right = float(self.width()) - 2
        for text, colour, widest in reversed(self._right):
            room = max(metrics.horizontalAdvance(text), metrics.horizontalAdvance(widest)) + 14
            painter.setPen(c[colour])
            painter.drawText(QRectF(right - room, 0, room, self.height()), Qt.AlignmentFlag.AlignRight
                             | Qt.AlignmentFlag.AlignVCenter, text)
            right -= room
        left = metrics.elidedText(self._left, Qt.TextElideMode.ElideRight, right - 30)
        painter.setPen(c["muted"])
        painter.drawText(QRectF(18, 0, right - 24, self.height()), Qt.AlignmentFlag.AlignVCenter, left)
        used = 18 + metrics.horizontalAdvance(left) + 24
        for text, colour in ((self._recording, "danger"), (self._note or self._held, "text")):
            if text and right - used > 80:
                painter.setPen(c[colour])
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - used)
                painter.drawText(QRectF(used, 0, right - used, self.height()), Qt.AlignmentFlag.AlignVCenter,
                                 shown)
                used += metrics.horizontalAdvance(shown) + 24


def _provider(name: str) -> str:
    """A provider's name as people write it."""
    return {"cpu": "CPU", "cuda": "CUDA", "coreml": "CoreML", "directml": "DirectML"}.get(name.lower(), name)
