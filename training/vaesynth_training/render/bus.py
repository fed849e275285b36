"""The mix bus: a short room, compression and saturation, all circular so that a loop stays seamless."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from vaesynth.geometry import NATIVE_LOOP
from vaesynth.loop import Audio

RATE = NATIVE_LOOP.sample_rate
FRAMES = NATIVE_LOOP.frames
BLOCK = 48
"""Frames (1 ms) for which the compressor's gain is computed once; it is interpolated between."""


@dataclass(frozen=True)
class Room:
    """A short room.

    Attributes:
        seconds: to fall by 60 dB.
        level: linear gain of the wet sound.
        cutoff: Hz, low-pass of its walls.
        seed: of its shape.
    """

    seconds: float
    level: float
    cutoff: float
    seed: int

    def response(self) -> Audio:
        """Impulse response `(frames, 2)`, of energy 1: early reflections, then decaying noise.

        Left and right are independent, so the room is what makes a mono kit stereo.
        """
        rng = np.random.default_rng(self.seed)
        frames = int(self.seconds * RATE)
        time = np.arange(frames) / RATE
        noise = rng.standard_normal((frames, 2)) * np.minimum(time / 0.012, 1)[:, None]
        for _ in range(8):
            at = int(rng.uniform(0.002, 0.02) * RATE)
            noise[min(at, frames - 1)] += rng.normal(0, 6, 2)
        noise *= (10 ** (-3 * time / self.seconds))[:, None]
        spectrum = np.fft.rfft(noise, 2 * frames, axis=0)
        hertz = np.fft.rfftfreq(2 * frames, 1 / RATE)[:, None]
        # A bass that rings in a small room only muddies: high-pass at 150 Hz, and the walls' low-pass.
        spectrum *= 1 / (1 + (hertz / self.cutoff) ** 2) * hertz**2 / (hertz**2 + 150.0**2)
        response = np.fft.irfft(spectrum, axis=0)[:frames]
        response /= np.sqrt((response**2).sum(axis=0))
        return np.asarray(response, dtype=np.float32)

    def apply(self, send: Audio) -> Audio:
        """The wet signal `(frames, 2)` of a bar `(frames, 2)`: its circular convolution with the response."""
        import scipy.fft

        spectrum = scipy.fft.rfft(send, axis=0) * _transfer(self, len(send))
        return np.asarray(scipy.fft.irfft(spectrum, len(send), axis=0), dtype=np.float32) * np.float32(
            self.level
        )


@lru_cache(maxsize=64)
def _transfer(room: Room, frames: int) -> npt.NDArray[np.complex64]:
    import scipy.fft

    return np.asarray(scipy.fft.rfft(room.response(), frames, axis=0), dtype=np.complex64)


@dataclass(frozen=True)
class Compressor:
    """Feed-forward, channels linked: `threshold` and `knee` in dB, `attack` and `release` in seconds.

    Giannoulis, Massberg & Reiss, "Digital Dynamic Range Compressor Design" (JAES 2012): in dB, branching.
    """

    threshold: float
    ratio: float
    attack: float
    release: float
    knee: float = 6.0

    def apply(self, audio: Audio) -> Audio:
        """The bar `(frames, 2)` compressed as if it had been playing for ever."""
        blocks = len(audio) // BLOCK
        peaks = np.abs(audio[: blocks * BLOCK]).reshape(blocks, -1).max(axis=1)
        level = 20 * np.log10(np.maximum(peaks, 1e-5))
        over = np.clip(level - self.threshold + self.knee / 2, 0, None)
        soft = np.where(over < self.knee, over**2 / (2 * self.knee), over - self.knee / 2)
        reduction = ((1 - 1 / self.ratio) * soft).tolist()
        seconds = BLOCK / RATE
        rise, fall = float(np.exp(-seconds / self.attack)), float(np.exp(-seconds / self.release))
        smoothed, state = [0.0] * blocks, 0.0
        for _ in range(2):  # the second round starts in the state that the first one ends in
            for i, target in enumerate(reduction):
                state = target + (state - target) * (rise if target > state else fall)
                smoothed[i] = state
        at = (np.arange(blocks) + 0.5) * BLOCK
        gain = np.interp(np.arange(len(audio)), at, 10 ** (-np.array(smoothed) / 20), period=len(audio))
        return audio * gain.astype(np.float32)[:, None]


@dataclass(frozen=True)
class Bus:
    """What the sum of a kit's voices goes through; `drive` is the gain in dB into a tanh, None for none."""

    room: Room | None = None
    compressor: Compressor | None = None
    drive: float | None = None

    @classmethod
    def draw(cls, rng: Generator, electronic: bool) -> "Bus":
        """A random bus: most drums have some room, about half are compressed, a third saturated."""
        room = Room(
            seconds=float(np.exp(rng.uniform(np.log(0.12), np.log(0.6)))),
            level=float(10 ** (rng.uniform(-26, -12) / 20)),
            cutoff=float(rng.uniform(4_000, 12_000)),
            seed=int(rng.integers(1 << 31)),
        )
        compressor = Compressor(
            threshold=float(rng.uniform(-18, -5)),
            ratio=float(rng.uniform(1.8, 6)),
            attack=float(np.exp(rng.uniform(np.log(0.002), np.log(0.03)))),
            release=float(np.exp(rng.uniform(np.log(0.04), np.log(0.25)))),
        )
        drive = float(rng.uniform(-2, 9))
        keep = rng.random(3)
        return cls(
            room=room if keep[0] < (0.4 if electronic else 0.75) else None,
            compressor=compressor if keep[1] < 0.55 else None,
            drive=drive if keep[2] < 0.35 else None,
        )

    def apply(self, dry: Audio, send: Audio) -> Audio:
        """The bar `(frames, 2)` of the dry sum and the sum of what goes into the room, both `(frames, 2)`."""
        mix = dry if self.room is None else dry + self.room.apply(send)
        if self.compressor is not None:
            mix = self.compressor.apply(mix)
        if self.drive is not None:
            mix = np.tanh(mix * np.float32(10 ** (self.drive / 20)))
        return mix
