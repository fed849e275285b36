"""All texts that a window shows, says or tells of itself."""

from collections.abc import Iterator
from typing import Any

from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTableWidget,
    QWidget,
)

from vaesynth_gui.widgets.segmented import Segmented


def shown_texts(window: QWidget) -> set[str]:
    """Of a window and all that lies in it, in sight or not: labels, menus, tool tips, what is painted."""
    found = {text for widget in [window, *window.findChildren(QWidget)] for text in _texts(widget)}
    return (found | painted_texts(window)) - {""}


def painted_texts(widget: QWidget) -> set[str]:
    """What a widget draws as text when it is painted, as it stands there."""
    found: set[str] = set()
    draw, kept = QPainter.drawText, vars(QPainter)["drawText"]

    def noted(self: QPainter, *arguments: Any) -> Any:
        found.update(argument for argument in arguments if isinstance(argument, str))
        return draw(self, *arguments)
    QPainter.drawText = noted
    try:
        widget.grab()
    finally:
        QPainter.drawText = kept
    return found


def _texts(widget: QWidget) -> Iterator[str]:
    yield from (widget.windowTitle(), widget.toolTip())
    yield from (widget.accessibleName(), widget.accessibleDescription())
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(i) for i in range(widget.count()))
    elif isinstance(widget, QLineEdit) and not isinstance(widget.parentWidget(), QAbstractSpinBox):
        yield widget.placeholderText()
    elif isinstance(widget, Segmented):
        yield from widget.labels
    elif isinstance(widget, QMenu):
        yield from (action.text().partition("\t")[0] for action in widget.actions())
    elif isinstance(widget, QTableWidget):
        heads = (widget.horizontalHeaderItem(i) for i in range(widget.columnCount()))
        yield from (head.text() for head in heads if head is not None)
