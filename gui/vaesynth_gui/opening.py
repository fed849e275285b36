# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what the bridge works with: engine, face, a model's description. All of it takes time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.errors import DeviceError, ModelError, VaesynthError

if TYPE_CHECKING:
    from vaesynth.engine import Engine
    from vaesynth.face_preview import FacePreview
    from vaesynth.metadata import ModelMetadata


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


class Opener(QObject):
    """Opens and closes in one thread of its own, one thing after the other.

    Signals:
        opened, loaded: `Opened`, after `open_engine` and after `load`.
        face_opened: the preview and the path of its model.
        failed: one sentence for people.
        busy: something is being opened, or no longer.
    """

    opened = pyqtSignal(object)
    loaded = pyqtSignal(object)
    face_opened = pyqtSignal(object, object)
    failed = pyqtSignal(str)
    busy = pyqtSignal(bool)

    def __init__(self, engine_opener: Callable[[Path, AudioSettings], Engine],
                 face_opener: Callable[[Path | None], FacePreview], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.engine_opener, self.face_opener = engine_opener, face_opener
        self._closed = False
        self._work = ThreadPoolExecutor(1, "vaesynth-bridge")

    def open_engine(self, model: str | None, audio: AudioSettings) -> None:
        """Open the engine on a model: path or name, None for the bundled one."""
        self.busy.emit(True)
        self._submit(self._open_job, model, audio)

    def load(self, engine: Engine, path: Path) -> None:
        """Change the engine's model, or the face where the file holds faces."""
        self.busy.emit(True)
        self._submit(self._load_job, engine, path)

    def open_face(self, path: Path | None) -> None:
        """Open a faces model, None for the bundled one."""
        self._submit(self._face_job, path)

    def close_part(self, part: Engine | FacePreview) -> None:
        """Close an engine or a face that is no longer in use."""
        self._submit(part.close)

    def close(self, *parts: Engine | FacePreview) -> None:
        """Close what is left, and wait for it."""
        self._closed = True
        for part in parts:
            self._work.submit(part.close)
        self._work.shutdown(wait=True)

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

    def _open_job(self, model: str | None, audio: AudioSettings) -> None:
        path: Path | None = None
        try:
            from vaesynth import models
            path = models.find(model) if model else models.bundled("loop")
            engine = self.engine_opener(path, audio)
            result = Opened(engine, engine.metadata, path, None)
        except DeviceError as e:
            result = Opened(None, describe(path), path, str(e))
        except VaesynthError as e:
            result = Opened(None, None, path, str(e))
        if self._closed and result.engine is not None:
            result.engine.close()
            return
        self.busy.emit(False)
        self.opened.emit(result)

    def _load_job(self, engine: Engine, path: Path) -> None:
        metadata = describe(path)
        if metadata is not None and metadata.kind == "image":
            self.busy.emit(False)
            self._face_job(path)
            return
        try:
            engine.load_model(path)
            result = Opened(engine, engine.metadata, path, None)
        except VaesynthError as e:
            result = Opened(engine, None, path, str(e))
        self.busy.emit(False)
        self.loaded.emit(result)

    def _face_job(self, path: Path | None) -> None:
        try:
            self.face_opened.emit(self.face_opener(path), path)
        except ModelError as e:
            # Without a faces model of their own nobody misses the face.
            if path is not None:
                self.failed.emit(str(e))


def describe(path: Path | None) -> ModelMetadata | None:
    """What a model says of itself, so that the window can show it even without sound."""
    if path is None:
        return None
    from vaesynth import onnx_file
    from vaesynth.decoder import read_metadata
    try:
        return read_metadata(onnx_file.read(path))
    except ModelError:
        return None
