# SPDX-License-Identifier: GPL-3.0-or-later
"""A message over the window's content, in place of dialogs: nothing moves, nothing waits for it."""

from collections.abc import Callable

from PyQt6.QtCore import QElapsedTimer, QEvent, QObject, QRectF, QSize, Qt, QTimer
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from .. import icons, theme
from .buttons import Button

NOTICE_MS = 7000
TOGETHER_MS, TOGETHER = 2000, 4
"""Errors within this time of each other are told together, the last so many: files come in handfuls."""


class Banner(QWidget):
    """Lies at the top of its parent; errors stay until they are closed, notices go by themselves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._error = False
        self._errors: list[str] = []
        self._since_error = QElapsedTimer()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = Button()
        self._close = Button(icon="close", tip=self.tr("Close"), flat=True)
        self._close.clicked.connect(self.hide)
        self._act: Callable[[], None] | None = None
        self._action.clicked.connect(self._do)
        line = QHBoxLayout(self)
        line.setContentsMargins(44, 8, 8, 8)
        line.addWidget(self._text, 1)
        line.addWidget(self._action)
        line.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def message(self) -> str:
        """What it says, empty when hidden."""
        return self._text.text() if self.isVisible() else ""

    def show_error(self, text: str, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Tell of something that did not work, with what can be done about it; the newest comes first."""
        together = (self.message and self._error and not self._action.text() and not action
                    and self._since_error.elapsed() < TOGETHER_MS)
        before = [known for known in self._errors if known != text] if together else []
        self._errors = [text, *before][:TOGETHER]
        self._since_error.start()
        self._show("\n".join(self._errors), True, action, act)
        self._timer.stop()

    def show_notice(self, text: str) -> None:
        """Tell of something that is good to know; an error stays in front."""
        if not (self.isVisible() and self._error):
            self._show(text, False, "", None)
            self._timer.start(NOTICE_MS)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is not None and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(560, 48)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = c["danger" if self._error else "warning"]
        painter.setPen(tone)
        painter.setBrush(c["raised"])
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.CARD_RADIUS,
                                theme.CARD_RADIUS)
        icons.draw(painter, "warning", QRectF(14, self.height() / 2 - 10, 20, 20), tone)

    def _show(self, text: str, error: bool, action: str, act: Callable[[], None] | None) -> None:
        self._error, self._act = error, act
        self._text.setText(text)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.show()
        self._place()
        self.raise_()
        self.update()

    def _do(self) -> None:
        act = self._act
        self.hide()
        if act is not None:
            act()

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is None:
            return
        width = min(parent.width() - 40, 680)
        layout = self.layout()
        height = max(48, layout.heightForWidth(width) if layout is not None else 0)
        self.setGeometry((parent.width() - width) // 2, 60, width, height)
