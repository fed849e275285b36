"""An engine that plays, and what befalls it on a stage, one method a fault."""

import contextlib
import os
import resource
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest import mock

import jack
import numpy as np
from pulled_knob import PulledKnob
from watcher import AUDIBLE, Watcher, until

from vaesynth.bench.memory import pss_bytes
from vaesynth.decoder import Decoder
from vaesynth.engine import Engine
from vaesynth.errors import ModelError
from vaesynth.latent_map import Latent
from vaesynth.loop import Loop

STEADY = 300_000


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


class Stage:
    """An engine on a sound card of its own.

    Args:
        folder: for what is written.
        model: a decoder file.
        kind: what befalls it: server, decoder, disk, provider, card, midi or panic.
        warm_up: most groups of moves before, until the loops that the engine keeps and makes ahead have taken
            their memory.

    Attributes:
        watcher: looks at its server.
    """

    def __init__(self, folder: Path, model: Path, kind: str, warm_up: int) -> None:
        self._folder, self._model, self._warm_up = folder, model, warm_up
        self._midi = kind == "midi"
        self._fault = {"server": self._server, "decoder": self._broken_decoder, "disk": self._disk,
                       "provider": self._provider, "card": self._away, "midi": self._pulled,
                       "panic": self._panic}[kind]
        self._random, self._stack = np.random.default_rng(0), contextlib.ExitStack()

    def __enter__(self) -> Self:
        with self._stack as stack:
            self._decoder = FaultyDecoder(Decoder.open(self._model))
            self._card = stack.enter_context(contextlib.ExitStack())
            self._name = self._card.enter_context(jack.jack_server(self._folder))
            self._engine = stack.enter_context(Engine.start(self._decoder))
            self._engine.play()
            until(self._heard)
            self.watcher = Watcher(self._engine.server.folder / "control")
            stack.callback(self.watcher.close)
            if self._midi:
                self._knob = stack.enter_context(PulledKnob(self._engine))
            self._warm()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stack.close()

    def round(self, n: int) -> None:
        """The fault, then a move that is heard."""
        self._fault(n)
        self._move()

    def memory(self) -> int:
        """Bytes that desk and server hold."""
        return (pss_bytes("self") or 0) + (pss_bytes(self._engine.server.health.pid) or 0)

    def _warm(self) -> None:
        for _ in range(self._warm_up):
            before = self.memory()
            for _ in range(8):
                self._move()
                time.sleep(0.25)  # a pad at rest makes loops ahead
            if self.memory() - before < STEADY:
                break

    def _heard(self) -> bool:
        return self._engine.status().peak[0] > AUDIBLE

    def _move(self) -> None:
        """Move somewhere and wait until it sounds."""
        before = self._engine.status().sounding
        self._engine.move_to(*map(float, self._random.uniform(-1, 1, 2)))
        until(lambda: self._engine.status().sounding > before and self._heard())

    # The faults

    def _server(self, n: int) -> None:
        server = self._engine.server
        pid = server.health.pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: server.health.pid != pid and self._engine.status().server_alive)
        until(self._heard)

    def _broken_decoder(self, n: int) -> None:
        self._decoder.broken = True
        self._engine.move_to(float(self._random.uniform(-1, 1)), 0)
        until(lambda: "a bus that is hot" in (self._engine.status().notice or ""))
        time.sleep(0.1)
        self._decoder.broken = False

    def _disk(self, n: int) -> None:
        pid, unlimited = self._engine.server.health.pid, resource.RLIM_INFINITY
        recording = self._engine.recording
        recording.start(self._folder / f"full-{n}.wav")
        until(lambda: recording.status().seconds > 0.1)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (100_000, unlimited))
        until(lambda: recording.status().fault)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        recording.stop()
        until(lambda: recording.idle)
        for file in self._folder.glob("full-*"):
            file.unlink()

    def _provider(self, n: int) -> None:
        failing = mock.patch("vaesynth.providers._open", side_effect=RuntimeError("no such device"))
        with failing, contextlib.suppress(ModelError):
            self._engine.load_model(self._model)
            raise AssertionError("a provider that fails went unnoticed")

    def _away(self, n: int) -> None:
        self._card.close()
        until(lambda: not self._engine.status().server_alive)
        self._card.enter_context(jack.jack_server(self._folder, name=self._name))
        self.watcher.reset()  # from the return on
        until(self._heard)

    def _panic(self, n: int) -> None:
        self._engine.transport.panic()
        until(lambda: not self._engine.status().playing)
        self._engine.play()
        until(self._heard)

    def _pulled(self, n: int) -> None:
        self._knob.pull_and_plug(n)
