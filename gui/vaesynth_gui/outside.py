# SPDX-License-Identifier: GPL-3.0-or-later
"""What is switched on of the outside world: MIDI, OSC, Link, clocks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.control import settings as store
from vaesynth.control.settings import ControlSettings
from vaesynth.errors import OutputError, SettingError

from .bridge import EngineBridge


class Outside(QObject):
    """Keeps the control settings in their file, and the engine in time with whom they name.

    Args:
        file: where they are kept; None is the user's own file.

    Signals:
        changed: the `ControlSettings` from now on.
        failed: one sentence; what it is about stays as it was.
    """

    changed = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, bridge: EngineBridge, file: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._file = file or store.default_file()
        self.settings = ControlSettings()

    def open(self) -> None:
        """Read what was kept, and do it; a file of no use is told of, and left alone until a change."""
        try:
            self._become(store.read(self._file))
        except SettingError as e:
            self.failed.emit(str(e))

    def change(self, **changes: Any) -> None:
        """Change settings, keep them, and do them."""
        try:
            after = replace(self.settings, **changes)
            store.write(self._file, after)
        except (SettingError, OutputError) as e:
            self.failed.emit(str(e))
            self.changed.emit(self.settings)
        else:
            self._become(after)

    def set_link(self, on: bool) -> None:
        """Take part in Ableton Link; whoever led the tempo before no longer does."""
        self._sync(link=on, clock_in=None if on else self.settings.sync.clock_in,
                   jack=self.settings.sync.jack and not on)

    def follow_clock(self, port: str | None) -> None:
        """Follow the clock of a MIDI port, or none."""
        self._sync(clock_in=port, link=self.settings.sync.link and not port,
                   jack=self.settings.sync.jack and not port)

    def follow_jack(self, on: bool) -> None:
        """Follow JACK transport, or no longer."""
        self._sync(jack=on, link=self.settings.sync.link and not on,
                   clock_in=None if on else self.settings.sync.clock_in)

    def send_clock(self, port: str | None) -> None:
        """Send the clock to a MIDI port, or none."""
        self._sync(clock_out=port)

    def _sync(self, **changes: Any) -> None:
        self.change(sync=replace(self.settings.sync, **changes))

    def _become(self, settings: ControlSettings) -> None:
        self.settings = settings
        self._bridge.set_sync(settings.sync)
        self.changed.emit(settings)
