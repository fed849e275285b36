"""What the desk's process needs to be quick and of constant size."""

import contextlib
import ctypes
import functools
import gc
import os
import sys
import threading
from collections.abc import Callable

from ..shaping.ahead import load_ahead

SWITCH_SECONDS = 0.0005
"""A thread that has a loop to finish waits no longer than this for one that paints."""
MMAP_THRESHOLD, MMAP_BYTES = -3, 4 * 2**20
TRIM_THRESHOLD, TRIM_BYTES = -1, 16 * 2**20
ARENA_MAX, ARENAS = -8, 1
TIDY_SECONDS = 5.0
REALTIME_PRIORITY = 1
"""JACK's clients have 5 and more, the audio server asks for 20."""
PRECEDENCE = 5
"""How much less nice than a repaint."""


@functools.cache
def tune_process() -> None:
    """Hand Python's lock over quickly; let the collector pass over all modules, which take it 25 ms or more
    in which no loop is made; keep the heap from growing by what is large and lives for moments. Once.

    glibc raises its limit for large blocks up to 32 MB as such blocks come, and is left with holes of their
    size, in a heap for each thread.
    """
    gc.freeze()
    sys.setswitchinterval(min(SWITCH_SECONDS, sys.getswitchinterval()))
    if (mallopt := _glibc("mallopt")) is not None:
        mallopt(MMAP_THRESHOLD, MMAP_BYTES)
        mallopt(TRIM_THRESHOLD, TRIM_BYTES)
        mallopt(ARENA_MAX, ARENAS)


def tidy() -> float:
    """Let glibc return to the system what it keeps of loops that were let go; other C libraries do that by
    themselves. Gives the seconds until the next time.

    To return each loop at once would cost a tenth of a decode for new pages. It takes up to 1.5 ms of
    processor time, during which nobody can allocate: nothing for a thread of low priority, nor for one that
    paints, which waited up to 55 ms for others to let go of the heap.
    """
    if (trim := _glibc("malloc_trim")) is not None:
        trim(0)
    return TIDY_SECONDS


def come_first() -> None:
    """Let the calling thread, which makes what is about to be heard, come before what paints.

    Where the system grants it, it is a real-time thread, below all of audio. Audio interrupts what computes
    on its processor some 20 times a decode; a real-time thread then moves to a processor that is free of it.
    Where there is only one it becomes less nice instead. What it starts does not inherit this.
    """
    if sys.platform == "linux":
        import resource

        lasting = resource.getrlimit(resource.RLIMIT_RTTIME)[0] == resource.RLIM_INFINITY
        if lasting and len(os.sched_getaffinity(0)) > 1:
            with contextlib.suppress(OSError):
                os.sched_setscheduler(threading.get_native_id(), os.SCHED_RR | os.SCHED_RESET_ON_FORK,
                                      os.sched_param(REALTIME_PRIORITY))
                return
    stand_back(-PRECEDENCE)


def stand_back(by: int) -> None:
    """Let the calling thread stand back behind others of its process, or with `by` below 0 before them, where
    the system grants that and niceness is a thread's own: on Linux."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            of_process = os.getpriority(os.PRIO_PROCESS, os.getpid())
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), of_process + by)


def load_shaping() -> None:
    """Import what sound shaping needs, and let the collector pass over that, too."""
    load_ahead()
    gc.freeze()


def _glibc(function: str) -> Callable[..., int] | None:
    """A function of glibc; None where there is another C library, such as musl."""
    return getattr(ctypes.CDLL(None), function, None) if sys.platform == "linux" else None
