"""The runtime folder, and locks that vanish with the process that holds them."""

import os
import stat
import sys
import tempfile
from pathlib import Path

from ..errors import OutputError

VARIABLE = "VAESYNTH_RUNTIME_DIR"


def runtime_folder() -> Path:
    """The folder for files shared by running processes, in memory where the system offers that; made if
    absent.

    Raises:
        OutputError: it cannot be made, or belongs to somebody else.
    """
    folder = _place()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as e:
        raise OutputError(f"runtime folder {folder} cannot be made ({e.strerror}), "
                          f"expected a writable place or another one in {VARIABLE}") from e
    mine = sys.platform == "win32" or status.st_uid == os.getuid()
    if not (stat.S_ISDIR(status.st_mode) and mine):
        raise OutputError(f"runtime folder {folder} belongs to somebody else, expected a folder of this user "
                          f"or another one in {VARIABLE}")
    return folder


def _place() -> Path:
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen)
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and os.access(session, os.W_OK):
        return Path(session) / "vaesynth"
    user = "user" if sys.platform == "win32" else str(os.getuid())
    memory = Path("/dev/shm")
    base = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    return base / f"vaesynth-{user}"


class FileLock:
    """An exclusive lock on a file that the system releases when its holder dies, however it dies.

    Args:
        path: the lock file, made if absent; holds the process id of its last holder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if nobody has it."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let the lock go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_free(self) -> bool:
        """Whether nobody holds the lock; asking takes it for an instant, so `acquire` elsewhere may fail."""
        try:
            descriptor = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            _lock(descriptor)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        # A byte far behind the text, which others must be able to read.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
