# SPDX-License-Identifier: GPL-3.0-or-later
"""The bars of the chain in a row: click to choose, drag to move, and a plus for one more."""

from PyQt6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QApplication, QSizePolicy, QWidget

from vaesynth.session import MAX_CHAIN

from ... import theme
from .tile import paint_plus, paint_tile

COLUMNS = MAX_CHAIN // 2
GAP = 6.0
SHORTEST, TALLEST = 24.0, 64.0
"""Least and greatest height of a bar in pixels."""
Places = tuple[tuple[float, float], ...]


class ChainStrip(QWidget):
    """Shows a chain and asks for another; left and right choose a bar, with Shift they move it, Return goes
    to its place, Delete takes it out.

    Signals:
        asked: the puck is to go to this bar's place.
        added: the puck's place as one more bar.
        removed: this bar.
        moved: (from, to): a bar is to stand elsewhere.
        menu_asked: (bar, global position).
    """

    asked = pyqtSignal(int)
    added = pyqtSignal()
    removed = pyqtSignal(int)
    moved = pyqtSignal(int, int)
    menu_asked = pyqtSignal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: Places = ()
        self._chosen = 0
        self._sounding: int | None = None
        self._hovered: int | None = None
        self._press: QPointF | None = None
        self._dragged: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Chain"))
        self.setToolTip(self.tr("Bars of the chain: drag to reorder, double click to go to the place, "
                                "right click for more; + adds the place of the puck"))

    @property
    def chosen(self) -> int:
        """The bar that keys act on; one past the last is the plus."""
        return self._chosen

    @property
    def sounding(self) -> int | None:
        """The bar that is heard."""
        return self._sounding

    def set_places(self, places: Places) -> None:
        """Show these bars."""
        if places != self._places:
            self._places = places
            self._press = self._dragged = None  # what is dragged may be gone, or another
            self._chosen = min(self._chosen, self._last())
            self.update()

    def set_sounding(self, bar: int | None) -> None:
        """Show which bar is heard, None for none."""
        if bar != self._sounding:
            self._sounding = bar
            self.update()

    def choose(self, bar: int) -> None:
        """Let keys act on this bar."""
        self._chosen = min(max(bar, 0), self._last())
        self.update()

    def box(self, bar: int) -> QRectF:
        """Where a bar lies; one past the last is the plus."""
        width = (self.width() - (COLUMNS - 1) * GAP) / COLUMNS
        height = min(max((self.height() - GAP) / 2, SHORTEST), TALLEST)
        row, column = divmod(bar, COLUMNS)
        return QRectF(column * (width + GAP), row * (height + GAP), width, height).adjusted(1, 1, -1, -1)

    def sizeHint(self) -> QSize:
        return QSize(400, 2 * 32 + round(GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 2 * round(SHORTEST) + round(GAP))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        bar = self._at(event.position())
        if bar is not None and bar < len(self._places):
            self._press = event.position()
            self.choose(bar)
        elif bar is not None:
            self.added.emit()
            self.choose(len(self._places))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None:
            return
        at = self._at(event.position())
        if self._press is not None:
            away = (event.position() - self._press).manhattanLength()
            if self._dragged is None and away >= QApplication.startDragDistance():
                self._dragged = self._chosen
            if self._dragged is not None and at is not None and at < len(self._places):
                self._chosen = at
                self.update()
        elif at != self._hovered:
            self._hovered = at
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        start, self._dragged, self._press = self._dragged, None, None
        if start is not None and start != self._chosen:
            self.moved.emit(start, self._chosen)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        bar = self._at(event.position()) if event is not None else None
        if bar is not None and bar < len(self._places):
            self.asked.emit(bar)

    def leaveEvent(self, event: QEvent | None) -> None:
        self._hovered = None
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        if event is None:
            return
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        bar = self._chosen if by_key else self._at(QPointF(event.pos()))
        if bar is not None and bar < len(self._places):
            self.choose(bar)
            self.menu_asked.emit(bar, self.mapToGlobal(self.box(bar).center().toPoint()))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        bar, is_bar = self._chosen, self._chosen < len(self._places)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if is_bar and 0 <= bar + step < len(self._places):
                self.choose(bar + step)
                self.moved.emit(bar, bar + step)
        elif step is not None:
            self.choose(bar + step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if is_bar:
                self.asked.emit(bar)
            elif bar < MAX_CHAIN:
                self.added.emit()
                self.choose(bar + 1)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and is_bar:
            self.removed.emit(bar)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = list(self._places)
        if self._dragged is not None:  # as it will be
            places.insert(self._chosen, places.pop(self._dragged))
        marked = self._chosen if self.hasFocus() or self._dragged is not None else None
        for bar, place in enumerate(places):
            paint_tile(painter, self.box(bar), bar + 1, place, c, sounding=bar == self._sounding,
                       hovered=bar == self._hovered, chosen=bar == marked)
        if len(places) < MAX_CHAIN:
            plus = len(places)
            paint_plus(painter, self.box(plus), c, hovered=plus == self._hovered, chosen=plus == marked)

    def _last(self) -> int:
        return min(len(self._places), MAX_CHAIN - 1)

    def _at(self, point: QPointF) -> int | None:
        shown = min(len(self._places) + 1, MAX_CHAIN)
        return next((bar for bar in range(shown) if self.box(bar).contains(point)), None)
