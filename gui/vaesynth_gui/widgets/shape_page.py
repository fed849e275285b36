# SPDX-License-Identifier: GPL-3.0-or-later
"""Kit and groove apart, and the model's macros."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import QPointF, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .macros import MacroPanel
from .segmented import Segmented


class ShapePage(QWidget):
    """Asks by `lock_chosen` for a latent group to keep, None for none; see `macros` for the rest."""

    lock_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.groups: tuple[str, ...] = ()
        self.macros = MacroPanel()
        self.lock = Segmented([])
        self._row = QWidget()
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        caption = QLabel(self.tr("Puck moves"))
        caption.setProperty("role", "caption")
        row.addWidget(caption)
        row.addWidget(self.lock, 1)
        self.lock.setAccessibleName(self.tr("Puck moves"))
        self.lock.setToolTip(self.tr(
            "What the puck moves; the rest stays at the ring on the pad, which can be dragged, too"))
        self.lock.chosen.connect(lambda i: self.lock_chosen.emit((None, *self.groups)[i]))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._row)
        column.addWidget(self.macros, 1)
        self._row.hide()

    def describe(self, groups: tuple[str, ...], macros: Sequence[Any]) -> None:
        """Show the controls that a model has."""
        self.groups = groups
        self.macros.set_macros(macros)
        texts = [self.tr("Everything")]
        if len(groups) == 2:  # to keep one is to move the other
            texts += [self.tr("Only {group}").format(group=other) for other in reversed(groups)]
        else:
            texts += [self.tr("All but {group}").format(group=group) for group in groups]
        self.lock.set_labels(texts)
        self._row.setVisible(bool(groups))

    def lock_at(self, place: QPointF) -> str | None:
        """The group that a click at a place of `lock` keeps, None where it keeps none."""
        at = next((i for i in range(len(self.groups) + 1) if self.lock.segment(i).contains(place)), 0)
        return (None, *self.groups)[at]

    def show_lock(self, group: str | None) -> None:
        """Show which group is kept."""
        choices = (None, *self.groups)
        self.lock.set_index(choices.index(group) if group in choices else 0)
