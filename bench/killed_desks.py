"""One desk after the other is killed with -9, while the server plays on; the next one takes over."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from watcher import Watcher

from vaesynth.bench.memory import pss_bytes

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


class KilledDesks:
    """Desks that play a model, in processes of their own; JACK runs.

    Args:
        model: a decoder file.

    Attributes:
        watcher: looks at their server.
    """

    def __init__(self, model: Path) -> None:
        self._model = model

    def __enter__(self) -> Self:
        _, self._server, folder = self._start(0)
        self.watcher = Watcher(folder / "control")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.watcher.close()
        os.kill(self._server, signal.SIGTERM)
        self._kill()

    def round(self, n: int) -> None:
        """Kill the desk and start the next one."""
        self._kill()
        adopted, pid, _ = self._start(n + 1)
        if not adopted or pid != self._server:
            raise AssertionError("the new desk did not take over the server that played")

    def memory(self) -> int:
        """Bytes that the server holds."""
        return pss_bytes(self._server) or 0

    def _start(self, n: int) -> tuple[bool, int, Path]:
        """A desk that sounds: whether it found a server, that one's process, its folder."""
        self._desk = subprocess.Popen([sys.executable, "-c", DESK, str(self._model), str((n % 9 - 4) / 4)],
                                      stdout=subprocess.PIPE, text=True)
        assert self._desk.stdout is not None
        adopted, pid, folder = self._desk.stdout.readline().split()
        return adopted == "True", int(pid), Path(folder)

    def _kill(self) -> None:
        self._desk.kill()
        self._desk.wait()
