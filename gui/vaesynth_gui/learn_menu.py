# SPDX-License-Identifier: GPL-3.0-or-later
"""MIDI learn: a right click on a control binds the next knob that is moved, or note that is struck, or
forgets it."""

from collections.abc import Mapping, Sequence

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, QPoint, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtWidgets import QMenu, QWidget

from .named_controls import Names
from .outside import Outside
from .surface import WindowSurface


class LearnMenu(QObject):
    """Watches the controls that it is given.

    A control that has more to offer than knobs has a method `fill_menu(menu)`.

    Signals:
        noted: a few words when a knob or note was learnt; empty to take them back.
        waits: the same while it waits for one.
        input_asked: a MIDI input is to be chosen first.
    """

    noted = pyqtSignal(str)
    waits = pyqtSignal(str)
    input_asked = pyqtSignal()

    def __init__(self, outside: Outside, surface: WindowSurface, parent: QWidget) -> None:
        super().__init__(parent)
        self._outside, self._surface, self._window = outside, surface, parent
        self._names: dict[QObject, Names] = {}
        self._waiting: tuple[str, str] | None = None
        outside.changed.connect(lambda settings: self._on_changed())

    def watch(self, controls: Mapping[QWidget, Names]) -> None:
        """Offer the menu on these controls, by the names of what they set."""
        self._names = {known: names for known, names in self._names.items() if not sip.isdeleted(known)}
        for control, names in controls.items():
            if control not in self._names:
                control.installEventFilter(self)
            self._names[control] = names

    def fill(self, menu: QMenu, names: Sequence[str], control: str = "") -> None:
        """Offer to learn these parameters, and to forget what they have learnt.

        Args:
            menu: to add to.
            names: of the parameters.
            control: what people know the control by, where it sets a single one.
        """
        if names and not menu.isEmpty():
            menu.addSeparator()
        for name in names:
            title = control if control and len(names) == 1 else self._in_words(name)
            of = self.tr(" for: {what}").format(what=title) if len(names) > 1 else ""
            if self._outside.settings.midi_in:
                menu.addAction(self.tr("Learn MIDI{of} …").format(of=of),
                               lambda n=name, t=title: self._learn(n, t))
            elif name == names[0]:
                menu.addAction(self.tr("Learn MIDI: choose an input first …"), self.input_asked.emit)
            binding = self._outside.settings.mapping.of(name)
            if binding is not None:
                menu.addAction(self.tr("Forget {knob}{of}").format(knob=str(binding.knob), of=of),
                               lambda n=name: self._outside.forget(n))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QContextMenuEvent) and isinstance(watched, QWidget) and watched in self._names:
            self._popup(watched, event.pos(), event.globalPos())
            return True
        return False

    def popup(self, control: QWidget) -> None:
        """Open the menu of a control at its middle."""
        middle = control.rect().center()
        self._popup(control, middle, control.mapToGlobal(middle))

    def _popup(self, control: QWidget, place: QPoint, where: QPoint) -> None:
        menu = QMenu(self._window)
        menu.aboutToHide.connect(menu.deleteLater)
        if hasattr(control, "fill_menu"):
            control.fill_menu(menu)
        self.fill(menu, self._names[control](place), control.accessibleName())
        if not menu.isEmpty():
            menu.popup(where)

    def _learn(self, name: str, title: str) -> None:
        self._waiting = name, title
        self._outside.learn(name)
        self.waits.emit(self.tr("Move the knob or hit the pad that is to set: {what}").format(what=title))

    def _on_changed(self) -> None:
        name, title = self._waiting or ("", "")
        binding = self._outside.settings.mapping.of(name)
        text = ""
        if binding is not None:
            text = self.tr("{knob} sets: {what}").format(knob=str(binding.knob), what=title)
        self._waiting = None
        self.noted.emit(text)

    def _in_words(self, name: str) -> str:
        parameter = self._surface.parameters.get(name)
        return parameter.meaning if parameter is not None else name
