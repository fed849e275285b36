"""What the musician has set, kept so that the instrument reopens exactly where it was."""

from .files import Autosave, default_file, read, recover, write
from .state import (
    MAX_CHAIN,
    MAX_OWN_LOOPS,
    MAX_PATH_POINTS,
    SLOTS,
    Corner,
    OwnLoop,
    Session,
    Snapshot,
    as_closed,
)
from .text import SessionError, from_json, to_json

__all__ = [
    "MAX_CHAIN",
    "MAX_OWN_LOOPS",
    "MAX_PATH_POINTS",
    "SLOTS",
    "Autosave",
    "Corner",
    "OwnLoop",
    "Session",
    "SessionError",
    "Snapshot",
    "as_closed",
    "default_file",
    "from_json",
    "read",
    "recover",
    "to_json",
    "write",
]
