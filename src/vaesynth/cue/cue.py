"""The desk's side of the cue output."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..loop import Audio, Loop


@dataclass(frozen=True, eq=False)
class _Sound:
    audio: Audio
    sample_rate: int


class Cue:
    """Plays loops on the cue output; every call returns at once, the newest wins.

    A process of its own holds the device, from the first loop on: a device that hangs holds up nobody.

    Args:
        device: part of a device's name; None takes the system's own choice.
        channels: output channels for left and right, counted from 1.
        failed: told one sentence, from a thread, when the device cannot be used.
    """

    def __init__(self, device: str | None = None, channels: Sequence[int] = (1, 2),
                 failed: Callable[[str], None] | None = None) -> None:
        self._command = [sys.executable, "-m", "vaesynth.cue.process",
                         json.dumps({"device": device, "channels": list(channels)})]
        self._failed = failed
        self._wanted: _Sound | None = None
        self._wake, self._closed = threading.Event(), False
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None

    def play(self, loop: Loop) -> None:
        """Play a loop round and round, at its own tempo."""
        self.play_audio(loop.audio, loop.sample_rate)

    def play_audio(self, audio: Audio, sample_rate: int) -> None:
        """Play float32 `(frames, channels)` round and round."""
        self._want(_Sound(audio, sample_rate))

    def stop(self) -> None:
        """Fade out."""
        if self._thread is not None:
            self._want(None)

    def close(self) -> None:
        """Fade out and let the device go."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2.0)

    def _want(self, sound: _Sound | None) -> None:
        self._wanted = sound
        self._wake.set()
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._work, name="vaesynth-cue", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closed:
                break
            with contextlib.suppress(OSError):  # it died; `_listen` tells why
                self._send(self._wanted)
        process = self._process
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.5)
            process.kill()

    def _send(self, sound: _Sound | None) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            if sound is None:
                return
            process = self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                                       stdout=subprocess.PIPE)
            threading.Thread(target=self._listen, args=(process,), name="vaesynth-cue-listen",
                             daemon=True).start()
        assert process.stdin is not None
        audio = sound.audio if sound is not None else np.zeros((0, 1), np.float32)
        head = {"frames": len(audio), "channels": audio.shape[1],
                "rate": sound.sample_rate if sound is not None else 0}
        process.stdin.write(json.dumps(head).encode() + b"\n")
        process.stdin.write(np.ascontiguousarray(audio, np.float32).tobytes())
        process.stdin.flush()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            if self._failed is not None and not self._closed:
                self._failed(line.decode(errors="replace").strip())
