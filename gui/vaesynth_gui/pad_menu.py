# SPDX-License-Identifier: GPL-3.0-or-later
"""What a right click on the pad offers."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from .gestures import Gestures
from .state.instrument import Instrument
from .widgets.pad.marks import Mark, marks_of

TOP_FIRST = (2, 3, 0, 1)
"""The corners in reading order."""


class PadMenu(QMenu):
    """Gestures, and which loops are pinned to the corners.

    Args:
        mark: the point under the hand, which can be pinned at once, or None.
    """

    def __init__(self, gestures: Gestures, instrument: Instrument, mark: Mark | None,
                 parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._gestures, self._instrument = gestures, instrument
        session = instrument.session
        if mark is not None and mark.z:
            self.addMenu(self._pin_menu(mark))
            self.addSeparator()
        self.addAction(self.tr("Copy the position"), gestures.copy_position)
        self.addAction(self.tr("Back to the middle"), gestures.centre)
        self.addAction(self.tr("Jump anywhere"), gestures.jump)
        self.addAction(self.tr("Mutate"), gestures.mutate)
        self.addSeparator()
        self.addMenu(self._corner_menu())
        self.addSeparator()
        self._add(self.tr("Forget the recorded path"), gestures.forget_path, bool(session.path))
        self._add(self.tr("Forget my own loops"), gestures.forget_own_loops, bool(session.own_loops))

    def corner_names(self) -> tuple[str, str, str, str]:
        """Corners 0 to 3 in words."""
        return self.tr("Bottom left"), self.tr("Bottom right"), self.tr("Top left"), self.tr("Top right")

    def _pin_menu(self, mark: Mark) -> QMenu:
        menu = QMenu(self.tr("Pin {name} to a corner").format(name=mark.name), self)
        for corner in TOP_FIRST:
            menu.addAction(self.corner_names()[corner], self._pin(corner, mark))
        return menu

    def _corner_menu(self) -> QMenu:
        """For each corner: the loop here, any own loop, any of the model's."""
        session, metadata = self._instrument.session, self._instrument.metadata
        menu = QMenu(self.tr("Pinned corners"), self)
        own = [Mark(p.name, p.x, p.y, own=True, z=p.z) for p in session.own_loops if p.z]
        marks = own + list(marks_of(metadata.values) if metadata is not None else ())
        for corner in TOP_FIRST:
            pinned = session.corners.get(corner)
            title = self.corner_names()[corner]
            part = menu.addMenu(f"{title}: {pinned.name}" if pinned else title)
            assert part is not None
            part.addAction(self.tr("The loop at the puck"), lambda c=corner: self._gestures.pin_here(c))
            part.addSeparator()
            for mark in marks:
                part.addAction(mark.name, self._pin(corner, mark))
        menu.addSeparator()
        free = menu.addAction(self.tr("Free all corners"), self._gestures.free_corners)
        assert free is not None
        free.setEnabled(bool(session.corners))
        return menu

    def _pin(self, corner: int, mark: Mark) -> Callable[[], None]:
        return lambda: self._instrument.pin(corner, mark.name, mark.z)

    def _add(self, text: str, act: Callable[[], None], possible: bool) -> None:
        action = QAction(text, self)
        action.triggered.connect(act)
        action.setEnabled(possible)
        self.addAction(action)
