# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of the preferences: named choices, and notes below them."""

from PyQt6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

CHOICE_WIDTH = 300


class Page(QWidget):
    """A form, to be filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = QFormLayout()
        self.form.setHorizontalSpacing(20)
        self.form.setVerticalSpacing(12)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 0, 0, 0)
        self.column.setSpacing(16)
        self.column.addLayout(self.form)

    def add_note(self, text: str) -> None:
        """Add what is good to know."""
        note = QLabel(text)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self.column.addWidget(note)
