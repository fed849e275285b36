"""One seamless loop of audio."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Audio = npt.NDArray[np.float32]
"""Audio as float32 `(frames, channels)` in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop that is seamless: its last frame is followed by its first.

    Attributes:
        audio: float32 `(frames, channels)`, read-only.
        sample_rate: in Hz.
        beats: length of the loop in beats.
        beats_per_bar: meter.
        stems: float32 `(voices, frames, channels)` that sum to `audio`, read-only, if the model has them.
    """

    audio: Audio
    sample_rate: int
    beats: int
    beats_per_bar: int = 4
    stems: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        for name in ("audio", "stems"):
            array = getattr(self, name)
            if array is None:
                continue
            if array.ndim != (2 if name == "audio" else 3) or array.dtype != np.float32:
                got = f"{array.dtype} {array.shape}"
                raise ValueError(f"{name} must be float32 (frames, channels), got {got}")
            # A copy is the only array nobody else can write to.
            array = np.array(array, order="C") if array.flags.writeable else array
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def frames(self) -> int:
        """Length in samples per channel."""
        return len(self.audio)

    @property
    def channels(self) -> int:
        """1 for mono, 2 for stereo."""
        return int(self.audio.shape[1])

    @property
    def bpm(self) -> float:
        """Native tempo in beats per minute."""
        return 60 * self.beats * self.sample_rate / self.frames
