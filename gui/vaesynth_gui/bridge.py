# SPDX-License-Identifier: GPL-3.0-or-later
"""The only place where the window meets the engine."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from vaesynth.errors import DeviceError, ModelError, VaesynthError
from vaesynth.session import Session

from .state.instrument import Instrument

if TYPE_CHECKING:
    from vaesynth.engine import Engine
    from vaesynth.face_preview import FacePreview
    from vaesynth.metadata import ModelMetadata

FRAME_MS = 16
IDLE_MS = 100


@dataclass(frozen=True)
class AudioSettings:
    """What `Engine.open` is asked for; None leaves the choice to it."""

    device: str | None = None
    sample_rate: int | None = None
    buffer_frames: int = 256
    provider: str | None = None


@dataclass(frozen=True)
class Opened:
    """What the worker hands back: the engine, or just the metadata where only the model could be read."""

    engine: Engine | None
    metadata: ModelMetadata | None
    path: Path | None
    error: str | None


def open_engine(model: Path, audio: AudioSettings) -> Engine:
    """The real engine."""
    from vaesynth.engine import Engine
    return Engine.open(model, device=audio.device, sample_rate=audio.sample_rate,
                       buffer_frames=audio.buffer_frames, provider=audio.provider)


def open_face(model: Path | None) -> FacePreview:
    """The preview of a faces model, None for the bundled one."""
    from vaesynth import models
    from vaesynth.decoder import Decoder
    from vaesynth.face_preview import FacePreview
    return FacePreview(Decoder.open(model or models.bundled("image"), "cpu"))


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
        face_changed: the newest face, uint8 `(height, width, 3)`.
        face_opened: the path of the faces model in use, None for the bundled one.
        sound_lost, sound_found: the audio server died or is back.
    """

    opened = pyqtSignal(object)
    failed = pyqtSignal(str)
    noticed = pyqtSignal(str)
    busy = pyqtSignal(bool)
    status = pyqtSignal(object)
    loop_changed = pyqtSignal(object)
    face_changed = pyqtSignal(object)
    face_opened = pyqtSignal(object)
    sound_lost = pyqtSignal()
    sound_found = pyqtSignal()
    _open_done = pyqtSignal(object)
    _load_done = pyqtSignal(object)
    _face_done = pyqtSignal(object, object)

    def __init__(self, instrument: Instrument, audio: AudioSettings | None = None,
                 engine_opener: Callable[[Path, AudioSettings], Engine] = open_engine,
                 face_opener: Callable[[Path | None], FacePreview] = open_face,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._audio = audio or AudioSettings()
        self._open_engine, self._open_face = engine_opener, face_opener
        self._engine: Engine | None = None
        self._face: FacePreview | None = None
        self._model: Path | None = None
        self._wanted: str | None = None
        self._serial = self._face_serial = 0
        self._notice: str | None = None
        self._alive = True
        self._closed = self._frozen = False
        self._work = ThreadPoolExecutor(1, "vaesynth-bridge")
        self._open_done.connect(self._on_open_done)
        self._load_done.connect(self._on_load_done)
        self._face_done.connect(self._on_face_done)
        instrument.changed.connect(self._follow)
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
    def model(self) -> Path | None:
        """The model file that plays."""
        return self._model

    def start(self, model: str | None, face: Path | None = None) -> None:
        """Open the engine on a model (path or name, None for the bundled one) and the face, in the worker."""
        self._wanted = model
        self.busy.emit(True)
        self._submit(self._open_job, model)
        self._submit(self._face_job, face)

    def load_model(self, path: Path) -> None:
        """Change the model, or the faces, without stopping the sound; a file of no use changes nothing."""
        if self._engine is None:
            self.start(str(path))
            return
        self.busy.emit(True)
        self._submit(self._load_job, self._engine, path)

    def load_face(self, path: Path | None) -> None:
        """Change the faces model."""
        self._submit(self._face_job, path)

    def reopen(self, audio: AudioSettings | None = None) -> None:
        """Open the sound again, with other settings if given; the instrument stays as it is."""
        if audio is not None:
            self._audio = audio
        engine, self._engine = self._engine, None
        self.busy.emit(True)
        if engine is not None:
            self._submit(engine.close)
        self._submit(self._open_job, str(self._model) if self._model else self._wanted)

    def set_frozen(self, frozen: bool) -> None:
        """Keep the sounding loop while the puck moves on; the puck is heard again when thawed."""
        if frozen == self._frozen:
            return
        self._frozen = frozen
        if not frozen and self._engine is not None:
            self._engine.move_to(self._instrument.session.x, self._instrument.session.y)

    def sounding(self) -> Any:
        """The `Loop` that sounds, None before the first one."""
        pair = self._engine.sounding_loop() if self._engine is not None else None
        return pair[1] if pair else None

    def close(self) -> None:
        """End engine and face; waits until the sound has faded."""
        self._closed = True
        self._timer.stop()
        engine, self._engine = self._engine, None
        face, self._face = self._face, None
        for part in (engine, face):
            if part is not None:
                self._work.submit(part.close)
        self._work.shutdown(wait=True)

    # In the worker.

    def _submit(self, job: Callable[..., None], *arguments: Any) -> None:
        if not self._closed:
            self._work.submit(self._guard, job, *arguments)

    def _guard(self, job: Callable[..., None], *arguments: Any) -> None:
        """A fault of our own in the worker must not vanish with it."""
        try:
            job(*arguments)
        except Exception as e:
            with suppress(RuntimeError):  # the window may be gone
                self.failed.emit(f"{type(e).__name__}: {e}")
                self.busy.emit(False)

    def _open_job(self, model: str | None) -> None:
        path: Path | None = None
        try:
            from vaesynth import models
            path = models.find(model) if model else models.bundled("loop")
            engine = self._open_engine(path, self._audio)
            result = Opened(engine, engine.metadata, path, None)
        except DeviceError as e:
            result = Opened(None, _describe(path), path, str(e))
        except VaesynthError as e:
            result = Opened(None, None, path, str(e))
        if self._closed and result.engine is not None:
            result.engine.close()
        else:
            self._open_done.emit(result)

    def _load_job(self, engine: Engine, path: Path) -> None:
        metadata = _describe(path)
        if metadata is not None and metadata.kind == "image":
            self.busy.emit(False)
            self._face_job(path)
            return
        try:
            engine.load_model(path)
            self._load_done.emit(Opened(engine, engine.metadata, path, None))
        except VaesynthError as e:
            self._load_done.emit(Opened(engine, None, path, str(e)))

    def _face_job(self, path: Path | None) -> None:
        try:
            self._face_done.emit(self._open_face(path), None)
            self.face_opened.emit(path)
        except ModelError as e:
            # Without a faces model of their own nobody misses the face.
            self._face_done.emit(None, str(e) if path is not None else None)

    # On Qt's thread.

    def _on_open_done(self, result: Opened) -> None:
        self.busy.emit(False)
        if self._closed:
            return
        if result.error is not None:
            self.failed.emit(result.error)
        if result.metadata is None:
            return
        self._serial, self._alive, self._engine, self._model = 0, True, result.engine, result.path
        self._instrument.describe(result.metadata, str(result.path))
        if self._engine is not None:
            adopted = getattr(self._engine, "adopted", False)
            self._follow(None, self._instrument.session, transport=not adopted)
            if adopted and self._engine.status().playing != self._instrument.session.playing:
                self._instrument.set_playing(self._engine.status().playing)
        self.opened.emit(result.path)

    def _on_load_done(self, result: Opened) -> None:
        self.busy.emit(False)
        if result.error is not None:
            self.failed.emit(result.error)
        elif result.metadata is not None and result.engine is self._engine:
            self._model = result.path
            self._instrument.describe(result.metadata, str(result.path))
            session = self._instrument.session
            self._follow(replace(session, x=2, macros={}, lock=None), session)
            self.opened.emit(result.path)

    def _on_face_done(self, face: FacePreview | None, error: str | None) -> None:
        if error is not None:
            self.failed.emit(error)
        if face is None:
            return
        old, self._face, self._face_serial = self._face, face, 0
        if old is not None:
            self._submit(old.close)
        face.move_to(self._instrument.session.x, self._instrument.session.y)

    def _follow(self, before: Session | None, after: Session, transport: bool = True) -> None:
        """Tell the engine what differs; everything where there is no `before`."""
        def differs(*names: str) -> bool:
            return before is None or any(getattr(before, n) != getattr(after, n) for n in names)

        if differs("x", "y") and self._face is not None:
            self._face.move_to(after.x, after.y)
        if differs("playing"):
            self._timer.setInterval(FRAME_MS if after.playing else IDLE_MS)
        engine = self._engine
        if engine is None:
            return
        try:
            if differs("lock"):
                engine.set_lock(after.lock)
            for name, value in after.macros.items():
                if before is None or before.macros.get(name) != value:
                    engine.set_macro(name, value)
            for macro in () if before is None else before.macros.keys() - after.macros.keys():
                engine.set_macro(macro, self._default_of(macro))
            if differs("x", "y") and not self._frozen:
                engine.move_to(after.x, after.y)
            if differs("bpm"):
                engine.set_tempo(after.bpm)
            if differs("tempo_mode"):
                engine.set_tempo_mode(after.tempo_mode)
            if differs("volume"):
                engine.set_volume(after.volume)
            if differs("quantise"):
                engine.set_quantise(after.quantise)
            if transport and differs("playing"):
                if after.playing:
                    engine.play()
                elif before is not None:
                    engine.stop()
        except VaesynthError as e:
            self.failed.emit(str(e))

    def _default_of(self, macro: str) -> float:
        metadata = self._instrument.metadata
        macros = metadata.values.get("macros", ()) if metadata is not None else ()
        return next((float(m["default"]) for m in macros if m["name"] == macro), 0.0)

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
        self.status.emit(status)


def _describe(path: Path | None) -> ModelMetadata | None:
    """What a model says of itself, so that the window can show it even without sound."""
    if path is None:
        return None
    from vaesynth import onnx_file
    from vaesynth.decoder import read_metadata
    try:
        return read_metadata(onnx_file.read(path))
    except ModelError:
        return None
