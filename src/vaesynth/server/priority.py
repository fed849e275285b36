"""The server's place in the system's scheduler."""

import contextlib
import ctypes
import os
import sys

REALTIME_PRIORITY = 20


def raise_priority() -> None:
    """Ask for real-time scheduling of this process and the threads it will start, or the next best."""
    if sys.platform == "win32":
        high_priority = 0x80
        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), high_priority)
    elif sys.platform != "darwin":  # Core Audio's threads are real-time by themselves
        try:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REALTIME_PRIORITY))
        except OSError:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, 0, -15)
