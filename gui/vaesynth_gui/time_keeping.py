# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping time with others: what is asked of the engine, and what others lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.control.sync_settings import SyncSettings

from .state.instrument import Instrument

if TYPE_CHECKING:
    from vaesynth.engine import Engine, EngineStatus, SyncStatus

LED_BPM = 0.05
"""A clock wavers; a smaller change of tempo is not worth a step of the display."""


class TimeKeeping(QObject):
    """Tempo and transport that others lead become the instrument's.

    Signals:
        changed: the `SyncStatus` of keeping time with others.
    """

    changed = pyqtSignal(object)

    def __init__(self, instrument: Instrument, parent: QObject) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._settings = SyncSettings()
        self._status: SyncStatus | None = None
        self._led = False

    @property
    def led(self) -> bool:
        """The instrument changes just now by what the engine has told: it knows already."""
        return self._led

    def set(self, settings: SyncSettings, engine: Engine | None) -> None:
        """Keep time with these from now on."""
        self._settings = settings
        self.ask(engine)

    def ask(self, engine: Engine | None) -> None:
        """Tell an engine, maybe a new one, with whom to keep time."""
        if engine is not None:
            engine.sync.set(self._settings)

    def follow(self, engine: Engine, status: EngineStatus) -> None:
        """Tell how it goes, and take over what others lead."""
        if self._settings == SyncSettings(offset_ms=self._settings.offset_ms):
            return
        now = engine.sync.status()
        if now != self._status:
            self._status = now
            self.changed.emit(now)
        session = self._instrument.session
        if now.following and (abs(status.bpm - session.bpm) >= LED_BPM or status.playing != session.playing):
            self._led = True
            try:
                self._instrument.lead(round(status.bpm, 2), status.playing)
            finally:
                self._led = False
