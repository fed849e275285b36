"""Memory-mapped files that desk and server share; a head names their layout."""

import mmap
import os
from pathlib import Path

from ..errors import DeviceError

LAYOUT = b"vaesynth-5\0\0\0\0\0\0"
"""Changes whenever a record or a bank changes, so that desk and server of different versions do not meet."""


def create_file(path: Path, head: bytes, size: int) -> None:
    """Make a file of zeros behind a head."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, head)
        os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)


def open_map(path: Path, layout: bytes) -> mmap.mmap:
    """The memory of a file that begins with `layout`.

    Raises:
        DeviceError: it begins with something else.
    """
    with path.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 0)
    if shared[:len(layout)] != layout:
        raise DeviceError(f"{path} belongs to another version of vaesynth, expected this one's server")
    return shared
