# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module beside the instrument: `python -m vaesynth_gui.learn.beside MODULE ARGUMENT …`.

It gives way to the sound, and when whoever started it closes its standard input or is gone, it is asked to
end as by SIGTERM: a training then saves itself. To its end it holds the lock that the environment names: no
two work in one folder.
"""

import contextlib
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

from vaesynth.server.runtime import FileLock

NICENESS = 10
LOCK_VARIABLE = "VAESYNTH_TRAINING_LOCK"
PATIENCE_SECONDS = 2.0
"""For the lock: whoever asks whether it is free has it for an instant."""


def main() -> None:
    """Become the module."""
    sys.argv = sys.argv[1:]
    module = sys.argv[0]
    with contextlib.suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    _take_lock()
    threading.Thread(target=_wait_for_the_end, name="beside", daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _take_lock() -> None:
    if (path := os.environ.get(LOCK_VARIABLE)) is None:
        return
    lock, end = FileLock(Path(path)), time.monotonic() + PATIENCE_SECONDS
    while not lock.acquire():
        if time.monotonic() > end:
            sys.exit(f"{Path(path).parent}: a training still works there, expected it to have ended")
        time.sleep(0.02)


def _wait_for_the_end() -> None:
    while os.read(0, 4096):  # not sys.stdin, whose lock would be in the way of the interpreter's end
        pass
    # Whoever started it may be gone, and nobody reads any more: a last word must not end the saving.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    main()
