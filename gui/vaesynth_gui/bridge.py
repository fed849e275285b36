# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place where the window meets the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from vaesynth.control.sync_settings import SyncSettings
from vaesynth.errors import VaesynthError
from vaesynth.session import Session

from .follow import follow, go
from .opening import AudioSettings, Opened, Opener, open_engine, open_face
from .state.instrument import Instrument
from .time_keeping import TimeKeeping

if TYPE_CHECKING:
    from vaesynth.engine import Engine
    from vaesynth.engine.recording import Recording
    from vaesynth.face_preview import FacePreview
    from vaesynth.metadata import ModelMetadata
    from vaesynth.novelty import Neighbourhood
    from vaesynth.own_face import OwnFace

FRAME_MS = 16
IDLE_MS = 100


class EngineBridge(QObject):
    """Follows the instrument's state with engine calls, and the engine's state with signals.

    Whatever may take time (open, change of model, close) runs in one worker thread; the calls made on Qt's
    thread are those that the engine promises to return from at once.

    Signals:
        opened: the path of the model that plays now.
        failed: one sentence for people.
        noticed: one sentence that asks for no action.
        busy: something is being opened.
        status: the `EngineStatus` of this moment, at display rate while it plays.
        loop_changed: the `Loop` that sounds from now on.
        novelty_changed: how far it is from the nearest training loop, a `Novelty` or None.
        face_changed: the newest face, uint8 `(height, width, 3)`.
        face_opened: the path of the faces model in use, None for the bundled one.
        engine_changed: the `Engine` that plays from now on, or None.
        sync_changed: the `SyncStatus` of keeping time with others.
        sound_lost, sound_found: the audio server died or is back.
    """

    opened = pyqtSignal(object)
    failed = pyqtSignal(str)
    noticed = pyqtSignal(str)
    busy = pyqtSignal(bool)
    status = pyqtSignal(object)
    loop_changed = pyqtSignal(object)
    novelty_changed = pyqtSignal(object)
    face_changed = pyqtSignal(object)
    face_opened = pyqtSignal(object)
    sync_changed = pyqtSignal(object)
    engine_changed = pyqtSignal(object)
    sound_lost = pyqtSignal()
    sound_found = pyqtSignal()

    def __init__(self, instrument: Instrument, audio: AudioSettings | None = None,
                 engine_opener: Callable[[Path, AudioSettings], Engine] = open_engine,
                 face_opener: Callable[[Path | None], FacePreview] = open_face,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._audio = audio or AudioSettings()
        self._engine: Engine | None = None
        self._face: FacePreview | None = None
        self._model: Path | None = None
        self._wanted: str | None = None
        self._serial = self._face_serial = 0
        self._notice: str | None = None
        self._neighbourhood: Neighbourhood | None = None
        self._alive = True
        self._closed = self._frozen = False
        self._from_start = True
        self._time = TimeKeeping(instrument, self)
        self._time.changed.connect(self.sync_changed)
        self._opener = Opener(engine_opener, face_opener, self)
        self._opener.busy.connect(self.busy)
        self._opener.failed.connect(self.failed)
        self._opener.opened.connect(self._on_open_done)
        self._opener.loaded.connect(self._on_load_done)
        self._opener.face_opened.connect(self._on_face_done)
        instrument.changed.connect(self._follow)
        instrument.described.connect(self._meet)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._poll)
        self._timer.start(IDLE_MS)

    @property
    def audio(self) -> AudioSettings:
        """What the engine was asked for."""
        return self._audio

    @property
    def running(self) -> bool:
        """Whether there is an engine."""
        return self._engine is not None

    @property
    def recording(self) -> Recording | None:
        """The engine's recording, None without an engine."""
        return self._engine.recording if self._engine is not None else None

    @property
    def engine(self) -> Engine | None:
        """The engine, for what plays it from outside."""
        return self._engine

    @property
    def model(self) -> Path | None:
        """The model file that plays."""
        return self._model

    def start(self, model: str | None, face: Path | None = None) -> None:
        """Open the engine on a model (path or name, None for the bundled one) and the face, in the worker."""
        self._wanted = model
        self._opener.open_engine(model, self._audio)
        self._opener.open_face(face)

    def load_model(self, path: Path) -> None:
        """Change the model, or the faces, without stopping the sound; a file of no use changes nothing."""
        if self._engine is None:
            self.start(str(path))
            return
        self._opener.load(self._engine, path)

    def load_face(self, path: Path | None) -> None:
        """Change the faces model."""
        self._opener.open_face(path)

    def show_own_face(self, face: OwnFace) -> None:
        """Let the face at a photo's place be that of the photo; of several photos the last one is shown."""
        if self._face is not None:
            self._face.show_own([face])
            self._face.move_to(self._instrument.session.x, self._instrument.session.y)

    def reopen(self, audio: AudioSettings | None = None) -> None:
        """Open the sound again, with other settings if given; the instrument stays as it is."""
        if audio is not None:
            self._audio = audio
        engine, self._engine = self._engine, None
        if engine is not None:
            self.engine_changed.emit(None)
            self._opener.close_part(engine)
        self._opener.open_engine(str(self._model) if self._model else self._wanted, self._audio)

    @property
    def frozen(self) -> bool:
        """Whether the sounding loop is kept."""
        return self._frozen

    def set_frozen(self, frozen: bool) -> None:
        """Keep the sounding loop while the puck moves on; the puck is heard again when thawed."""
        if frozen == self._frozen:
            return
        self._frozen = frozen
        if not frozen and self._engine is not None:
            go(self._engine, self._instrument.session)

    def set_sync(self, sync: SyncSettings) -> None:
        """Keep time with these, now and after the sound was opened anew."""
        self._time.set(sync, self._engine)

    def panic(self) -> None:
        """Silence, now."""
        if self._engine is not None:
            self._engine.transport.panic()

    def play_latent(self, z: Sequence[float]) -> None:
        """Play an exact latent, until the pad is moved."""
        if self._engine is not None:
            self._engine.move_to_latent(z)

    def go_on(self) -> None:
        """Play on from where it was stopped."""
        self._from_start = False
        try:
            self._instrument.set_playing(True)
        finally:
            self._from_start = True

    def nudge(self, milliseconds: float) -> None:
        """Shift what is played against the clock of the room, positive to get ahead."""
        if self._engine is not None:
            self._engine.transport.nudge(milliseconds)

    def expect_shaping(self) -> None:
        """Be ready when the sound is shaped, for its controls are in sight."""
        if self._engine is not None:
            self._engine.expect_shaping()

    def play_slice(self, number: int, velocity: float) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard."""
        if self._engine is not None:
            self._engine.play_slice(number, velocity)

    def sounding(self) -> Any:
        """The `Loop` that sounds, None before the first one."""
        pair = self._engine.sounding_loop() if self._engine is not None else None
        return pair[1] if pair else None

    def latent(self) -> tuple[float, ...] | None:
        """The latent that was asked for last, None without an engine."""
        return tuple(map(float, self._engine.latent())) if self._engine is not None else None

    def close(self) -> None:
        """End engine and face; waits until the sound has faded."""
        self._closed = True
        self._timer.stop()
        engine, self._engine = self._engine, None
        face, self._face = self._face, None
        self._opener.close(*(part for part in (engine, face) if part is not None))

    def _on_open_done(self, result: Opened) -> None:
        if self._closed:
            return
        if result.error is not None:
            self.failed.emit(result.error)
        if result.metadata is None:
            return
        self._serial, self._alive, self._engine, self._model = 0, True, result.engine, result.path
        self._instrument.describe(result.metadata, str(result.path))
        if self._engine is not None:
            self._time.ask(self._engine)
            self.engine_changed.emit(self._engine)
            adopted = getattr(self._engine, "adopted", False)
            self._follow(None, self._instrument.session, transport=not adopted)
            if adopted and self._engine.status().playing != self._instrument.session.playing:
                self._instrument.set_playing(self._engine.status().playing)
        self.opened.emit(result.path)

    def _on_load_done(self, result: Opened) -> None:
        if result.error is not None:
            self.failed.emit(result.error)
        elif result.metadata is not None and result.engine is self._engine:
            self._model = result.path
            self._instrument.describe(result.metadata, str(result.path))
            session = self._instrument.session
            self._follow(replace(session, x=2, macros={}, lock=None), session)
            self.opened.emit(result.path)

    def _on_face_done(self, face: FacePreview, path: Path | None) -> None:
        old, self._face, self._face_serial = self._face, face, 0
        if old is not None:
            self._opener.close_part(old)
        self.face_opened.emit(path)
        face.move_to(self._instrument.session.x, self._instrument.session.y)

    def _follow(self, before: Session | None, after: Session, transport: bool = True) -> None:
        """Tell face, engine and timer what differs; everything where there is no `before`."""
        if self._face is not None and (before is None or (before.x, before.y) != (after.x, after.y)):
            self._face.move_to(after.x, after.y)
        if before is None or before.playing != after.playing:
            self._timer.setInterval(FRAME_MS if after.playing else IDLE_MS)
        if self._engine is None or self._time.led:
            return
        try:
            follow(self._engine, before, after, self._instrument.metadata, transport=transport,
                   frozen=self._frozen, from_start=self._from_start)
        except VaesynthError as e:
            self.failed.emit(str(e))

    def _meet(self, metadata: ModelMetadata) -> None:
        from vaesynth.novelty import Neighbourhood
        self._neighbourhood = Neighbourhood(metadata)

    def _poll(self) -> None:
        if self._face is not None:
            latest = self._face.latest()
            if latest is not None and latest[0] != self._face_serial:
                self._face_serial = latest[0]
                self.face_changed.emit(latest[1])
        if self._engine is None:
            return
        try:
            status = self._engine.status()
            if status.sounding != self._serial:
                pair = self._engine.sounding_loop()
                if pair is not None:
                    self._serial = pair[0]
                    self.loop_changed.emit(pair[1])
                    near = self._neighbourhood
                    self.novelty_changed.emit(near.nearest(self._engine.latent()) if near else None)
        except VaesynthError as e:
            self.failed.emit(str(e))
            return
        if status.server_alive != self._alive:
            self._alive = status.server_alive
            (self.sound_found if self._alive else self.sound_lost).emit()
        if status.notice != self._notice:
            self._notice = status.notice
            if status.notice:
                self.noticed.emit(status.notice)
        self._time.follow(self._engine, status)
        self.status.emit(status)
