# SPDX-License-Identifier: GPL-3.0-or-later
"""Colours, motion, language."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QWidget

from ...settings import LANGUAGES, THEMES, Settings
from ..choice import Choice
from .page import CHOICE_WIDTH, Page


class LookPage(Page):
    """Takes effect at once; the language when the window opens again.

    Signals:
        theme_chosen, motion_chosen, language_chosen: one of `THEMES`, reduced or not, one of `LANGUAGES`.
    """

    theme_chosen = pyqtSignal(str)
    motion_chosen = pyqtSignal(bool)
    language_chosen = pyqtSignal(str)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.language = Choice(), Choice()
        self.theme.setMinimumWidth(CHOICE_WIDTH)
        themes = {"dark": self.tr("Dark"), "light": self.tr("Light"), "system": self.tr("As the system")}
        for name in sorted(THEMES, key=list(themes).index):
            self.theme.addItem(themes[name], name)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        # Languages by their own names, so that everybody finds the way back.
        languages = {"system": self.tr("As the system"), "en": "English", "de": "Deutsch"}
        for name in LANGUAGES:
            self.language.addItem(languages[name], name)
        self.language.setCurrentIndex(self.language.findData(settings.language))
        self.still = QCheckBox(self.tr("Reduced motion: no glow, no trail, no pulses"))
        self.still.setChecked(settings.reduced_motion)
        self.form.addRow(self.tr("Colours"), self.theme)
        self.form.addRow(self.tr("Language"), self.language)
        self.form.addRow("", self.still)
        self.add_note(self.tr("Another language is there when the window is opened again."))
        self.column.addStretch(1)
        self.theme.activated.connect(lambda i: self.theme_chosen.emit(self.theme.itemData(i)))
        self.language.activated.connect(lambda i: self.language_chosen.emit(self.language.itemData(i)))
        self.still.toggled.connect(self.motion_chosen)
