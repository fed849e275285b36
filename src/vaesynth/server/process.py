"""The desk's hold on the audio server: start it, find one that plays on alone, keep it alive, end it."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from ..errors import DeviceError
from .control import Control
from .main import EXIT_FAILED
from .records import FAILED, RUNNING, Health, Orders
from .runtime import FileLock, runtime_folder
from .stream import StreamSettings

START_SECONDS = 15.0
END_SECONDS = 3.0
HUNG_SECONDS = 4.0
QUICK_RESTARTS = 3


class ServerProcess:
    """A session folder in the runtime folder, and the server process that plays from it.

    The folder holds `settings.json`, `control` (see `shared.Control`), `bank-N`, `server.log`, and two
    locks: who holds `desk.lock` is the desk, who holds `server.lock` is the server. The system releases them
    when a process dies, so nobody is ever mistaken for alive, nor for dead because it is slow.

    Use `start` or `adopt`.

    Attributes:
        folder: the session's folder.
        control: its control block.
        notice: what is wrong with the server now, else None.
        restarts: how often it had to be started again.
    """

    def __init__(self, folder: Path, control: Control, lock: FileLock) -> None:
        self.folder, self.control = folder, control
        self.notice: str | None = None
        self.restarts = 0
        self._lock = lock
        self._server_lock = FileLock(folder / "server.lock")
        self._child: subprocess.Popen[bytes] | None = None
        self._next_start = 0.0
        self._failures = 0
        self._started = 0.0

    @classmethod
    def start(cls, settings: StreamSettings, orders: Orders) -> "ServerProcess":
        """Make a session and start its server.

        Raises:
            DeviceError: the device cannot be opened.
            OutputError: the runtime folder cannot be made.
        """
        folder = runtime_folder() / f"engine-{os.getpid()}-{secrets.token_hex(4)}"
        hidden = folder.with_name(f".{folder.name}")
        hidden.mkdir(mode=0o700)
        (hidden / "settings.json").write_text(json.dumps(settings.to_json()))
        lock = FileLock(hidden / "desk.lock")
        lock.acquire()
        Control.create(hidden / "control")
        hidden.rename(folder)  # it becomes visible to others only with its lock held
        server = cls(folder, Control(folder / "control"), lock)
        server.control.orders.write(orders)
        try:
            server._spawn()
            server._wait_until_running()
        except BaseException:
            server.end()
            raise
        return server

    @classmethod
    def adopt(cls, settings: StreamSettings) -> "ServerProcess | None":
        """Take over the server of a desk that died, if one with these settings plays on; tidy up others."""
        for folder in sorted(runtime_folder().glob("engine-*")):
            lock = FileLock(folder / "desk.lock")
            with contextlib.suppress(OSError):
                if not _acquired(lock):
                    continue
                server = cls._orphan(folder, lock)
                if server is None:
                    continue
                orders = server.control.orders.read()
                if server._settings() == settings and orders and not orders[1].quit:
                    return server
                server.end()
        return None

    @classmethod
    def _orphan(cls, folder: Path, lock: FileLock) -> "ServerProcess | None":
        """The session of `folder`; None (and it is cleared away) if the server is dead or a stranger."""
        server_lock = FileLock(folder / "server.lock")
        if not server_lock.is_free():
            try:
                return cls(folder, Control(folder / "control"), lock)
            except (DeviceError, ValueError):
                with contextlib.suppress(OSError, ValueError):
                    os.kill(int(server_lock.path.read_text()), signal.SIGTERM)
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)
        return None

    @property
    def health(self) -> Health:
        """What the server said of itself last."""
        newest = self.control.health.read()
        return newest[1] if newest else Health()

    def is_alive(self) -> bool:
        """Whether the server's process runs."""
        if self._child is not None:
            return self._child.poll() is None
        return not self._server_lock.is_free()

    def is_running(self) -> bool:
        """Whether it runs and its device is open."""
        return self.is_alive() and self._speaks(RUNNING)

    def watch(self) -> None:
        """Look after the server once: start it again where it has died or hangs. Call it every 50 ms."""
        now = time.monotonic()
        health = self.health
        if self.is_alive():
            if self._speaks(RUNNING):
                self._failures, self.notice = 0, None
            patience = HUNG_SECONDS if health.beat >= self._started else START_SECONDS
            if now - max(health.beat, self._started) > patience:
                self._kill(health.pid)
            return
        if now < self._next_start:
            return
        if health.state == FAILED and health.message:
            self.notice = f"{_decoded(health.message)}; trying again"
        else:
            self.notice = "the audio server stopped and is being started again"
        self._failures += 1
        # At once at first; a device that stays away is asked for once a second.
        self._next_start = now + (0.0 if self._failures <= QUICK_RESTARTS and health.state != FAILED else 1.0)
        self.restarts += 1
        self._spawn()

    def end(self) -> None:
        """Let the server fade out and end, and clear the session away."""
        newest = self.control.orders.read()
        self.control.orders.write((newest[1] if newest else Orders())._replace(quit=True))
        deadline = time.monotonic() + END_SECONDS
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        if self.is_alive():
            self._kill(self.health.pid)
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(1)
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _speaks(self, state: int) -> bool:
        """Whether the present run of the server, not one before it, says that it is in `state`."""
        health = self.health
        return health.state == state and health.beat >= self._started

    def _settings(self) -> StreamSettings:
        return StreamSettings.from_json(json.loads((self.folder / "settings.json").read_text()))

    def _spawn(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._started = time.monotonic()
        with (self.folder / "server.log").open("ab") as log:
            # A session of its own: neither the terminal's signals nor the desk's end reach it.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "vaesynth.server", str(self.folder)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment, start_new_session=True)

    def _wait_until_running(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            health = self.health
            if self._speaks(RUNNING):
                return
            code = self._child.poll()
            if health.state == FAILED and code is not None:
                raise DeviceError(_decoded(health.message))
            if code is not None and code != EXIT_FAILED:
                raise DeviceError(f"the audio server ended with code {code}, expected it to play"
                                  f"{self._last_words()}")
            time.sleep(0.01)
        raise DeviceError(f"the audio server did not open its device within {START_SECONDS:g} s, "
                          "expected a working sound system")

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.folder / "server.log").read_text(errors="replace").strip().splitlines()
            if lines:
                return f" ({lines[-1][:200]})"
        return ""

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(OSError):
            if self._child is not None:
                self._child.kill()
            elif pid and not self._server_lock.is_free():
                os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)


def _acquired(lock: FileLock) -> bool:
    """Whether the lock could be taken; a server that asks whether it is free has it for an instant."""
    for _ in range(4):
        if lock.acquire():
            return True
        time.sleep(0.02)
    return False


def _decoded(text: bytes) -> str:
    return text.rstrip(b"\0").decode(errors="replace")


