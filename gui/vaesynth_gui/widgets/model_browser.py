# SPDX-License-Identifier: GPL-3.0-or-later
"""The models of this machine, each with its card."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QModelIndex, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from vaesynth.models import ModelFile

from .. import theme
from .buttons import Button
from .model_card import ModelCard

MODEL = Qt.ItemDataRole.UserRole
ABOUT = Qt.ItemDataRole.UserRole + 1


class _Entry(QStyledItemDelegate):
    """Two lines an entry: the name, and more quietly what it is."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(200, 52)

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        if painter is None or not isinstance(index.data(MODEL), ModelFile):
            super().paint(painter, option, index)
            return
        c = theme.colours()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect).adjusted(1, 1, -1, -1)
        if selected or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(c["pressed" if selected else "raised"])
            painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        name, about = (theme.font(theme.BODY, 600), "text", 7), (theme.font(theme.CAPTION), "muted", 27)
        for text, (font, colour, top) in ((index.data(), name), (index.data(ABOUT), about)):
            painter.setFont(font)
            painter.setPen(c["text" if selected else colour])
            line = QRectF(box.left() + 12, box.top() + top, box.width() - 24, 18)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()


class ModelBrowser(QDialog):
    """Lists models and shows what they say of themselves.

    Signals:
        chosen: the path of a model, and whether it decodes faces.
        file_asked: another file is to be looked for.
    """

    chosen = pyqtSignal(object, bool)
    file_asked = pyqtSignal()

    def __init__(self, current: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = current
        self.setWindowTitle(self.tr("Models"))
        self.resize(860, 580)
        self.list = QListWidget()
        self.list.setFixedWidth(280)
        self.list.setItemDelegate(_Entry(self.list))
        self.list.setMouseTracking(True)
        self.list.currentItemChanged.connect(lambda now, before: self._show(now))
        self.list.itemActivated.connect(lambda item: self._choose())
        self._placeholder(self.tr("Looking for models …"))
        self.card = ModelCard()
        self._load = Button(self.tr("Play this model"))
        self._load.setProperty("role", "primary")
        self._load.clicked.connect(self._choose)
        self._load.setEnabled(False)
        other = Button(self.tr("Open a file …"))
        other.clicked.connect(self.file_asked)
        close = Button(self.tr("Close"))
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(other)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self._load)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addWidget(self.list)
        both.addWidget(self.card, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(14)
        column.addLayout(both, 1)
        column.addLayout(buttons)

    def show_models(self, models: Sequence[ModelFile]) -> None:
        """List these models."""
        self.list.clear()
        origins = {"bundled": self.tr("bundled"), "user": self.tr("yours"),
                   "recent": self.tr("opened lately")}
        for model in models:
            kind = self.tr("faces") if model.metadata and model.metadata.kind == "image" else self.tr("drums")
            about = f"{kind} · {origins.get(model.origin, model.origin)}"
            about = self.tr("cannot be used") if model.error else about
            title = model.metadata.name if model.metadata else model.path.name
            item = QListWidgetItem(title)
            item.setData(MODEL, model)
            item.setData(ABOUT, about)
            self.list.addItem(item)
            if self._current is not None and model.path == self._current:
                self.list.setCurrentItem(item)
        if not models:
            self._placeholder(self.tr("No models were found. Open a file, or drop one onto the window."))
        elif self.list.currentItem() is None:
            self.list.setCurrentRow(0)

    def _placeholder(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.addItem(item)

    def _model(self) -> ModelFile | None:
        item = self.list.currentItem()
        model = item.data(MODEL) if item is not None else None
        return model if isinstance(model, ModelFile) else None

    def _show(self, item: QListWidgetItem | None) -> None:
        model = self._model()
        self._load.setEnabled(model is not None and model.metadata is not None)
        self.card.show_model(model)
        if model is not None and model.metadata is not None:
            image = model.metadata.kind == "image"
            self._load.setText(self.tr("Show these faces") if image else self.tr("Play this model"))

    def _choose(self) -> None:
        model = self._model()
        if model is not None and model.metadata is not None:
            self.chosen.emit(model.path, model.metadata.kind == "image")
            self.accept()
