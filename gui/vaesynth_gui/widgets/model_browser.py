# SPDX-License-Identifier: GPL-3.0-or-later
"""The models of this machine, each with its card."""

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QModelIndex, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPainter
from PyQt6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from vaesynth.geometry import LoopGeometry
from vaesynth.metadata import ModelMetadata
from vaesynth.models import ModelFile

from .. import theme
from .buttons import Button, Card

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
        self.resize(820, 500)
        self.list = QListWidget()
        self.list.setFixedWidth(300)
        self.list.setItemDelegate(_Entry(self.list))
        self.list.setMouseTracking(True)
        self.list.currentItemChanged.connect(lambda now, before: self._show(now))
        self.list.itemActivated.connect(lambda item: self._choose())
        self._placeholder(self.tr("Looking for models …"))
        self._card = Card()
        self._card.body.setContentsMargins(20, 18, 20, 18)
        self._name = QLabel()
        self._name.setProperty("role", "heading")
        self._name.setWordWrap(True)
        self._where = QLabel()
        self._where.setProperty("role", "caption")
        self._where.setWordWrap(True)
        self._where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._facts = QFormLayout()
        self._facts.setHorizontalSpacing(18)
        self._facts.setVerticalSpacing(8)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for part in (self._name, self._where):
            self._card.body.addWidget(part)
        self._card.body.addSpacing(10)
        self._card.body.addLayout(self._facts)
        self._card.body.addStretch(1)
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
        both.addWidget(self._card, 1)
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
        while self._facts.rowCount():
            self._facts.removeRow(0)
        self._load.setEnabled(model is not None and model.metadata is not None)
        if model is None:
            return
        self._where.setText(str(model.path))
        if model.metadata is None:
            self._name.setText(model.path.name)
            self._fact(self.tr("Fault"), model.error or "")
            return
        self._name.setText(model.metadata.name)
        image = model.metadata.kind == "image"
        self._load.setText(self.tr("Show these faces") if image else self.tr("Play this model"))
        for label, text in self._card_of(model.metadata):
            self._fact(label, text)

    def _card_of(self, metadata: ModelMetadata) -> list[tuple[str, str]]:
        values = metadata.values
        g = metadata.geometry
        if isinstance(g, LoopGeometry):
            shape = self.tr("{beats} beats at {bpm} BPM, {rate} kHz, {channels}").format(
                beats=g.beats, bpm=f"{g.bpm:g}", rate=f"{g.sample_rate / 1000:g}",
                channels=self.tr("stereo") if g.channels == 2 else self.tr("mono"))
        else:
            shape = f"{g.width} × {g.height}"
        macros = ", ".join(m["name"] for m in values.get("macros", ()))
        facts = [
            (self.tr("Gives"), shape),
            (self.tr("Latent"), self.tr("{n} dimensions").format(n=metadata.latent_dim)),
            (self.tr("Keeps apart"), ", ".join(metadata.latent_groups)),
            (self.tr("Macros"), macros),
            (self.tr("Examples"), ", ".join(e["name"] for e in values.get("examples", ())[:12])),
            (self.tr("Scores"), _flat(values.get("scores", {}))),
            (self.tr("Trained"), _flat(values.get("trained", {}))),
            (self.tr("Licence"), values.get("licence", "")),
            (self.tr("Data"), values.get("data_licence", "")),
            (self.tr("Authors"), ", ".join(values.get("authors", ())))]
        return [(label, text) for label, text in facts if text]

    def _fact(self, label: str, text: str) -> None:
        name, value = QLabel(label), QLabel(text[:400])
        name.setProperty("role", "muted")
        value.setWordWrap(True)
        value.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.addRow(name, value)

    def _choose(self) -> None:
        model = self._model()
        if model is not None and model.metadata is not None:
            self.chosen.emit(model.path, model.metadata.kind == "image")
            self.accept()


def _flat(values: object, depth: int = 0) -> str:
    """A nested object as one line, numbers short."""
    if isinstance(values, dict) and depth < 3:
        parts = [(k, _flat(v, depth + 1)) for k, v in list(values.items())[:8]]
        return ", ".join(f"{k} {v}" for k, v in parts)
    return f"{values:.4g}" if isinstance(values, float) else str(values)
