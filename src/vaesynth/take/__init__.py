"""Takes: all that was asked of the player, and when, so that it can be played again sample by sample."""

from .file import Take, TakeWriter, read
from .journal import JournalPlayer, Tape
from .replay import TakePlayer

__all__ = ["JournalPlayer", "Take", "TakePlayer", "TakeWriter", "Tape", "read"]
