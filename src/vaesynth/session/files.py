"""Sessions on disk: no crash leaves half a file, and no unusable file is lost."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import platformdirs

from ..errors import OutputError
from .state import Session
from .text import SessionError, from_json, to_json

MAX_BYTES = 4 * 2**20


def default_file() -> Path:
    """Where the session of this user is kept."""
    return Path(platformdirs.user_state_dir("vaesynth", appauthor=False)) / "session.json"


def read(file: Path) -> Session | None:
    """The session in a file, None where there is no file.

    Raises:
        SessionError: the file is not readable, too large or no session.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise SessionError(f"{file}: cannot be read ({e.strerror}), expected a session file") from e
    if len(data) > MAX_BYTES:
        raise SessionError(f"{file}: has more than {MAX_BYTES} bytes, expected a session file")
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        raise SessionError(f"{file}: is no UTF-8 text, expected a session file") from e
    return from_json(text, str(file))


def write(file: Path, session: Session) -> None:
    """Write a session so that a crash at any moment leaves the old or the new one, whole.

    Raises:
        OutputError: the folder cannot be written; nothing half-written is left.
    """
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(to_json(session))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)
    except OSError as e:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OutputError(f"{file}: cannot be written ({e.strerror}), expected a writable folder") from e


def recover(file: Path) -> tuple[Session, str | None]:
    """The session of a file or a fresh one, and one sentence for people where the file was of no use.

    An unusable file is kept beside as `NAME.broken`, never overwritten in silence.
    """
    try:
        return read(file) or Session(), None
    except SessionError as e:
        with contextlib.suppress(OSError):
            os.replace(file, file.with_name(file.name + ".broken"))
        return Session(), f"Started afresh: {e}."


class Autosave:
    """Writes the newest of the sessions offered to it, from a thread of its own: no caller waits for a disk.

    Args:
        file: where to.
        interval: seconds between two writes at least.
        failed: told once, from the thread, when writing starts to fail.
    """

    def __init__(self, file: Path, interval: float = 0.25,
                 failed: Callable[[str], None] | None = None) -> None:
        self._file = file
        self._interval = interval
        self._failed = failed
        self._newest: Session | None = None
        self._wake = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vaesynth-autosave", daemon=True)
        self._thread.start()

    def offer(self, session: Session) -> None:
        """Have this session written soon; never blocks."""
        self._newest = session
        self._wake.set()

    def close(self, final: Session | None = None) -> None:
        """Write what is pending (`final`, if given) and end."""
        if final is not None:
            self.offer(final)
        self._end.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        written: Session | None = None
        broken = False
        while True:
            self._wake.wait()
            self._wake.clear()
            newest = self._newest
            if newest is not None and newest is not written:
                try:
                    write(self._file, newest)
                    written, broken = newest, False
                except OutputError as e:
                    if not broken and self._failed is not None:
                        self._failed(str(e))
                    broken = True
            if self._end.is_set():
                if self._newest is newest:
                    return
                self._wake.set()
            else:
                self._end.wait(self._interval)
