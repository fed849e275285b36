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

    def captions(self) -> list[QWidget]:
        """What the choices are called by."""
        items = (self.form.itemAt(row, QFormLayout.ItemRole.LabelRole) for row in range(self.form.rowCount()))
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if widget is not None]

    def add_note(self, text: str) -> None:
        """Add what is good to know."""
        note = QLabel(text)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self.column.addWidget(note)


def align_captions(*pages: Page) -> None:
    """Let the choices of several pages begin at the same place."""
    captions = [caption for page in pages for caption in page.captions()]
    width = max(caption.sizeHint().width() for caption in captions)
    for caption in captions:
        caption.setMinimumWidth(width)
