# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module beside the instrument: `python -m vaesynth_gui.learn.beside MODULE ARGUMENT …`.

It gives way to the sound, and when whoever started it closes its standard input or is gone, it is asked to
end as by SIGTERM: a training then saves itself.
"""

import contextlib
import os
import runpy
import signal
import sys
import threading

NICENESS = 10


def main() -> None:
    """Become the module."""
    sys.argv = sys.argv[1:]
    module = sys.argv[0]
    with contextlib.suppress(OSError, AttributeError):  # Windows has no niceness
        os.nice(NICENESS)
    threading.Thread(target=_wait_for_the_end, name="beside", daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)


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
