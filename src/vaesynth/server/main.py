"""The audio server's main thread: opens the device, then looks after stream, orders and desk."""

import contextlib
import gc
import json
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from ..errors import DeviceError, VaesynthError
from .bank import LoopBank
from .callback import PlayerCallback
from .control import Control
from .recorder import Recorder
from .records import ENDED, FAILED, RUNNING, STARTING, Health
from .runtime import FileLock
from .stream import StreamSettings, choose, open_stream
from .sync import Sync
from .timing import TIMES, CallbackTimes, TimedCallback

ROUND_SECONDS = 0.05
FADE_SECONDS = 0.1
CLOSE_SECONDS = 0.5
"""A stream that is not closed by then hangs: JACK's do, when JACK has gone."""
MAX_CALLBACK_FRAMES = 8192
EXIT_FAILED, EXIT_AGAIN = 3, 75
"""Exit codes: the device cannot be opened; the desk should start the server again."""


class StreamWatch:
    """Tells from the callback's counters when a stream is stuck: silent for 10 buffers, or dry every other
    one.

    Args:
        buffer_seconds: length of a buffer.
    """

    WINDOW = 64

    def __init__(self, buffer_seconds: float) -> None:
        # A loaded machine may stop everybody for a while; less than a quarter second says nothing.
        self._patience = max(10 * buffer_seconds, 0.25)
        self._calls = self._underflows = -1
        self._moved = 0.0
        self._window = (0, 0)

    def is_stuck(self, now: float, calls: int, underflows: int) -> bool:
        """Whether the stream should be opened anew, given the counters at the time `now` in seconds."""
        if calls != self._calls:
            self._calls, self._moved = calls, now
        if now - self._moved > self._patience:
            return True
        since, dry = self._window
        if calls - since >= self.WINDOW:
            self._window = (calls, underflows)
            return underflows - dry >= 0.45 * (calls - since)
        return False


class AudioServer:
    """One run of the server.

    Args:
        folder: the session's folder, made by the desk (see `process.py`).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._control = Control(folder / "control")
        values = json.loads((folder / "settings.json").read_text())
        self._settings = StreamSettings.from_json(values)
        self._desk = FileLock(folder / "desk.lock")
        self._health = Health(STARTING, os.getpid(), time.monotonic())
        self._stream: Any = None
        self._hangs = False
        self._asked_to_end = False

    def run(self) -> int:
        """Play until the desk says stop, or is gone for too long; returns the exit code."""
        self._tell()
        try:
            device, rate, channels = choose(self._settings)
            self._callback = PlayerCallback(self._control, rate, channels, MAX_CALLBACK_FRAMES)
            self._take_over()
            timed = TimedCallback(self._callback, CallbackTimes.create(self._folder / TIMES), rate)
            self._stream = open_stream(device, rate, channels, self._settings.buffer_frames, timed)
        except VaesynthError as e:
            self._tell(state=FAILED, message=_text(str(e), 512))
            return EXIT_FAILED
        self._tell(state=RUNNING, sample_rate=rate, buffer_frames=self._settings.buffer_frames,
                   device=_text(device.name, 128))
        signal.signal(signal.SIGTERM, self._on_signal)
        sync, recorder = Sync(self._control, self._callback), Recorder(self._control, self._callback.player)
        gc.collect()
        gc.freeze()
        gc.disable()

        def reopen() -> Any:
            return open_stream(device, rate, channels, self._settings.buffer_frames, timed)
        code = self._look_after(reopen, self._settings.buffer_frames / rate)
        sync.close()
        self._fade_out()
        recorder.close()
        self._tell(state=ENDED)
        if self._hangs:
            # PortAudio would wait for ever at the end of the process, too.
            sys.stderr.flush()
            os._exit(code)
        return code

    def _take_over(self) -> None:
        """Go on from what an earlier run left in the control block."""
        orders, report = self._control.orders.read(), self._control.report.read()
        if orders and report:
            self._callback.resume(orders[1], report[1])
        self._open_bank()

    def _look_after(self, reopen: Any, buffer_seconds: float) -> int:
        watch, reopened_at, desk_seen = StreamWatch(buffer_seconds), 0.0, time.monotonic()
        next_desk_check = 0.0
        while True:
            time.sleep(ROUND_SECONDS)
            now = time.monotonic()
            self._tell(beat=now)
            self._open_bank()
            orders = self._control.orders.read()
            if self._asked_to_end or (orders and orders[1].quit):
                return 0
            if now >= next_desk_check:
                next_desk_check = now + 0.5
                if not self._desk.is_free():
                    desk_seen = now
                elif orders and now - desk_seen > orders[1].orphan_seconds:
                    self._orphaned()
                    return 0
            if self._callback.error is not None:
                traceback.print_exception(self._callback.error)
                return EXIT_AGAIN
            if watch.is_stuck(now, self._callback.calls, self._callback.underflows):
                if now - reopened_at < 5.0:
                    return EXIT_AGAIN
                reopened_at = now
                if not self._close():
                    return EXIT_AGAIN
                try:
                    self._stream = reopen()
                except DeviceError as e:
                    print(e, file=sys.stderr, flush=True)
                    return EXIT_AGAIN
                watch = StreamWatch(buffer_seconds)
                self._tell(reopened=self._health.reopened + 1)

    def _open_bank(self) -> None:
        """Open the bank that the orders name, for the callback to find, and let go of older ones."""
        orders = self._control.orders.read()
        banks = self._callback.banks
        if orders is None or orders[1].slot < 0 or orders[1].bank in banks:
            return
        bank = orders[1].bank
        # A new dictionary, never a changed one: the callback may be looking. What it still plays from a bank
        # that is dropped stays mapped, for the audio is a view of the map.
        kept = {number: banks[number] for number in sorted(banks)[-1:]}
        self._callback.banks = {**kept, bank: LoopBank(self._folder / f"bank-{bank}")}

    def _fade_out(self) -> None:
        if self._stream is None or self._hangs:
            return
        self._callback.ending = True
        time.sleep(FADE_SECONDS)
        self._close()

    def _close(self) -> bool:
        """Close the stream; False where it hangs."""
        def close() -> None:
            with contextlib.suppress(Exception):
                self._stream.close(ignore_errors=True)
        closer = threading.Thread(target=close, daemon=True)
        closer.start()
        closer.join(CLOSE_SECONDS)
        self._hangs = closer.is_alive()
        return not self._hangs

    def _orphaned(self) -> None:
        """Nobody will come for the folder any more."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _on_signal(self, *_: object) -> None:
        self._asked_to_end = True

    def _tell(self, **changes: Any) -> None:
        self._health = self._health._replace(**changes)
        self._control.health.write(self._health)


def _text(text: str, size: int) -> bytes:
    return text.encode()[:size - 1]


def serve(folder: Path) -> int:
    """Run the server of a session folder, unless one is running already; returns the exit code."""
    # The window's Ctrl-C is for the window.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(0.0005)
    lock = FileLock(folder / "server.lock")
    deadline = time.monotonic() + 3
    while not lock.acquire():
        if time.monotonic() > deadline:
            return EXIT_FAILED
        time.sleep(0.02)
    return AudioServer(folder).run()
