# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours and motion."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QWidget

from ...settings import THEMES, Settings
from ..choice import Choice
from .page import CHOICE_WIDTH, Page


class LookPage(Page):
    """Takes effect at once.

    Signals:
        theme_chosen, motion_chosen: one of `THEMES`, reduced or not.
    """

    theme_chosen = pyqtSignal(str)
    motion_chosen = pyqtSignal(bool)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = Choice()
        self.theme.setMinimumWidth(CHOICE_WIDTH)
        themes = {"dark": self.tr("Dark"), "light": self.tr("Light"), "system": self.tr("As the system")}
        for name in sorted(THEMES, key=list(themes).index):
            self.theme.addItem(themes[name], name)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.still = QCheckBox(self.tr("Reduced motion: no trail, no pulse"))
        self.still.setChecked(settings.reduced_motion)
        self.form.addRow(self.tr("Colours"), self.theme)
        self.form.addRow("", self.still)
        self.column.addStretch(1)
        self.theme.activated.connect(lambda i: self.theme_chosen.emit(self.theme.itemData(i)))
        self.still.toggled.connect(self.motion_chosen)
