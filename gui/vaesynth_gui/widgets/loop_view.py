# SPDX-License-Identifier: GPL-3.0-or-later
"""The sounding loop with playhead and slices; a click mutes a slice, a drag takes the loop out as a file."""

from collections.abc import Collection

from PyQt6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QBrush,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from vaesynth.loop import Loop

from .. import theme
from ..loop_steps import Steps
from .loop_layer import RULER, render

REDRAW_MS = 40
"""A moving pad brings loops faster than anyone can look at their waveforms."""


class LoopView(QWidget):
    """Shows a loop; with the focus, left and right choose a slice and Return mutes it.

    Signals:
        drag_asked: the loop is to be dragged out of the window.
        step_clicked: the slice on this step of the 16th grid is to be silent, or to be heard again.
    """

    drag_asked = pyqtSignal()
    step_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loop: Loop | None = None
        self._steps: Steps | None = None
        self._muted: frozenset[int] = frozenset()
        self._chosen: int | None = None
        self._spectrogram = False
        self._beat = 0.0
        self._playing = False
        self._layer: QPixmap | None = None
        self._press: QPointF | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._redraw.timeout.connect(self._drop_layer)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("The loop that sounds: click a slice to mute it, "
                                "drag the loop into a folder or another program as a WAV file"))
        self.setAccessibleName(self.tr("Sounding loop"))

    @property
    def loop(self) -> Loop | None:
        """The loop shown."""
        return self._loop

    def step_at(self, place: QPointF) -> int | None:
        """The step of the 16th grid whose slice lies there."""
        steps = self._slices()
        if steps is None or not 0 <= place.x() < self.width() or place.y() < RULER:
            return None
        return steps.at(place.x() / self.width())

    def set_loop(self, loop: Loop | None) -> None:
        """Show another loop."""
        self._loop, self._steps = loop, None
        if not self._redraw.isActive():
            self._redraw.start()

    def set_muted(self, steps: Collection[int]) -> None:
        """Show which steps of the 16th grid are silent."""
        muted = frozenset(steps)
        if muted != self._muted:
            self._muted = muted
            self.update()

    def set_spectrogram(self, shown: bool) -> None:
        """Show the mel spectrogram instead of the waveform, or the reverse."""
        if shown != self._spectrogram:
            self._spectrogram = shown
            self._drop_layer()

    def set_beat(self, beat: float, playing: bool) -> None:
        """Show the playhead at a beat of the loop."""
        old = self._playhead_rect()
        self._beat, self._playing = beat, playing
        new = self._playhead_rect()
        if new != old:
            self.update(old)
            self.update(new)

    def sizeHint(self) -> QSize:
        return QSize(420, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 72)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._layer = None

    def changeEvent(self, event: QEvent | None) -> None:
        if event is not None and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._drop_layer()
        super().changeEvent(event)

    # The hand.

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is not None and event.button() == Qt.MouseButton.LeftButton and self._loop is not None:
            self._press = event.position()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        self._choose(self.step_at(event.position()))
        if self._press is not None and (
                event.position() - self._press).manhattanLength() >= QApplication.startDragDistance():
            self._press = None
            self.drag_asked.emit()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        press, self._press = self._press, None
        step = self.step_at(press) if press is not None else None
        if step is not None:
            self.step_clicked.emit(step)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._choose(None)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        steps = self._slices()
        if event is None or steps is None:
            return
        chosen = self._chosen
        match event.key():
            case Qt.Key.Key_Right:
                self._choose(0 if chosen is None else (chosen + 1) % steps.count)
            case Qt.Key.Key_Left:
                self._choose(steps.count - 1 if chosen is None else (chosen - 1) % steps.count)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if chosen is not None:
                self.step_clicked.emit(chosen)
            case _:
                event.ignore()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        self._choose(0 if self._chosen is None else self._chosen)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        self._choose(None)

    # Painting: the still layer comes from a pixmap.

    def paintEvent(self, event: QPaintEvent | None) -> None:
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            self._layer = render(self._loop, self.size(), ratio, self._spectrogram)
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        if self._loop is None:
            return
        c = theme.colours()
        for step in self._muted:
            for part in self._areas(step):
                painter.fillRect(part, c.with_alpha("surface", 0.75))
                painter.fillRect(part, QBrush(c.with_alpha("muted", 0.5), Qt.BrushStyle.BDiagPattern))
        if self._chosen is not None:
            for part in self._areas(self._chosen):
                painter.fillRect(part, c.with_alpha("text", 0.09))
                painter.fillRect(QRectF(part.left(), part.bottom() - 2, part.width(), 2), c["accent"])
        if self._playing:
            self._paint_playhead(painter, c)
        if self.hasFocus():
            painter.setPen(QPen(c["accent"], 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, RULER + 0.5, -0.5, -0.5))

    def _paint_playhead(self, painter: QPainter, c: theme.Colours) -> None:
        x = self._x_of(self._beat)
        painter.fillRect(QRectF(x - 0.75, RULER, 1.5, self.height() - RULER), c["accent"])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(c["accent"])
        painter.drawPolygon(QPolygonF([QPointF(x - 4.5, RULER - 6), QPointF(x + 4.5, RULER - 6),
                                       QPointF(x, RULER + 1)]))

    def _x_of(self, beat: float) -> float:
        beats = self._loop.beats if self._loop is not None else 4
        return (beat % beats) / beats * self.width()

    def _playhead_rect(self) -> QRect:
        if not self._playing:
            return QRect()
        x = self._x_of(self._beat)
        return QRectF(x - 6, 0, 12, self.height()).toAlignedRect()

    def _slices(self) -> Steps | None:
        if self._steps is None and self._loop is not None:
            self._steps = Steps(self._loop)
        return self._steps

    def _areas(self, step: int) -> list[QRectF]:
        steps = self._slices()
        spans = steps.spans(step) if steps is not None else []
        width, height = self.width(), self.height() - RULER
        return [QRectF(a * width, RULER, (b - a) * width, height) for a, b in spans]

    def _choose(self, step: int | None) -> None:
        if step != self._chosen:
            self._chosen = step
            self.update()

    def _drop_layer(self) -> None:
        self._layer = None
        self.update()
