"""An ear in place of the cue output."""

from collections.abc import Callable

import numpy as np


class Ear:
    """Keeps what it is asked to play.

    Args:
        note: what is kept of the audio `(frames, channels)`.
    """

    def __init__(self, note: Callable[[np.ndarray], float]) -> None:
        self._note = note
        self.heard: list[float] = []
        self.silent = True

    def __call__(self, *_: object) -> "Ear":
        return self

    def play_audio(self, audio: np.ndarray, sample_rate: int) -> None:
        self.heard.append(self._note(audio))
        self.silent = False

    def stop(self) -> None:
        self.silent = True

    def close(self) -> None:
        self.silent = True


def first_sample(audio: np.ndarray) -> float:
    """What tells loops of one value each apart."""
    return float(audio[0, 0])
