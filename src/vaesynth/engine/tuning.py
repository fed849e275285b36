"""What the desk's process needs to be quick and of constant size."""

import ctypes
import functools
import gc
import sys

from ..shaping.ahead import load_ahead

SWITCH_SECONDS = 0.0005
"""A thread that has a loop to finish waits no longer than this for one that paints."""
MMAP_THRESHOLD, MMAP_BYTES = -3, 4 * 2**20
TRIM_THRESHOLD, TRIM_BYTES = -1, 16 * 2**20
ARENA_MAX, ARENAS = -8, 1


@functools.cache
def tune_process() -> None:
    """Hand Python's lock over quickly; let the collector pass over all modules, which take it 25 ms or more
    in which no loop is made; keep the heap from growing by what is large and lives for moments. Once.

    glibc raises its limit for large blocks up to 32 MB as such blocks come, and is left with holes of their
    size, in a heap for each thread.
    """
    gc.freeze()
    sys.setswitchinterval(min(SWITCH_SECONDS, sys.getswitchinterval()))
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(MMAP_THRESHOLD, MMAP_BYTES)
            mallopt(TRIM_THRESHOLD, TRIM_BYTES)
            mallopt(ARENA_MAX, ARENAS)


def load_shaping() -> None:
    """Import what sound shaping needs, and let the collector pass over that, too."""
    load_ahead()
    gc.freeze()
