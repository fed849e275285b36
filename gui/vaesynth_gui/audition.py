# SPDX-License-Identifier: GPL-3.0-or-later
"""Points of the pad are heard aside while the pointer rests on them, never on the main output."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from .bridge import EngineBridge
from .listening import Listening
from .settings import Settings
from .widgets.pad.marks import Mark
from .widgets.pad.pad import XYPad

DWELL_MS = 160
"""A pointer that only passes is not answered."""
KEPT = 16
Sound = tuple[npt.NDArray[np.float32], int]


class PointDecoder:
    """Decodes points, and keeps the last ones."""

    def __init__(self) -> None:
        self._model: Path | None = None
        self._decode: Callable[[npt.NDArray[np.float32]], Sound] | None = None
        self._sounds: OrderedDict[tuple[float, ...], Sound] = OrderedDict()

    def __call__(self, model: Path, z: tuple[float, ...]) -> Sound:
        """Audio `(frames, channels)` and its rate in Hz of the loop at latent `z`.

        Raises:
            ModelError: the file is no playable model.
        """
        from vaesynth.open_decoders import shared

        if model != self._model:
            decoder = shared(model, kind="loop")

            def decode(latent: npt.NDArray[np.float32]) -> Sound:
                loop = decoder.decode_loop(latent, stems=False)
                return loop.audio, loop.sample_rate
            self._sounds.clear()
            self._model, self._decode = model, decode
        if z not in self._sounds:
            assert self._decode is not None
            self._sounds[z] = self._decode(np.asarray(z, np.float32))
            while len(self._sounds) > KEPT:
                self._sounds.popitem(last=False)
        self._sounds.move_to_end(z)
        return self._sounds[z]


class Audition(QObject):
    """Plays the point under the pointer on the cue output, where that is an output of its own.

    Signals:
        noted: a few words on what is heard, or why nothing is; empty to take them back.
    """

    noted = pyqtSignal(str)

    def __init__(self, pad: XYPad, bridge: EngineBridge, listening: Listening, settings: Settings,
                 decode: Callable[[Path, tuple[float, ...]], Sound] | None = None,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._listening, self._settings = bridge, listening, settings
        self.decode = decode or PointDecoder()
        self._mark: Mark | None = None
        self._heard = self._told = False
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.setInterval(DWELL_MS)
        self._dwell.timeout.connect(self._play)
        pad.hovered.connect(self._hover)
        pad.pressed.connect(self.stop)

    def stop(self) -> None:
        """Fall silent."""
        self._dwell.stop()
        self._mark = None
        if self._heard:
            self._heard = False
            self._listening.stop()

    def _hover(self, mark: Mark | None) -> None:
        self.stop()
        if self._told:
            self._tell("")
        if mark is not None and mark.z:
            self._mark = mark
            self._dwell.start()

    def _play(self) -> None:
        mark, model = self._mark, self._bridge.model
        if mark is None or model is None:
            return
        if not self._settings.has_cue:
            self._tell(self.tr("To hear {name} aside, choose an output to listen on in the preferences")
                       .format(name=mark.name))
            return
        self._heard = True
        self._tell(self.tr("Listening aside: {name}").format(name=mark.name))
        self._listening.play_made(lambda: self.decode(model, mark.z))

    def _tell(self, text: str) -> None:
        self._told = bool(text)
        self.noted.emit(text)
