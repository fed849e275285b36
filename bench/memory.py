"""Memory of the desk and of the audio server over time: while the pad moves, and while OSC brings nonsense.

    python bench/memory.py [--minutes 30] [--model NAME] [--packets N] [--trace]

The pad moves, and within each minute shaping, tempo, mode and chain change. With `--packets` it is
the fuzzed packets of the tests that play, instead of a hand, 50 a second. The aim: at most 5 MB more in both
processes together (PSS) than after the warm-up, which has met every setting and filled the memory of loops;
since loops of all lengths come and go, the medians of the last and of the first fifth are compared. Pages of
libraries do not count: when another program ends that used them, too, these processes' share of them grows.
`--trace` names the lines whose memory has grown most. Needs jackd, jack_rec and jack_lsp (Debian: jackd2,
jack-tools) and Linux.
"""

import argparse
import math
import os
import random
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "core"))

import jack
import played_model
from osc_fuzz import packet

from vaesynth.bench.memory import library_bytes, pss_bytes
from vaesynth.control.osc import OscInput
from vaesynth.control.performer import Performer
from vaesynth.engine import Engine, TempoMode

TURN_SECONDS = 10.0
ALLOWED, WARM_UP_SECONDS, LOOK_SECONDS, PACKETS_A_SECOND = 5e6, 300.0, 15.0, 50


class Hand:
    """What a person does in a long evening, a step at a time."""

    def __init__(self, engine: Engine, surface: Performer) -> None:
        self._engine, self._surface, self._turn = engine, surface, -1.0

    def step(self, t: float) -> None:
        """What is done at `t` seconds; called 30 times a second."""
        surface, engine = self._surface, self._engine
        turn, rest = divmod(t, TURN_SECONDS)
        if turn != self._turn:
            self._turn = turn
            surface.set("shape/drive", 6.0 * (turn % 2))
            surface.set("shape/reverb", 0.2 * (turn % 3 == 1))
            surface.set("tempo", 100 + 10 * (turn % 2))
            engine.set_tempo_mode(tuple(TempoMode)[int(turn) % 3])
            if turn % 6 == 5:
                engine.set_chain([(-0.5, -0.5), (0.5, 0.5)])
        elif rest < 0.7 * TURN_SECONDS and turn % 6 != 5:
            surface.move_to(0.9 * math.sin(0.7 * t), 0.9 * math.sin(1.1 * t))
        time.sleep(1 / 30)


class Flood:
    """Fuzzed packets, one after the other."""

    def __init__(self, osc: OscInput, surface: Performer) -> None:
        self._osc, self._random = osc, random.Random(4)
        self._addresses = [f"/vaesynth/{name}" for name in (
            *surface.parameters, "pad", "z", "macro", "lock", "snapshot", "store") if name != "record"]

    def step(self, t: float) -> None:
        """The next packet."""
        self._osc.receive(packet(self._random, self._addresses))
        time.sleep(1 / PACKETS_A_SECOND)


def run(engine: Engine, seconds: float, warm_up: float, step: Callable[[float], None], trace: bool) -> float:
    """Print the memory again and again; returns by how many bytes it grew, in the median of the last fifth
    against that of the first one."""
    begun, look, found, before = time.monotonic(), 0.0, list[int](), None
    while (t := time.monotonic() - begun) < warm_up + seconds:
        step(t)
        if t < look:
            continue
        look += LOOK_SECONDS
        desk, server = ((pss_bytes(process) or 0) - library_bytes(process)
                        for process in ("self", engine.server.health.pid))
        if t >= warm_up:
            found.append(desk + server)
            if trace and before is None:
                before = tracemalloc.take_snapshot()
        print(f"{t / 60:6.2f} min   desk {desk / 1e6:7.2f} MB   server {server / 1e6:7.2f} MB   "
              f"since warm-up {(found[-1] - found[0]) / 1e6 if found else 0:+7.2f} MB", flush=True)
    if before is not None:
        for line in tracemalloc.take_snapshot().compare_to(before, "lineno")[:15]:
            print(line)
    fifth = max(1, len(found) // 5)
    return median(found[-fifth:]) - median(found[:fifth])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=WARM_UP_SECONDS, help="in seconds")
    played_model.add_option(parser)
    parser.add_argument("--packets", type=int, default=0, help="so many fuzzed packets instead of a hand")
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["VAESYNTH_RUNTIME_DIR"] = str(folder / "runtime")
        path = played_model.path_of(options.model, folder)
        if options.trace:
            tracemalloc.start(8)
        with jack.jack_server(folder), Engine.open(path) as engine:
            surface = Performer(engine)
            osc = OscInput("127.0.0.1", 0, surface)
            engine.play()
            seconds = options.packets / PACKETS_A_SECOND if options.packets else 60 * options.minutes
            act = Flood(osc, surface) if options.packets else Hand(engine, surface)
            grown = run(engine, seconds, options.warm_up, act.step, options.trace)
            osc.close()
    print(f"grown by {grown / 1e6:+.2f} MB, {'within' if grown <= ALLOWED else 'beyond'} the aim of "
          f"{ALLOWED / 1e6:g} MB")


if __name__ == "__main__":
    main()
