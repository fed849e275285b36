"""The cue output: hear a loop beside the instrument, on another device or other channels."""

from .cue import Cue

__all__ = ["Cue"]
