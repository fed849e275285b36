"""Records what the engine plays, in a process of its own: `python -m vaesynth.bench.capture FILE`.

Only JACK lets one program hear another. The recording goes on until standard input ends.
"""

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import DeviceError
from ..loop import Audio
from ..server.devices import JACK, portaudio
from ..server.priority import raise_priority

AHEAD_SECONDS = 0.5
Times = npt.NDArray[np.float64]


class Capture:
    """What the engine plays while the body of a `with` runs.

    Attributes:
        audio: float32 `(blocks, frames, 2)`, afterwards.
        starts: time.monotonic of each block's first sample at the engine's output, `(blocks,)`, afterwards.

    Args:
        path: a file for the recording.
        rate: in Hz.
        frames: of a block.

    Raises:
        DeviceError: the engine's output cannot be recorded here.
    """

    def __init__(self, path: Path, rate: int, frames: int) -> None:
        self._path = path
        self._command = [sys.executable, "-m", "vaesynth.bench.capture", str(path), str(rate), str(frames)]
        self.audio: Audio = np.zeros((0, frames, 2), np.float32)
        self.starts: Times = np.zeros(0)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, text=True, start_new_session=True)
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "recording":
            self._process.communicate()
            raise DeviceError("the engine's output cannot be recorded, expected it to play through JACK")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._process.communicate()
        if kind is None:
            with np.load(self._path) as file:
                self.audio, self.starts = file["audio"], file["starts"]


def record(path: Path, rate: int, frames: int) -> None:
    """Record until standard input ends, then write blocks and their times."""
    sd = portaudio()
    blocks: list[tuple[float, Audio]] = []

    def take(data: Audio, count: int, times: object, status: object) -> None:
        if count == frames:
            blocks.append((time.monotonic(), data.copy()))

    with sd.InputStream(rate, frames, _engine(sd), 2, "float32", latency="low", callback=take):
        print("recording", flush=True)
        sys.stdin.read()
    np.savez(path, audio=np.stack([audio for _, audio in blocks]),
             starts=block_times(np.array([come for come, _ in blocks]), frames / rate))


def block_times(come: Times, period: float) -> Times:
    """When blocks began, from when their callbacks came.

    A callback never comes early, so the least late one of the next half second tells for all before it; where
    the sound system lost time, the blocks after the loss tell of it. (JACK's own stamps are no help: for many
    seconds after its start, and after each loss, they wander by more than ten milliseconds.)

    Args:
        come: time.monotonic of each callback, `(blocks,)`.
        period: length of a block in seconds.
    """
    count = np.arange(len(come)) * period
    ahead = max(1, round(AHEAD_SECONDS / period))
    late = np.concatenate([come - count, np.full(ahead - 1, np.inf)])
    return np.asarray(count + np.lib.stride_tricks.sliding_window_view(late, ahead).min(1))


def _engine(sd: Any) -> int:
    """PortAudio's number of the engine's output, which to others is an input."""
    hosts = sd.query_hostapis()
    for index, device in reversed(list(enumerate(sd.query_devices()))):
        if (hosts[device["hostapi"]]["name"] == JACK and device["name"].startswith("PortAudio")
                and device["max_input_channels"] >= 2):
            return int(index)
    raise DeviceError("no program plays through JACK")


if __name__ == "__main__":
    raise_priority()
    record(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
