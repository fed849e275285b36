"""From a gesture to its sound: jumps of the pad whose loops are told apart in a recording, to the sample."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .. import metadata as format1
from ..engine import Engine
from ..latent_controls import LoopDecoder
from ..latent_map import Latent
from ..loop import Audio, Loop
from ..metadata import ModelMetadata

LEVEL = 0.25
HEARD = 1e-3
"""A channel sounds from the first sample above this."""
LONGEST_SECONDS = 5.0
"""A gesture that is not heard by then is lost."""


class MarkedDecoder:
    """Decodes as its instrument does and then sounds a tone, left where x < 0 and right elsewhere.

    The crossfade to the other side begins with the first sample that is not zero there.

    Args:
        decoder: the instrument, which does all its work for nothing.
    """

    def __init__(self, decoder: LoopDecoder) -> None:
        self._decoder = decoder
        values = decoder.metadata.values
        axes = np.eye(values["latent_dim"]).tolist()
        pad = {"origin": [0.0] * len(axes), "x_axis": axes[0], "y_axis": axes[-1],
               "x_label": "side", "y_label": "nothing"}
        self.metadata: ModelMetadata = format1.check(
            {**values, "pad": pad, "macros": [], "examples": []}, "marked")
        geometry = decoder.metadata.loop
        cycles = max(1, round(500 * geometry.frames / geometry.sample_rate))
        # Full at once, and seamless: a whole number of cosines.
        tone = LEVEL * np.cos(2 * np.pi * cycles * np.arange(geometry.frames) / geometry.frames)
        self._tones = [np.stack([tone * (side == 0), tone * (side == 1)], 1).astype(np.float32)
                       for side in (0, 1)]

    @property
    def provider(self) -> str:
        """Of the instrument."""
        return self._decoder.provider

    @property
    def notice(self) -> str | None:
        """Of the instrument."""
        return self._decoder.notice

    def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
        """The tone for a latent `(latent_dim,)`, after the instrument's own decode."""
        loop = self._decoder.decode_loop(z, stems)
        return Loop(self._tones[int(z[0] >= 0)], loop.sample_rate, loop.beats, loop.beats_per_bar)


@dataclass(frozen=True)
class Jump:
    """One gesture.

    Attributes:
        time: when it was made, time.monotonic.
        side: the channel in which its loop sounds, 0 or 1.
        reported: seconds until the callback that mixed it began, by the server's report; NaN if that is late.
    """

    time: float
    side: int
    reported: float


class Jumper:
    """Makes one jump after the other, from side to side, each to a place that was never decoded before.

    Args:
        engine: started on a `MarkedDecoder`.
    """

    def __init__(self, engine: Engine, seed: int = 0) -> None:
        self._engine, self._random = engine, np.random.default_rng(seed)
        self._side = 1  # where the middle of the pad is

    def jump(self) -> tuple[float, int]:
        """Move the pad to the other side; returns when, and the side."""
        self._side = 1 - self._side
        x = self._random.uniform(0.2, 1.0) * (1 if self._side else -1)
        y = self._random.uniform(-1.0, 1.0)
        asked = time.monotonic()
        self._engine.move_to(float(x), float(y))
        return asked, self._side

    def jump_and_watch(self) -> Jump:
        """Jump, and wait until the server says that it mixes the new loop."""
        before = self._engine.status().sounding
        asked, side = self.jump()
        while time.monotonic() < asked + LONGEST_SECONDS:
            report = self._engine.transport.report()
            if report.serial > before:
                return Jump(asked, side, report.stamp - asked)
            time.sleep(0.002)  # the report tells the time; looking all the time would be a burden of our own
        return Jump(asked, side, float("nan"))

    def pause(self) -> float:
        """Seconds until the next jump: of changing length, so that jumps fall anywhere between callbacks."""
        return float(self._random.uniform(0.2, 0.3))


def recorded_latencies(jumps: list[Jump], audio: Audio, starts: npt.NDArray[np.float64],
                       rate: int) -> npt.NDArray[np.float64]:
    """Seconds from each jump to the first sample of its loop at the output; NaN where none came in time.

    Args:
        jumps: in the order in which they were made.
        audio: the recording, `(blocks, frames, 2)`.
        starts: time.monotonic of each block's first sample, `(blocks,)`.
        rate: in Hz.
    """
    frames = audio.shape[1]
    sound = np.abs(audio.reshape(-1, 2)) > HEARD
    times = (starts[:, None] + np.arange(frames) / rate).ravel()
    found = np.full(len(jumps), np.nan)
    for i, jump in enumerate(jumps):
        end = jumps[i + 1].time if i + 1 < len(jumps) else np.inf
        first, last = np.searchsorted(times, [jump.time, min(end, jump.time + LONGEST_SECONDS)])
        heard = sound[first:last, jump.side]
        # A side that sounds already, right away, tells of a jump before this one.
        if heard.any() and not heard[:8].any():
            found[i] = times[first + int(heard.argmax())] - jump.time
    return found
