"""Shapes of the things a model decodes: loops and images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoopGeometry:
    """Shape of a loop: `channels` × `frames` samples at `sample_rate` Hz that last `beats` beats.

    `frames` is authoritative: the native tempo follows from it.
    """

    sample_rate: int = 48_000
    channels: int = 2
    frames: int = 96_000
    beats: int = 4
    beats_per_bar: int = 4

    @property
    def bpm(self) -> float:
        """Native tempo in beats per minute."""
        return 60 * self.beats * self.sample_rate / self.frames

    @property
    def seconds(self) -> float:
        """Length of the loop at its native tempo."""
        return self.frames / self.sample_rate


@dataclass(frozen=True)
class ImageGeometry:
    """Shape of an RGB image in pixels."""

    height: int = 128
    width: int = 128


NATIVE_LOOP = LoopGeometry()
"""One bar of 4/4 at 120 BPM: 2 s of 48 kHz stereo, a 16th is 6,000 frames."""

PAPER_LOOP = LoopGeometry(sample_rate=30_000, channels=1, frames=30_000, beats=2, beats_per_bar=4)
"""The 2018 paper's vectors: 30,000 samples, played at 30 kHz."""

NATIVE_IMAGE = ImageGeometry()
