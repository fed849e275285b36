"""Missed buffers of the engine, beside those of a bare sine callback at the same time on the same machine.

    python bench/dropouts.py [--minutes 30] [--buffer 128] [--model NAME] [--inside]

Engine and sine each have a sound card of their own (JACK's dummy driver), for JACK tells every program of a
buffer that any of them missed. The pad moves and the window repaints at 60 Hz. The aim: no more than the sine
misses, and 0.05 % of the callbacks. `--inside` plays a third time, with the callback in the window's own
process, for comparison. Needs jackd, jack_rec and jack_lsp (Debian: jackd2, jack-tools).
"""

import argparse
import contextlib
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
from window_load import with_window

from vaesynth import models
from vaesynth.decoder import Decoder
from vaesynth.engine import Engine
from vaesynth.player import LoopPlayer
from vaesynth.slicing import SlicedLoop

RATE, ALLOWED, SETTLING = 48_000, 0.0005, 1.0
SINE = """
import gc, sys
import numpy as np
import sounddevice as sd
from vaesynth.server.priority import raise_priority
raise_priority()
frames, calls, dry = int(sys.argv[1]), 0, 0
wave = np.float32(0.3) * np.sin(2 * np.pi * 375 / 48000 * np.arange(frames, dtype=np.float32))[:, None]
def play(out, count, times, status):
    global calls, dry
    calls += 1
    dry += bool(status.output_underflow) and calls > 375
    out[:] = wave[:count]
gc.freeze()
gc.disable()
with sd.OutputStream(48000, frames, channels=2, dtype="float32", latency="low", callback=play):
    print("playing", flush=True)
    sys.stdin.read()
print(calls, dry)
"""


class Missed:
    """Callbacks, and those of them that came too late."""

    def __init__(self, calls: int = 0, dry: int = 0) -> None:
        self.calls, self.dry = calls, dry

    def __str__(self) -> str:
        return f"{self.dry:7} of {self.calls:9} callbacks  ({100 * self.dry / max(1, self.calls):.3f} %)"


@contextlib.contextmanager
def bare_sine(buffer: int) -> Iterator[Missed]:
    """A sine in a process of its own while the body runs; afterwards the counts are there."""
    process = subprocess.Popen([sys.executable, "-c", SINE, str(buffer)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline().strip() != "playing":
        raise RuntimeError("the sine does not play")
    found = Missed()
    yield found
    told, _ = process.communicate()
    found.calls, found.dry = map(int, told.split())


def engine(decoder: Decoder, buffer: int, seconds: float) -> Missed:
    """The engine with a pad that moves all the time."""
    with Engine.start(decoder, buffer_frames=buffer) as playing:
        playing.play()
        time.sleep(SETTLING)
        before, begun = playing.transport.report(), time.monotonic()
        while (t := time.monotonic() - begun) < seconds:
            playing.move_to(0.9 * math.sin(0.7 * t), 0.9 * math.sin(1.1 * t))
            time.sleep(1 / 60)
        after = playing.transport.report()
    return Missed(after.callbacks - before.callbacks, after.xruns - before.xruns)


def inside(decoder: Decoder, buffer: int, seconds: float) -> Missed:
    """The same player called in this process, and the same decoder beside it."""
    import sounddevice as sd

    player, found = LoopPlayer(RATE), Missed()
    random = np.random.default_rng(0)
    serial = 0

    def fresh() -> SlicedLoop:
        z = random.standard_normal(decoder.metadata.latent_dim).astype(np.float32)
        return SlicedLoop.of(decoder.decode_loop(z), serial)
    player.offer(fresh())
    player.play()

    def play(out: Any, count: int, times: Any, status: Any) -> None:
        found.calls += 1
        found.dry += bool(status.output_underflow) and found.calls > 375
        player.render(out)

    with sd.OutputStream(RATE, buffer, channels=2, dtype="float32", latency="low", callback=play):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            serial += 1
            player.offer(fresh())
            time.sleep(1 / 60)
    sd._terminate()  # before its JACK goes
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--buffer", type=int, default=128)
    parser.add_argument("--model", default="drums")
    parser.add_argument("--inside", action="store_true")
    options = parser.parse_args()
    decoder, seconds = Decoder.open(models.find(options.model), kind="loop"), 60 * options.minutes
    with tempfile.TemporaryDirectory() as name:
        os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / "runtime")
        folders = [Path(name) / part for part in ("sine", "engine", "inside")]
        for folder in folders:
            folder.mkdir()
        ways = [("engine, callback in its own process", engine)]
        if options.inside:
            ways.append(("player, callback in the window's process", inside))
        for (what, play), folder in zip(ways, folders[1:], strict=False):
            with jack.jack_server(folders[0], options.buffer), bare_sine(options.buffer) as sine, \
                    jack.jack_server(folder, options.buffer):
                found = with_window(partial(play, decoder, options.buffer, seconds))
            print(f"{what:42} {found}")
            print(f"{'bare sine at the same time':42} {sine}")
            allowed = sine.dry + ALLOWED * found.calls
            verdict = "within" if found.dry <= allowed else "beyond"
            print(f"{'':42} {verdict} the aim of {allowed:.0f}", flush=True)


if __name__ == "__main__":
    main()
