"""Faults on stage, round after round: does the sound go on, or come back by itself?

    python bench/faults.py [--rounds 200] [--json FILE]
                           [--kinds desk,server,decoder,disk,provider,card,midi,panic]

The rounds are shared out among the kinds of fault. For each kind the longest time without a sounding buffer
is told, and how much memory the processes have gained since before its first round. Needs jackd,
jack_rec and jack_lsp (Debian: jackd2, jack-tools) and, for a full disk, Linux.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
from pulled_port import KNOB, NAME, PulledPort
from tone_model import write_tone_model

from vaesynth.bench.memory import pss_bytes
from vaesynth.control.controls import Controls
from vaesynth.control.mapping import Binding, Kind, Knob, Mapping
from vaesynth.control.performer import Performer
from vaesynth.control.settings import ControlSettings
from vaesynth.decoder import Decoder
from vaesynth.engine import Engine, SyncSettings
from vaesynth.errors import ModelError
from vaesynth.latent_map import Latent
from vaesynth.loop import Loop
from vaesynth.server.control import Control

PATIENCE = 60.0
AUDIBLE = 0.02
WARM_UP = 60
"""Most groups of moves until the loops that the engine keeps and makes ahead have taken their memory."""
STEADY = 300_000
AWAY_SECONDS = 0.5
"""A hand that pulls a plug and puts it in again takes no less."""
DESK = """
import sys, pathlib, time
from vaesynth.engine import Engine
engine = Engine.open(pathlib.Path(sys.argv[1]), orphan_seconds=120)
if not engine.adopted:
    engine.play()
before = engine.status().sounding
engine.move_to(float(sys.argv[2]), 0)
while engine.status().sounding <= before or engine.status().peak[0] < 0.02:
    time.sleep(0.01)
print(engine.adopted, engine.server.health.pid, engine.server.folder, flush=True)
time.sleep(600)
"""


class Watcher:
    """Looks at a server's report all the time.

    Attributes:
        gap: the longest time in seconds between two buffers that were heard, since `reset`.
    """

    def __init__(self, control: Path) -> None:
        self._control = Control(control)
        self._end = threading.Event()
        self.reset()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def reset(self) -> None:
        """Begin anew."""
        newest = self._control.report.read()
        self.gap, self._heard = 0.0, time.monotonic()
        self._calls = newest[1].callbacks if newest else -1

    def _run(self) -> None:
        while not self._end.wait(0.004):
            newest = self._control.report.read()
            if newest and newest[1].callbacks != self._calls and newest[1].left > AUDIBLE:
                self._calls = newest[1].callbacks
                # What was heard is dated by the callback, not by who looks, who may be late himself.
                self.gap = max(self.gap, newest[1].stamp - self._heard)
                self._heard = newest[1].stamp

    def close(self) -> None:
        """End."""
        self._end.set()
        self._thread.join()


class FaultyDecoder:
    """A decoder that raises while it is told to."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder, self.broken = decoder, False
        self.metadata, self.provider, self.notice = decoder.metadata, decoder.provider, decoder.notice

    def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
        """As the decoder does, or not."""
        if self.broken:
            raise RuntimeError("a bus that is hot")
        return self._decoder.decode_loop(z, stems)


def until(condition: Callable[[], object]) -> None:
    """Wait, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the sound did not come back")
        time.sleep(0.005)


def move(engine: Engine, random: np.random.Generator) -> None:
    """Move somewhere and wait until it sounds."""
    before = engine.status().sounding
    engine.move_to(*map(float, random.uniform(-1, 1, 2)))
    until(lambda: engine.status().sounding > before and engine.status().peak[0] > AUDIBLE)


def settings(low: float, high: float) -> ControlSettings:
    """A clock to follow, and a knob that swings, both from the port that is pulled."""
    swing = Binding(Knob(Kind.CC, KNOB), "swing", low, high)
    return ControlSettings(midi_in=NAME, mapping=Mapping((swing,)), sync=SyncSettings(clock_in=NAME))


Round = Callable[[int], None]
Place = tuple[Round, Watcher, Callable[[], int]]


@contextlib.contextmanager
def stage(folder: Path, model: Path, kind: str, warm_up: int) -> Iterator[Place]:
    """An engine that plays, and what befalls it; yields one round, the watcher, and the memory held."""
    random, decoder = np.random.default_rng(0), FaultyDecoder(Decoder.open(model))
    with contextlib.ExitStack() as stack:
        card = stack.enter_context(contextlib.ExitStack())
        name = card.enter_context(jack.jack_server(folder))
        engine = stack.enter_context(Engine.start(decoder))
        engine.play()
        until(lambda: engine.status().peak[0] > AUDIBLE)
        watcher = Watcher(engine.server.folder / "control")
        stack.callback(watcher.close)

        def server(n: int) -> None:
            pid = engine.server.health.pid
            os.kill(pid, signal.SIGKILL)
            until(lambda: engine.server.health.pid != pid and engine.status().server_alive)
            until(lambda: engine.status().peak[0] > AUDIBLE)

        def broken_decoder(n: int) -> None:
            decoder.broken = True
            engine.move_to(float(random.uniform(-1, 1)), 0)
            until(lambda: "a bus that is hot" in (engine.status().notice or ""))
            time.sleep(0.1)
            decoder.broken = False

        def disk(n: int) -> None:
            pid, unlimited = engine.server.health.pid, resource.RLIM_INFINITY
            engine.recording.start(folder / f"full-{n}.wav")
            until(lambda: engine.recording.status().seconds > 0.1)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (100_000, unlimited))
            until(lambda: engine.recording.status().fault)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
            engine.recording.stop()
            until(lambda: engine.recording.idle)
            for file in folder.glob("full-*"):
                file.unlink()

        def provider(n: int) -> None:
            failing = mock.patch("vaesynth.providers._open", side_effect=RuntimeError("no such device"))
            with failing, contextlib.suppress(ModelError):
                engine.load_model(model)
                raise AssertionError("a provider that fails went unnoticed")

        def away(n: int) -> None:
            card.close()
            until(lambda: not engine.status().server_alive)
            card.enter_context(jack.jack_server(folder, name=name))
            watcher.reset()  # from the return on
            until(lambda: engine.status().peak[0] > AUDIBLE)

        def panic(n: int) -> None:
            engine.transport.panic()
            until(lambda: not engine.status().playing)
            engine.play()
            until(lambda: engine.status().peak[0] > AUDIBLE)

        def pulled(n: int) -> None:
            port.pull()
            until(lambda: controls.notices and not engine.sync.status().following)
            time.sleep(AWAY_SECONDS)
            port.plug()
            until(lambda: not controls.notices)
            port.start()
            until(lambda: engine.sync.status().following)
            low, high = 50 + n % 2, 70 + n % 2

            def turned() -> bool:
                port.turn(127)
                return engine.transport.orders.swing == 10 * high
            controls.apply(settings(low, high))
            until(turned)

        if kind == "midi":
            port = PulledPort()
            stack.callback(port.close)
            port.plug()
            performer = Performer(engine)
            controls = Controls(performer, engine)
            stack.callback(controls.close)
            controls.apply(settings(50, 70))
            until(lambda: engine.sync.status().following)
        fault = {"server": server, "decoder": broken_decoder, "disk": disk, "provider": provider,
                 "card": away, "midi": pulled, "panic": panic}[kind]

        def one(n: int) -> None:
            fault(n)
            move(engine, random)

        def memory() -> int:
            return (pss_bytes("self") or 0) + (pss_bytes(engine.server.health.pid) or 0)

        for _ in range(warm_up):
            before = memory()
            for _ in range(8):
                move(engine, random)
                time.sleep(0.25)  # a pad at rest makes loops ahead
            if memory() - before < STEADY:
                break
        yield one, watcher, memory


@contextlib.contextmanager
def desks(folder: Path, model: Path) -> Iterator[Place]:
    """One desk after the other is killed, while the server plays on; the next one takes over."""
    def start(n: int) -> tuple["subprocess.Popen[str]", bool, int, Path]:
        desk = subprocess.Popen([sys.executable, "-c", DESK, str(model), str((n % 9 - 4) / 4)],
                                stdout=subprocess.PIPE, text=True)
        assert desk.stdout is not None
        adopted, pid, name = desk.stdout.readline().split()
        return desk, adopted == "True", int(pid), Path(name)

    with jack.jack_server(folder):
        desk, _, server, session = start(0)
        watcher = Watcher(session / "control")

        def one(n: int) -> None:
            nonlocal desk
            desk.kill()
            desk.wait()
            desk, adopted, pid, _ = start(n + 1)
            if not adopted or pid != server:
                raise AssertionError("the new desk did not take over the server that played")

        yield one, watcher, lambda: pss_bytes(server) or 0
        watcher.close()
        os.kill(server, signal.SIGTERM)
        desk.kill()
        desk.wait()


def run(kind: str, rounds: int, folder: Path, warm_up: int = 0) -> dict[str, Any]:
    """Rounds of one kind, after moves that fill the engine's memory of loops; returns figures."""
    folder.mkdir()
    os.environ["VAESYNTH_MIDI_API"] = "jack"
    model, gaps, held = write_tone_model(folder / "tones.decoder.onnx"), [], []
    place = desks(folder, model) if kind == "desk" else stage(folder, model, kind, warm_up)
    with place as (one, watcher, memory):
        held.append(memory())
        for n in range(rounds):
            watcher.reset()
            one(n)
            gaps.append(watcher.gap)
            held.append(memory())
    return {"kind": kind, "rounds": rounds, "median_gap_ms": round(1000 * float(np.median(gaps)), 1),
            "longest_gap_ms": round(1000 * max(gaps), 1),
            "gained_mb": round((held[-1] - held[0]) / 1e6, 2)}


KINDS = ("desk", "server", "decoder", "disk", "provider", "card", "midi", "panic")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    kinds, figures = options.kinds.split(","), []
    with tempfile.TemporaryDirectory() as name:
        for place, kind in enumerate(kinds):
            os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / f"runtime-{kind}")
            share = options.rounds // len(kinds) + (place < options.rounds % len(kinds))
            figures.append(run(kind, share, Path(name) / kind, WARM_UP))
            print("{kind:9} {rounds:4} rounds   without sound: median {median_gap_ms:7.1f} ms, longest "
                  "{longest_gap_ms:7.1f} ms   memory {gained_mb:+.2f} MB".format(**figures[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
