"""The cue's process: reads loops from standard input, plays them, and ends with it.

Each loop is a line of JSON (`frames`, `channels`, `rate`) and its samples, float32 in this machine's byte
order; no frames fade out. What goes wrong is one sentence on standard output, and the end.
"""

import json
import sys
import time
from typing import Any, BinaryIO

import numpy as np

from ..errors import VaesynthError
from ..loop import Audio, Loop
from ..server.stream import StreamSettings, choose, open_stream
from ..stretch import at_rate
from .player import CuePlayer

BUFFER_FRAMES = 512
MAX_BYTES = 1 << 30


def main() -> int:
    """Play until standard input ends; returns the exit code."""
    wanted = json.loads(sys.argv[1])
    try:
        run(sys.stdin.buffer, wanted["device"], tuple(wanted["channels"]))
    except VaesynthError as e:
        print(e, flush=True)
        return 2
    return 0


def run(source: BinaryIO, device: str | None, channels: tuple[int, ...]) -> None:
    """Open the device for the first loop, and play all that come.

    Raises:
        DeviceError: the device is absent or refuses.
    """
    player: CuePlayer | None = None
    stream: Any = None
    rate = 0
    used = channels
    while (sound := _read(source)) is not None:
        audio, own_rate = sound
        if player is None:
            if not len(audio):
                continue
            settings = StreamSettings(device, None, own_rate, BUFFER_FRAMES, channels)
            found, rate, used = choose(settings)
            player = CuePlayer(rate, max(used), BUFFER_FRAMES)
            stream = open_stream(found, rate, used, BUFFER_FRAMES, _callback(player))
        player.offer(_for_output(audio, own_rate, rate, used) if len(audio) else None)
    if player is not None:
        player.offer(None)
        time.sleep(0.1)
        stream.close()


def _callback(player: CuePlayer) -> Any:
    def callback(out: Audio, frames: int, when: object, status: object) -> None:
        player.render(out)
    return callback


def _read(source: BinaryIO) -> tuple[Audio, int] | None:
    line = source.readline()
    if not line:
        return None
    head = json.loads(line)
    size = 4 * head["frames"] * head["channels"]
    if size > MAX_BYTES:
        return None
    data = source.read(size)
    if len(data) < size:
        return None
    return np.frombuffer(data, np.float32).reshape(head["frames"], head["channels"]), head["rate"]


def _for_output(audio: Audio, own_rate: int, rate: int, channels: tuple[int, ...]) -> Audio:
    """Audio at the device's rate on its channels, `(frames, highest channel)`, the others silent."""
    if own_rate != rate:
        audio = at_rate(Loop(audio, own_rate, 4), rate).audio
    out = np.zeros((len(audio), max(channels)), np.float32)
    if len(channels) == 1:
        out[:, channels[0] - 1] = audio.mean(axis=1)
    else:
        for side, channel in enumerate(channels):
            out[:, channel - 1] = audio[:, min(side, audio.shape[1] - 1)]
    return out


if __name__ == "__main__":
    sys.exit(main())
