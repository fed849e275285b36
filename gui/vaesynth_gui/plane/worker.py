# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes the plane's picture beside everything else, at low priority, and remembers it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QImage

from vaesynth.errors import VaesynthError

if TYPE_CHECKING:
    from vaesynth.loop import Loop
    from vaesynth.plane import Plane

    from .field import Field

MAX_CACHED = 64
PROBES = 33
"""Places a side at which two planes are compared: those that are decoded."""


def cache_folder() -> Path:
    """Where fields are kept."""
    return Path(platformdirs.user_cache_dir("vaesynth", appauthor=False)) / "planes"


class PlaneWorker(QObject):
    """A thread that turns a model into pictures of its plane: a coarse one soon, finer ones as they come.

    Signals:
        painted: (QImage, dark), square, at the size asked for.
        progressed: share of the loops decoded, 0 to 1 (1 when done or taken from the cache).
    """

    painted = pyqtSignal(QImage, bool)
    progressed = pyqtSignal(float)

    def __init__(self, cache: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache = cache or cache_folder()
        self._wake = threading.Event()
        self._wanted: tuple[Path, Plane | None] | None = None
        self._look: tuple[int, bool] = (512, True)
        self._end = False
        self._thread = threading.Thread(target=self._run, name="vaesynth-plane", daemon=True)
        self._thread.start()

    def show_model(self, model: Path, plane: Plane | None = None) -> None:
        """Work on this model file from now on, on its own plane or on another."""
        if (model, plane) != self._wanted:
            self._wanted = model, plane
            self._wake.set()

    def set_look(self, side: int, dark: bool) -> None:
        """Paint at `side` pixels for a dark or a light window from now on."""
        if self._look != (side, dark):
            self._look = (side, dark)
            self._wake.set()

    def close(self) -> None:
        """End the thread."""
        self._end = True
        self._wake.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        _lower_priority()
        # numpy, and the decoder even more, take their time to import: not before the window is there.
        from . import field as fields
        from .picture import paint

        shown: tuple[Path, Plane | None] | None = None
        steps = None
        field: fields.Field | None = None
        painted: tuple[fields.Field, int, bool] | None = None
        file = self._cache / "none"
        done = 0
        while not self._end:
            self._wake.clear()
            if self._wanted is not None and self._wanted != shown:
                shown, field, painted, done = self._wanted, None, None, 0
                try:
                    file = self._cache / f"{_hash(*shown)}.npz"
                except OSError:
                    continue
                field = fields.load(file)
                complete = field is not None and field.side == fields.LEVELS[-1]
                steps = None if complete else self._decode(*shown)
                if complete:
                    self.progressed.emit(1.0)
            if field is not None and painted != (field, *self._look):
                side, dark = self._look
                pixels = paint(field, side, dark)
                image = QImage(pixels.tobytes(), side, side, 3 * side, QImage.Format.Format_RGB888).copy()
                self.painted.emit(image, dark)
                painted = (field, side, dark)
            if steps is None:
                self._wake.wait()
                continue
            started = time.perf_counter()
            try:
                step = next(steps, False)
            except VaesynthError:
                step = False  # the engine tells what is wrong with a model; there is just no picture of it
            if step is False:
                steps = None
                self.progressed.emit(1.0)
            elif isinstance(step, fields.Field):
                if field is None or step.side > field.side:
                    field = step
                    fields.save(field, file)
                    _prune(self._cache)
            else:
                done += 1
                self.progressed.emit(done / fields.LEVELS[-1] ** 2)
                # Leave the processor to the pad's own decodes for at least as long as this one took.
                self._wake.wait(min(time.perf_counter() - started, 0.2))

    @staticmethod
    def _decode(model: Path, plane: Plane | None) -> Iterator[Field | None]:
        from vaesynth.open_decoders import IN_TURN, shared

        from .field import refine

        decoder = shared(model)
        pad = plane or decoder.metadata.pad

        def decode(x: float, y: float) -> Loop:
            with IN_TURN:
                return decoder.decode_loop(pad.point(x, y), stems=False)
        yield from refine(decode)
        decoder.give_back()


def _hash(model: Path, plane: Plane | None) -> str:
    """A name for the field of a model's plane: by the file's content, and by latents all over the plane."""
    with model.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    if plane is not None:
        places = [2 * i / (PROBES - 1) - 1 for i in range(PROBES)]
        for y in places:
            for x in places:
                digest.update(plane.point(x, y).tobytes())
    return digest.hexdigest()[:32]


def _prune(folder: Path) -> None:
    """Forget the oldest fields beyond `MAX_CACHED`."""
    with contextlib.suppress(OSError):
        for file in sorted(folder.glob("*.npz"), key=lambda f: f.stat().st_mtime)[:-MAX_CACHED]:
            file.unlink()


def _lower_priority() -> None:
    """Where the system can (Linux), let this thread run when nobody else wants to."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
