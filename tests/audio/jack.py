"""A sound card for machines without one: a JACK server on its dummy driver, with its own real clock."""

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

RATE = 48_000
PERIOD = 256


def available() -> bool:
    """Whether JACK's programs are installed."""
    return all(map(shutil.which, ("jackd", "jack_lsp", "jack_rec")))


@contextlib.contextmanager
def jack_server(folder: Path, period: int = PERIOD, name: str | None = None,
                rate: int = RATE) -> Iterator[str]:
    """A dummy JACK server of its own name, which this process's children find through JACK_DEFAULT_SERVER."""
    name = name or f"vaesynth-{os.getpid()}-{secrets.token_hex(3)}"
    before = os.environ.get("JACK_DEFAULT_SERVER")
    os.environ["JACK_DEFAULT_SERVER"] = name
    os.environ["JACK_NO_START_SERVER"] = "1"
    try:
        for real_time in (["-R", "-P", "10"], ["-r"]):  # the second where real-time scheduling is not granted
            with (folder / "jackd.log").open("ab") as log:
                server = subprocess.Popen(["jackd", "-n", name, *real_time, "-d", "dummy", "-r", str(rate),
                                           "-p", str(period)], stdout=log, stderr=log, start_new_session=True)
            if _answers(server):
                break
            _end(server)
        else:
            raise RuntimeError(f"jackd does not start: {(folder / 'jackd.log').read_text()[-500:]}")
        try:
            yield name
        finally:
            _end(server)
    finally:
        if before is None:
            os.environ.pop("JACK_DEFAULT_SERVER", None)
        else:
            os.environ["JACK_DEFAULT_SERVER"] = before


def _answers(server: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and server.poll() is None:
        if "system:playback_1" in ports():
            return True
        time.sleep(0.05)
    return False


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def ports() -> list[str]:
    """The server's ports.

    A jackd whose client is just being killed may not answer; who asks again gets an answer.
    """
    for patience in (5, 10, 30):
        try:
            done = subprocess.run(["jack_lsp"], capture_output=True, text=True, timeout=patience, check=False)
        except subprocess.TimeoutExpired:
            continue
        return done.stdout.split()
    raise TimeoutError("jackd does not tell its ports")


def engine_port() -> str:
    """The left output of the one program that plays."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = [p for p in ports() if p.startswith("PortAudio") and "out_0" in p]
        if found:
            return found[-1]
        time.sleep(0.05)
    raise RuntimeError(f"no program plays: {ports()}")


class Recording:
    """Records the left output while the body of a `with` runs; then `audio` is float32 `(frames,)`.

    What is recorded is the port `source`, or the engine's.
    """

    def __init__(self, path: Path, seconds: float, source: str | None = None) -> None:
        self._path, self._seconds = path, seconds
        self._source = source
        self.audio: npt.NDArray[np.float32] = np.zeros(0, np.float32)

    def __enter__(self) -> "Recording":
        # Where its buffer overflows, jack_rec loses parts of samples and records noise from there on: 20 s
        # are enough.
        command = ["jack_rec", "-f", str(self._path), "-d", str(int(self._seconds)), "-b", "32",
                   "-B", str(20 * RATE), self._source or engine_port()]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def wait(self) -> None:
        """Wait until all is recorded."""
        self._process.wait(self._seconds + 15)

    def __exit__(self, *_: object) -> None:
        self.wait()
        audio, _ = soundfile.read(self._path, dtype="float32", always_2d=True)
        self.audio = audio[:, 0]
