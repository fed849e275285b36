# SPDX-License-Identifier: GPL-3.0-or-later
"""MIDI learn: a right click on a control binds the next knob that is moved, or forgets it."""

from collections.abc import Mapping

from PyQt6.QtCore import QEvent, QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QMenu, QWidget

from .outside import Outside


class LearnMenu(QObject):
    """Watches the controls that it is given.

    Signals:
        noted: a few words while it waits for a knob; empty to take them back.
    """

    noted = pyqtSignal(str)

    def __init__(self, outside: Outside, parent: QWidget) -> None:
        super().__init__(parent)
        self._outside, self._window = outside, parent
        self._names: dict[QObject, str] = {}
        outside.changed.connect(lambda settings: self.noted.emit(""))

    def watch(self, controls: Mapping[QWidget, str]) -> None:
        """Offer the menu on these controls, by the name of what they set."""
        for control, name in controls.items():
            if control not in self._names:
                control.installEventFilter(self)
                control.destroyed.connect(lambda _=None, c=control: self._names.pop(c, None))
            self._names[control] = name

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QContextMenuEvent) and watched in self._names:
            self._popup(self._names[watched], event.globalPos())
            return True
        return False

    def _popup(self, name: str, where: QPoint) -> None:
        binding = self._outside.settings.mapping.of(name)
        menu = QMenu(self._window)
        learn = menu.addAction(self.tr("Learn MIDI: then move a knob"), lambda: self._learn(name))
        assert learn is not None
        if not self._outside.settings.midi_in:
            learn.setEnabled(False)
            learn.setText(self.tr("Learn MIDI: choose a MIDI input in the preferences first"))
        if binding is not None:
            menu.addAction(self.tr("Forget {knob}").format(knob=str(binding.knob)),
                           lambda: self._outside.forget(name))
        menu.popup(where)
        menu.aboutToHide.connect(menu.deleteLater)

    def _learn(self, name: str) -> None:
        self._outside.learn(name)
        self.noted.emit(self.tr("Move the knob that is to set {name}").format(name=name))
