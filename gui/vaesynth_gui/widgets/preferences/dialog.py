# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences: what they are about on the left, the choices on the right."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ... import icons
from ..buttons import Button


class PreferencesDialog(QDialog):
    """Turns its pages."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.resize(720, 470)
        self.list, self.pages = QListWidget(), QStackedWidget()
        self.list.setFixedWidth(170)
        self.list.setIconSize(QSize(18, 18))
        self.list.currentRowChanged.connect(self.pages.setCurrentIndex)
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        body = QHBoxLayout()
        body.setSpacing(20)
        body.addWidget(self.list)
        body.addWidget(self.pages, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 20, 22, 18)
        column.setSpacing(14)
        column.addLayout(body, 1)
        column.addLayout(foot)

    def add_page(self, name: str, title: str, page: QWidget) -> None:
        """Add a page at the end; its icon has its name."""
        item = QListWidgetItem(icons.icon(name), title)
        item.setData(Qt.ItemDataRole.UserRole, name)
        item.setData(Qt.ItemDataRole.SizeHintRole, QSize(150, 38))
        self.list.addItem(item)
        self.pages.addWidget(page)
        if self.list.count() == 1:
            self.list.setCurrentRow(0)

    def show_page(self, name: str) -> None:
        """Turn to the page of this name."""
        names = [self._name(row) for row in range(self.list.count())]
        self.list.setCurrentRow(names.index(name))

    def _name(self, row: int) -> str:
        item = self.list.item(row)
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""
