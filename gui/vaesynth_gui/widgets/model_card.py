# SPDX-License-Identifier: GPL-3.0-or-later
"""What a model says of itself: what it gives, how good it is, what it may be used for, and how it sounds."""

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from vaesynth.geometry import LoopGeometry
from vaesynth.metadata import ModelMetadata
from vaesynth.models import ModelFile

from .buttons import Button, Card

CHIPS, COLUMNS = 9, 3
SHOWN = 3
"""Of a long list; the rest is a tooltip."""
MANY = 1e12
"""Numbers from here on have an exponent."""


class ModelCard(Card):
    """Shows one model at a time.

    Signals:
        heard: the `ModelFile` and the latent of an example to listen to; None and () for silence.
    """

    heard = pyqtSignal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.body.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body.addWidget(self._area)
        self.examples: list[Button] = []
        self._model: ModelFile | None = None
        self._column = QVBoxLayout()

    def show_model(self, model: ModelFile | None) -> None:
        """Show a model, or nothing."""
        if self.examples and any(b.isChecked() for b in self.examples):
            self.heard.emit(None, ())
        self._model, self.examples = model, []
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(20, 18, 20, 18)
        self._column.setSpacing(8)
        if model is not None and model.metadata is not None:
            self._show_metadata(model, model.metadata)
        elif model is not None:
            self._text(model.path.name, "heading")
            self._text(self.tr("It cannot be used: {fault}").format(fault=model.error or ""), "warning")
        self._column.addStretch(1)
        if model is not None:
            bundled = model.origin == "bundled"
            path = self._text(self.tr("Comes with vaesynth") if bundled else str(model.path), "caption")
            path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area.setWidget(page)

    @property
    def texts(self) -> list[str]:
        """Everything that it says."""
        page = self._area.widget()
        return [label.text() for label in page.findChildren(QLabel)] if page is not None else []

    def _show_metadata(self, model: ModelFile, metadata: ModelMetadata) -> None:
        values = metadata.values
        self._text(metadata.name, "heading")
        badges = QHBoxLayout()
        badges.setSpacing(6)
        for text in self._badges(metadata):
            badge = QLabel(text)
            badge.setProperty("role", "key")
            badges.addWidget(badge)
        badges.addStretch(1)
        self._column.addLayout(badges)
        self._text(self._gives(metadata), "muted")
        if metadata.kind == "loop" and values.get("examples"):
            self._title(self.tr("Hear examples"))
            self._add_examples(values["examples"])
        self._add_scores(values.get("scores", {}))
        trained = _trained(values.get("trained", {}), self)
        for title, text, whole in (
                (self.tr("Macros"), ", ".join(m["name"] for m in values.get("macros", ())), ""),
                (self.tr("Learnt"), trained, ""),
                (self.tr("Licence of the data"), *self._shortened(str(values.get("data_licence", "")))),
                (self.tr("Credits"), *self._shortened(", ".join(values.get("authors", ()))))):
            if text:
                self._title(title)
                self._text(text, "muted").setToolTip(whole)

    def _badges(self, metadata: ModelMetadata) -> list[str]:
        kind = self.tr("Faces") if metadata.kind == "image" else self.tr("Drums")
        licence = str(metadata.values.get("licence", ""))
        return [kind, *([licence[:40]] if licence else [])]

    def _gives(self, metadata: ModelMetadata) -> str:
        g = metadata.geometry
        if isinstance(g, LoopGeometry):
            parts = [self.tr("{n} beats at {bpm} BPM").format(n=g.beats, bpm=f"{g.bpm:g}"),
                     f"{g.sample_rate / 1000:g} kHz " + (self.tr("stereo") if g.channels == 2
                                                          else self.tr("mono"))]
        else:
            parts = [self.tr("{width} × {height} pixels").format(width=g.width, height=g.height)]
        parts.append(self.tr("{n} latent dimensions").format(n=metadata.latent_dim))
        if metadata.voices:
            parts.append(self.tr("{n} stems").format(n=len(metadata.voices)))
        if metadata.latent_groups:
            groups = self.tr(" and ").join(metadata.latent_groups)
            parts.append(self.tr("{groups} apart").format(groups=groups))
        return " · ".join(parts)

    def _add_examples(self, examples: Sequence[Mapping[str, Any]]) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        for i, example in enumerate(examples[:CHIPS]):
            button = Button(str(example["name"])[:40], icon="cue", checkable=True)
            button.setMinimumWidth(0)
            licence = str(example.get("licence", ""))
            button.setToolTip(f"{example['name']} · {licence}" if licence else str(example["name"]))
            z = tuple(map(float, example["z"]))
            button.clicked.connect(lambda on, b=button, z=z: self._hear(b, z if on else ()))
            self.examples.append(button)
            grid.addWidget(button, i // COLUMNS, i % COLUMNS)
        for column in range(COLUMNS):
            grid.setColumnStretch(column, 1)
        self._column.addLayout(grid)

    def _hear(self, button: Button, z: tuple[float, ...]) -> None:
        for other in self.examples:
            if other is not button:
                other.setChecked(False)
        self.heard.emit(self._model if z else None, z)

    def _add_scores(self, scores: object) -> None:
        """A table of metrics by data set; plain numbers are one column."""
        if not isinstance(scores, dict) or not scores:
            return
        nested = {str(k): v for k, v in scores.items() if isinstance(v, dict)}
        columns = nested or {"": scores}
        rows = list(dict.fromkeys(str(k) for column in columns.values() for k in column))[:8]
        self._title(self.tr("Scores"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        for c, name in enumerate(columns, 1):
            if name:
                grid.addWidget(_label(name.replace("_", " "), "caption"), 0, c, Qt.AlignmentFlag.AlignRight)
        for r, row in enumerate(rows, 1):
            grid.addWidget(_label(self._metric(row), "muted"), r, 0)
            for c, column in enumerate(columns.values(), 1):
                grid.addWidget(_label(_number(column.get(row)), ""), r, c, Qt.AlignmentFlag.AlignRight)
        self._column.addLayout(grid)

    def _metric(self, name: str) -> str:
        known = {"mr_stft": self.tr("Spectral distance (lower is better)"),
                 "onset_correlation": self.tr("Onset correlation (higher is better)"),
                 "items": self.tr("Items")}
        return known.get(name, name.replace("_", " "))

    def _shortened(self, text: str) -> tuple[str, str]:
        """The first few entries of a list in a text, and the whole where that is not all."""
        entries = text.split(", ")
        if len(entries) <= SHOWN:
            return text, ""
        shown = ", ".join(entries[:SHOWN])
        return self.tr("{some} and {n} more").format(some=shown, n=len(entries) - SHOWN), text[:4000]

    def _title(self, text: str) -> None:
        self._column.addSpacing(6)
        self._text(text, "title")

    def _text(self, text: str, role: str) -> QLabel:
        label = _label(text, role)
        label.setWordWrap(True)
        self._column.addWidget(label)
        return label


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label


def _number(value: object) -> str:
    """Three digits, or all before the point where there are more."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (f"{value:,.0f}" if 999.5 <= abs(value) < MANY else f"{value:.3g}").replace("-", "−")
    return "–" if value is None else str(value)[:40]


def _trained(trained: object, card: ModelCard) -> str:
    """For how long and on what."""
    if not isinstance(trained, dict):
        return ""
    parts = []
    if isinstance(minutes := trained.get("minutes"), int | float):
        parts.append(card.tr("{n} minutes").format(n=f"{minutes:.0f}"))
    if isinstance(steps := trained.get("steps"), int):
        parts.append(card.tr("{n} steps").format(n=_number(steps)))
    for data in trained.get("data") or () if isinstance(trained.get("data"), list) else ():
        if isinstance(data, dict) and isinstance(data.get("items"), dict):
            count = data["items"].get("train")
            name = str(data.get("name", "")).replace("_", " ")
            parts.append(card.tr("{n} items of {name}").format(n=_number(count), name=name))
    return ", ".join(parts)
