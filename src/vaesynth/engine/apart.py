"""Loops that are kept for long lie apart from what comes and goes.

Making a loop takes dozens of arrays that live for milliseconds. What is kept between them would break up the
heap, which then grows for hours; in memory of its own it goes back to the system when it is let go of.
"""

import mmap
import sys
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..loop import Loop
from ..slicing import SlicedLoop

Array = npt.NDArray[np.float32]


def loop_apart(loop: Loop) -> Loop:
    """The same loop with audio and stems in memory of their own."""
    return replace(loop, audio=_copy(loop.audio), stems=None if loop.stems is None else _copy(loop.stems))


def sliced_apart(sliced: SlicedLoop) -> SlicedLoop:
    """The same for a loop as the player takes it."""
    return replace(sliced, audio=_copy(sliced.audio))


def _copy(array: Array) -> Array:
    """A read-only copy; the array itself where it lies apart already."""
    if not array.nbytes or isinstance(_memory(array), mmap.mmap):
        return array
    copy = np.frombuffer(_pages(array.nbytes), array.dtype).reshape(array.shape)
    copy[:] = array
    copy.flags.writeable = False
    return copy


def _pages(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    # Private pages cost half of shared ones, and half of that where they come all at once.
    populate = mmap.MAP_POPULATE if sys.platform == "linux" else 0
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | populate)


def _memory(array: object) -> object:
    """What an array lies in, in the end."""
    while isinstance(array, np.ndarray):
        array = array.base
    return array.obj if isinstance(array, memoryview) else array
