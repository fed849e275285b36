"""Banks of loops in shared memory: the desk writes a slot, the server plays it from there."""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..slicing import MAX_SLICES, SlicedLoop, SliceTable
from .mapped import LAYOUT, create_file, open_map

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


class LoopBank:
    """A file of slots, each for one sliced stereo loop; one process writes a slot, the other only reads it.

    Args:
        path: the file, made by `create`.
    """

    _HEADER = struct.Struct("<16sII")
    _SLOT = struct.Struct("<IIIIIQI")
    _HEAD = 4096
    _RECIPE = 32768
    _TABLE = _HEAD + _RECIPE

    def __init__(self, path: Path) -> None:
        self._map = open_map(path, LAYOUT)
        _, self.slots, self.frames = self._HEADER.unpack_from(self._map, 0)

    @classmethod
    def create(cls, path: Path, slots: int, frames: int) -> "LoopBank":
        """Make a file of `slots` slots for up to `frames` frames each; pages take memory once written."""
        create_file(path, cls._HEADER.pack(LAYOUT, slots, frames), cls._HEAD + slots * cls._stride(frames))
        return cls(path)

    @classmethod
    def _stride(cls, frames: int) -> int:
        size = cls._TABLE + MAX_SLICES * 12 + frames * 8
        return -(-size // 4096) * 4096

    def write(self, slot: int, loop: SlicedLoop) -> None:
        """Copy a loop into a slot.

        Raises:
            ValueError: it does not fit.
        """
        if len(loop.audio) > self.frames:
            raise ValueError(f"loop has {len(loop.audio)} frames, expected at most {self.frames}")
        start = self._HEAD + slot * self._stride(self.frames)
        slices = loop.slices
        recipe = loop.recipe.encode()
        if len(recipe) > self._RECIPE:
            recipe = b""
        self._SLOT.pack_into(self._map, start, len(loop.audio), loop.sample_rate, loop.beats,
                             loop.beats_per_bar, len(slices.starts), loop.serial, len(recipe))
        self._map[start + self._HEAD:start + self._HEAD + len(recipe)] = recipe
        starts, decays, leads, audio = self._parts(start, len(slices.starts), loop.audio.size)
        starts[:], decays[:], leads[:] = slices.starts, slices.decays, slices.leads
        audio[:] = loop.audio.ravel()

    def read(self, slot: int) -> SlicedLoop:
        """The loop in a slot; its audio is a view that stays true until the slot is written again."""
        start = self._HEAD + slot * self._stride(self.frames)
        frames, rate, beats, beats_per_bar, count, serial, length = self._SLOT.unpack_from(self._map, start)
        recipe = bytes(self._map[start + self._HEAD:start + self._HEAD + length]).decode()
        starts, decays, leads, audio = self._parts(start, count, 2 * frames)
        table = SliceTable(tuple(starts.tolist()), tuple(decays.tolist()), tuple(leads.tolist()))
        return SlicedLoop(audio.reshape(frames, 2), rate, beats, beats_per_bar, table, serial, recipe)

    def _parts(self, start: int, count: int, samples: int) -> tuple[Ints, Floats, Ints, Floats]:
        """Starts, decays and leads of `count` slices and `samples` samples of the slot at `start`, as
        views."""
        table, column = start + self._TABLE, 4 * MAX_SLICES
        return (np.frombuffer(self._map, np.int32, count, table),
                np.frombuffer(self._map, np.float32, count, table + column),
                np.frombuffer(self._map, np.int32, count, table + 2 * column),
                np.frombuffer(self._map, np.float32, samples, table + 3 * column))
