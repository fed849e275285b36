"""The measurement behind `vaesynth bench`: one engine, one minute, all figures."""

import contextlib
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..decoder import Decoder
from ..engine import Engine
from ..errors import DeviceError
from ..server.timing import TIMES, CallbackTimes, Counts, percentile
from .capture import Capture
from .gestures import Jump, Jumper, MarkedDecoder, recorded_latencies
from .memory import pss_bytes

WARM_UP_DECODES = 3


@dataclass(frozen=True)
class Spread:
    """How times are spread, in ms; NaN where nothing was measured."""

    p50: float
    p99: float
    max: float

    @classmethod
    def of(cls, seconds: "np.typing.ArrayLike") -> "Spread":
        """Of measured times in seconds; NaN are left out."""
        times = np.asarray(seconds, float)
        times = 1000 * times[np.isfinite(times)]
        if not len(times):
            return cls(math.nan, math.nan, math.nan)
        return cls(*(float(v) for v in np.percentile(times, [50, 99, 100])))

    @classmethod
    def of_counts(cls, counts: Counts) -> "Spread":
        """Of a histogram of `CallbackTimes`."""
        return cls(*(1000 * percentile(counts, share) for share in (0.5, 0.99, 1.0)))


@dataclass(frozen=True)
class Decoding:
    """Decodes alone, one after the other.

    Attributes:
        model, provider: what decoded; the provider really in use.
        notice: why it is another one than was asked for.
        decode: time of one loop in ms.
        real_time_factor: seconds of sound that a second of decoding makes.
    """

    model: str
    provider: str
    notice: str | None
    decode: Spread
    real_time_factor: float


@dataclass(frozen=True)
class Playing:
    """The engine while the pad jumps.

    Attributes:
        device, sample_rate, buffer_frames: where it played.
        seconds: for how long.
        callbacks, xruns: counted by the server: buffers, and those that came too late for the device.
        callback: time that one took in ms.
        delay: how much later than a buffer's length after the one before it began, in ms.
        gestures: how many were heard.
        how: `recorded` at the output, or as the server `reported` them.
        gesture_to_sound: from the move to its loop's first sample at the output in ms.
        decode: time of the decodes meanwhile in ms.
        output_latency: from there to the loudspeaker in ms, as the device reports it.
        desk_bytes, server_bytes: PSS of the two processes; None where the system does not tell.
    """

    device: str
    sample_rate: int
    buffer_frames: int
    seconds: float
    callbacks: int
    xruns: int
    callback: Spread
    delay: Spread
    gestures: int
    how: str
    gesture_to_sound: Spread
    decode: Spread
    output_latency: float
    desk_bytes: int | None
    server_bytes: int | None


def decoding(decoder: Decoder, runs: int) -> Decoding:
    """Decode random places of the prior."""
    random, times = np.random.default_rng(0), []
    geometry = decoder.metadata.loop
    for turn in range(runs + WARM_UP_DECODES):
        z = random.standard_normal(decoder.metadata.latent_dim).astype(np.float32)
        begun = time.perf_counter()
        decoder.decode_loop(z)
        if turn >= WARM_UP_DECODES:
            times.append(time.perf_counter() - begun)
    factor = geometry.frames / geometry.sample_rate / float(np.median(times))
    return Decoding(decoder.metadata.name, decoder.provider, decoder.notice, Spread.of(times), factor)


def playing(decoder: Decoder, seconds: float, *, device: str | None = None, sample_rate: int | None = None,
            buffer_frames: int = 256, wait: Callable[[float], None] = time.sleep) -> Playing:
    """Let the pad jump while the engine plays.

    Args:
        decoder: of kind loop.
        seconds: for how long.
        device, sample_rate, buffer_frames: as for `Engine.open`.
        wait: passes the time between two jumps; a window repaints meanwhile.

    Raises:
        DeviceError: there is no sound.
    """
    marked = MarkedDecoder(decoder)
    with Engine.start(marked, device=device, sample_rate=sample_rate, buffer_frames=buffer_frames) as engine:
        engine.play()
        time.sleep(0.5)
        status = engine.status()
        times = CallbackTimes(engine.server.folder / TIMES)
        with tempfile.TemporaryDirectory() as folder:
            capture = Capture(Path(folder) / "capture.npz", status.sample_rate, buffer_frames)
            with _where_it_can_be(capture) as recorded:
                jumper, jumps, decodes = Jumper(engine), list[Jump](), list[float]()
                before, counts, begun = engine.transport.report(), times.read(), time.monotonic()
                while time.monotonic() < begun + seconds:
                    jumps.append(jumper.jump_and_watch())
                    decodes.append(engine.status().decode_ms / 1000)
                    wait(jumper.pause())
                after, counts = engine.transport.report(), times.read() - counts
                passed = time.monotonic() - begun
        found = (recorded_latencies(jumps, capture.audio, capture.starts, status.sample_rate) if recorded
                 else np.array([j.reported for j in jumps]))
        return Playing(
            status.device, status.sample_rate, status.buffer_frames, passed,
            after.callbacks - before.callbacks, after.xruns - before.xruns,
            Spread.of_counts(counts[0]), Spread.of_counts(counts[1]),
            int(np.isfinite(found).sum()), "recorded" if recorded else "reported", Spread.of(found),
            Spread.of(decodes), 1000 * after.latency, pss_bytes("self"),
            pss_bytes(engine.server.health.pid))


@contextlib.contextmanager
def _where_it_can_be(capture: Capture) -> Iterator[bool]:
    """Record if the sound system allows it; whether it does."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(capture)
        except DeviceError:
            yield False
            return
        yield True
