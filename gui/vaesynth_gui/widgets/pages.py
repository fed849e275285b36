# SPDX-License-Identifier: GPL-3.0-or-later
"""A card with several pages, one of them in sight."""

from PyQt6.QtWidgets import QStackedWidget, QWidget

from .buttons import Card
from .segmented import Segmented


class Pages(Card):
    """Tabs in the head, the chosen page below; all pages keep their place, so that nothing jumps.

    Args:
        pages: (title, widget).
    """

    def __init__(self, pages: list[tuple[str, QWidget]], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.tabs = Segmented([title for title, _ in pages])
        self.tabs.setAccessibleName(self.tr("Page"))
        self._stack = QStackedWidget()
        for _, page in pages:
            self._stack.addWidget(page)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self._stack, 1)
        self.tabs.chosen.connect(self.show_page)

    @property
    def page(self) -> int:
        """Index of the page in sight."""
        return self._stack.currentIndex()

    def show_widget(self, widget: QWidget) -> None:
        """Bring one of the widgets that it was given into sight."""
        self.show_page(self._stack.indexOf(widget))

    def show_page(self, index: int) -> None:
        """Bring a page into sight."""
        self.tabs.set_index(index)
        self._stack.setCurrentIndex(index)
