"""Finds texts that a person could not read to their end: wider than their widget, or elided as painted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics, QFontMetricsF
from PyQt6.QtWidgets import QAbstractSpinBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from vaesynth_gui.widgets.segmented import Segmented


def cut_texts(window: QWidget) -> list[str]:
    """The texts below a widget that do not fit, each with the kind of its widget."""
    found = []
    for widget in window.findChildren(QWidget):
        if widget.isVisible():
            found += [f"{type(widget).__name__}: {text!r} in {room:.0f} of {need:.0f}"
                      for text, need, room in _needs(widget) if need > room + 0.5]
    with _elided() as elided:
        window.grab()
    return found + [f"painted: {text!r}" for text in elided]


def _needs(widget: QWidget) -> Iterator[tuple[str, float, float]]:
    """(text, pixels it takes, pixels it has)."""
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.RichText:
        room = widget.contentsRect()
        if widget.wordWrap():
            flags = int(Qt.TextFlag.TextWordWrap)
            needed = metrics.boundingRect(0, 0, room.width(), 10_000, flags, widget.text())
            yield widget.text(), needed.height(), room.height() + 1
        else:
            yield from ((line, metrics.horizontalAdvance(line), room.width())
                        for line in widget.text().splitlines())
    elif isinstance(widget, QPushButton) and widget.text():
        icon = widget.iconSize().width() + 4 if not widget.icon().isNull() else 0
        yield widget.text(), metrics.horizontalAdvance(widget.text()) + icon, widget.width() - 4
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), metrics.horizontalAdvance(widget.currentText()), widget.width() - 34
    elif isinstance(widget, QLineEdit):
        text = widget.text() or widget.placeholderText()
        margins = 4 if isinstance(widget.parentWidget(), QAbstractSpinBox) else 18
        yield text, metrics.horizontalAdvance(text), widget.width() - margins
    elif isinstance(widget, Segmented):
        bold = widget.text_metrics()
        yield from ((text, bold.horizontalAdvance(text), widget.segment(i).width())
                    for i, text in enumerate(widget.labels))


@contextmanager
def _elided() -> Iterator[list[str]]:
    """The texts that are shortened while they are painted."""
    whole, kept = QFontMetricsF.elidedText, vars(QFontMetricsF)["elidedText"]
    found: list[str] = []

    def noted(self: QFontMetricsF, text: str, *arguments: Any) -> str:
        shown = whole(self, text, *arguments)
        if shown != text:
            found.append(text)
        return shown
    QFontMetricsF.elidedText = noted
    try:
        yield found
    finally:
        QFontMetricsF.elidedText = kept
