"""One session for all who decode the same model: another one would hold its weights once more."""

import threading
import weakref
from pathlib import Path

from .decoder import Decoder

IN_TURN = threading.Lock()
"""Held while something is decoded that nobody waits for: each run takes memory of its own."""

_Key = tuple[Path, int, int, str | None]
"""Of a file as it is now, and the provider that was asked for."""
_open: "weakref.WeakValueDictionary[_Key, Decoder]" = weakref.WeakValueDictionary()
_lock = threading.Lock()


def open_decoder(path: Path, provider: str | None = None, kind: str | None = None) -> Decoder:
    """As `Decoder.open`, but where somebody has the same file in use on the same provider, that decoder.

    Several threads may decode with it at once.
    """
    return _one_of(path, (provider,), kind)


def shared(path: Path, kind: str | None = None) -> Decoder:
    """The decoder of a file on the CPU, whether it was asked for there or has come there by itself.

    Raises:
        ModelError: as `Decoder.open` does.
    """
    return _one_of(path, ("cpu", None), kind)


def _one_of(path: Path, asked: tuple[str | None, ...], kind: str | None) -> Decoder:
    """An open decoder for which one of these providers was asked; a new one on the first of them."""
    with _lock:
        file = _file(path)
        for provider in asked:
            known = _open.get((*file, provider))
            if known is not None and kind in (None, known.metadata.kind) and (
                    asked[0] != "cpu" or known.provider == "cpu"):
                return known
        decoder = Decoder.open(path, asked[0], kind)
        _open[(*file, asked[0])] = decoder
        return decoder


def _file(path: Path) -> tuple[Path, int, int]:
    """What tells a file from others and from what it was before."""
    try:
        status = path.stat()
    except OSError:  # which opening it will tell
        return path, 0, 0
    return path.resolve(), status.st_mtime_ns, status.st_size
