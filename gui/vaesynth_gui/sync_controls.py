# SPDX-License-Identifier: GPL-3.0-or-later
"""The bar's switches for keeping time with others, connected."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint

from vaesynth.control.settings import ControlSettings

from .background import Background
from .bridge import EngineBridge
from .outside import Outside
from .widgets.sync_buttons import ClockMenu
from .window import Window

if TYPE_CHECKING:
    from vaesynth.engine import SyncStatus


Ports = tuple[list[str], list[str], str]


class SyncControls(QObject):
    """Switches Link and clocks by the bar's buttons, and shows how it goes."""

    def __init__(self, window: Window, outside: Outside, bridge: EngineBridge) -> None:
        super().__init__(window)
        self._window, self._outside = window, outside
        self._status: SyncStatus | None = None
        self._notice: str | None = None
        self._work = Background(window.banner.show_error, self)
        window.bar.link.clicked.connect(outside.set_link)
        window.bar.clock.clicked.connect(self._look_for_ports)
        outside.changed.connect(self._show)
        bridge.sync_changed.connect(self._note)

    def close(self) -> None:
        """Let what runs end."""
        self._work.close()

    def _note(self, status: "SyncStatus") -> None:
        self._status = status
        if status.notice != self._notice:
            self._notice = status.notice
            if status.notice:
                self._window.banner.show_notice(status.notice)
        self._show(self._outside.settings)

    def _show(self, settings: ControlSettings) -> None:
        bar = self._window.bar
        bar.link.show_status(settings.sync.link, self._status)
        bar.clock.show_status(settings.sync, self._status)

    def _look_for_ports(self) -> None:
        """Ask the system for its MIDI ports, which may take a while, and open the menu then."""
        self._work.run(list_ports, self._open_menu)

    def _open_menu(self, ports: Ports) -> None:
        button, outside = self._window.bar.clock, self._outside
        menu = ClockMenu(*ports, outside.settings.sync, outside.follow_clock, outside.send_clock,
                         outside.follow_jack, self._window)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))


def list_ports() -> Ports:
    """Names of the MIDI inputs and outputs of others, and why there are none where MIDI does not work."""
    from vaesynth.control.midi_ports import is_own, port_names
    from vaesynth.control.timeline import ControlError

    try:
        inputs, outputs = port_names(inputs=True), port_names(inputs=False)
    except ControlError as e:
        return [], [], str(e)
    return [p for p in inputs if not is_own(p)], [p for p in outputs if not is_own(p)], ""
