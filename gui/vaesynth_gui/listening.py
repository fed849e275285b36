# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening beside the instrument: examples of models, loops to be learnt, what has been learnt so far."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.cue import Cue
from vaesynth.loop import Loop

from .background import Background
from .settings import Settings

Audio = npt.NDArray[np.float32]


class Listening(QObject):
    """Plays one sound at a time, round and round, on the cue output of the preferences.

    Signals:
        failed: one sentence; nothing is heard.
    """

    failed = pyqtSignal(str)

    def __init__(self, settings: Settings, make_cue: Callable[..., Cue] = Cue,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._make_cue = settings, make_cue
        self._cue: Cue | None = None
        self._work = Background(self.failed.emit, self)
        self._wanted = 0

    def play(self, loop: Loop) -> None:
        """Play a loop."""
        self.play_audio(loop.audio, loop.sample_rate)

    def play_audio(self, audio: Audio, sample_rate: int) -> None:
        """Play float32 `(frames, channels)`."""
        self._wanted += 1
        if self._cue is None:
            s = self._settings
            self._cue = self._make_cue(s.cue_device or s.device, s.cue_channels, self.failed.emit)
        self._cue.play_audio(audio, sample_rate)

    def play_file(self, file: Path | None) -> None:
        """Play an audio file; None is silence."""
        if file is None:
            self.stop()
        else:
            self.play_made(lambda: _read(file))

    def play_made(self, make: Callable[[], tuple[Audio, int]]) -> None:
        """Play what takes a while to make, unless something else is wanted by then."""
        self._wanted += 1
        wanted = self._wanted

        def done(sound: tuple[Audio, int]) -> None:
            if wanted == self._wanted:
                self.play_audio(*sound)
        self._work.run(make, done)

    def stop(self) -> None:
        """Fade out."""
        self._wanted += 1
        if self._cue is not None:
            self._cue.stop()

    def reopen(self) -> None:
        """Use the preferences as they are now."""
        cue, self._cue = self._cue, None
        if cue is not None:
            self._work.run(cue.close, lambda _: None)

    def close(self) -> None:
        """Let the device go."""
        self._work.close()
        if self._cue is not None:
            self._cue.close()


def _read(file: Path) -> tuple[Audio, int]:
    from vaesynth.prepare.read import read_audio
    recording = read_audio(file, trim=False)
    return recording.audio, recording.sample_rate
