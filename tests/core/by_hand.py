"""An audio server without device, process and clock: the test turns the crank."""

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt

from vaesynth.server.bank import LoopBank
from vaesynth.server.callback import PlayerCallback
from vaesynth.server.control import Control
from vaesynth.server.records import RUNNING, Health

TIMES = SimpleNamespace(outputBufferDacTime=1.010, currentTime=1.0)
FINE = SimpleNamespace(output_underflow=False)


class ServerByHand:
    """What `Engine` asks of a `ServerProcess`; `play` lets the callback run.

    Args:
        folder: an empty folder.
    """

    notice = None

    def __init__(self, folder: Path, rate: int = 48_000, frames: int = 256) -> None:
        self.folder, self.frames = folder, frames
        self.control = Control.create(folder / "control")
        self.health = Health(RUNNING, 1, time.monotonic(), rate, frames, 0, b"by hand")
        self.callback = PlayerCallback(self.control, rate, (1, 2), 8192)

    def is_running(self) -> bool:
        """Always."""
        return True

    def watch(self) -> None:
        """Nothing can happen to it."""

    def end(self) -> None:
        """Nothing is left over."""

    def play(self, blocks: int = 1) -> npt.NDArray[np.float32]:
        """The next blocks, float32 `(blocks · frames, 2)`."""
        out = np.empty((blocks * self.frames, 2), np.float32)
        for start in range(0, len(out), self.frames):
            self._open_bank()
            self.callback(out[start:start + self.frames], self.frames, TIMES, FINE)
            assert self.callback.error is None, self.callback.error
        return out

    def play_until(self, condition: Callable[[], object], seconds: float = 20.0) -> npt.NDArray[np.float32]:
        """Blocks until something has come to pass."""
        deadline, blocks = time.monotonic() + seconds, []
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            blocks.append(self.play())
            time.sleep(0.001)
        return np.concatenate(blocks) if blocks else np.empty((0, 2), np.float32)

    def _open_bank(self) -> None:
        newest = self.control.orders.read()
        if newest and newest[1].slot >= 0 and newest[1].bank not in self.callback.banks:
            bank = newest[1].bank
            self.callback.banks = {**self.callback.banks, bank: LoopBank(self.folder / f"bank-{bank}")}
