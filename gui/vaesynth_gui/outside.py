# SPDX-License-Identifier: GPL-3.0-or-later
"""What is switched on of the outside world: MIDI, OSC, Link, clocks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.control import settings as store
from vaesynth.control.settings import ControlSettings
from vaesynth.errors import OutputError, SettingError

from .background import Background
from .bridge import EngineBridge
from .surface import WindowSurface

if TYPE_CHECKING:
    from vaesynth.control.controls import Controls
    from vaesynth.engine import Engine


class Outside(QObject):
    """Keeps the control settings in their file, and does what they say.

    MIDI and OSC are opened in a thread of their own, since a driver may take its time.

    Args:
        file: where they are kept; None is the user's own file.

    Signals:
        changed: the `ControlSettings` from now on.
        failed: one sentence; a setting that cannot be stays as it was, and an OSC port that is taken opens as
            soon as it is free.
    """

    changed = pyqtSignal(object)
    failed = pyqtSignal(str)
    _learnt = pyqtSignal(object)

    def __init__(self, bridge: EngineBridge, surface: WindowSurface, file: Path | None = None,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._surface = bridge, surface
        self._file = file or store.default_file()
        self._controls: Controls | None = None
        self._work = Background(self.failed.emit, self)
        self.settings = ControlSettings()
        self._learnt.connect(lambda settings: self.change(mapping=settings.mapping))
        bridge.engine_changed.connect(self._meet)

    def open(self) -> None:
        """Read what was kept, and do it; a file of no use is told of, and left alone until a change."""
        try:
            self._become(store.read(self._file))
        except SettingError as e:
            self.failed.emit(str(e))

    def close(self) -> None:
        """Close all that is open."""
        self._work.close()
        if self._controls is not None:
            self._controls.close()

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

    def change_sync(self, **changes: Any) -> None:
        """Change with whom the transport keeps time."""
        try:
            self.change(sync=replace(self.settings.sync, **changes))
        except SettingError as e:
            self.failed.emit(str(e))

    def set_link(self, on: bool) -> None:
        """Take part in Ableton Link; whoever led the tempo before no longer does."""
        sync = self.settings.sync
        self.change_sync(link=on, clock_in=None if on else sync.clock_in, jack=sync.jack and not on)

    def follow_clock(self, port: str | None) -> None:
        """Follow the clock of a MIDI port, or none."""
        sync = self.settings.sync
        self.change_sync(clock_in=port, link=sync.link and not port, jack=sync.jack and not port)

    def follow_jack(self, on: bool) -> None:
        """Follow JACK transport, or no longer."""
        sync = self.settings.sync
        self.change_sync(jack=on, link=sync.link and not on, clock_in=None if on else sync.clock_in)

    def send_clock(self, port: str | None) -> None:
        """Send the clock to a MIDI port, or none."""
        self.change_sync(clock_out=port)

    def learn(self, parameter: str) -> None:
        """Bind the next knob that is moved, or note that is struck, to a parameter."""
        if self._controls is not None:
            self._controls.learn(parameter)

    def forget(self, parameter: str) -> None:
        """Let go of what moves a parameter."""
        self.change(mapping=self.settings.mapping.unbound(parameter))

    def _become(self, settings: ControlSettings) -> None:
        self.settings = settings
        self._bridge.set_sync(settings.sync)
        if self._bridge.engine is not None:
            self._apply(self._bridge.engine)
        self.changed.emit(settings)

    def _meet(self, engine: Engine | None) -> None:
        """Another engine plays, or none: what was open for the old one is closed."""
        old, self._controls = self._controls, None
        if old is not None:
            self._work.run(old.close, lambda _: None)
        if engine is not None:
            self._apply(engine)

    def _apply(self, engine: Engine) -> None:
        s = self.settings
        if self._controls is None:
            if not (s.midi_in or s.osc_port or s.osc_send):
                return
            from vaesynth.control.controls import Controls
            self._controls = Controls(self._surface, engine, self._learnt.emit)
        controls = self._controls
        self._work.run(lambda: controls.apply(s), lambda _: None)
