"""Slices that are played by hand, on their way from the desk to the callback: a ring in shared memory."""

import mmap
import struct
import zlib
from typing import NamedTuple

PLACES = 64


class Hit(NamedTuple):
    """One slice to be played.

    Attributes:
        number: of the slice, from 0.
        velocity: 0 to 1.
    """

    number: int
    velocity: float


class HitRing:
    """One process writes, one reads; who falls behind by more than the ring loses the oldest.

    Args:
        buffer: the shared memory.
        offset: where the ring begins.
    """

    _PLACE = struct.Struct("<QIf")
    _STRIDE = 24
    SIZE = PLACES * _STRIDE

    def __init__(self, buffer: mmap.mmap | bytearray, offset: int) -> None:
        self._buffer, self._offset = buffer, offset
        counts = (count for count, _ in filter(None, map(self._read, range(PLACES))))
        self._written = self._taken = max(counts, default=0)

    def write(self, hit: Hit) -> None:
        """Hand a hit over."""
        self._written += 1
        payload = self._PLACE.pack(self._written, *hit)
        at = self._offset + self._written % PLACES * self._STRIDE
        self._buffer[at:at + self._STRIDE] = payload + zlib.crc32(payload).to_bytes(8, "little")

    def take(self) -> Hit | None:
        """The next hit, None where there is none; what was there before this object was made is passed over.
        """
        while True:
            newer = self._read((self._taken + 1) % PLACES)
            if newer is None or newer[0] <= self._taken:
                return None
            if newer[0] == self._taken + 1:
                self._taken += 1
                return newer[1]
            self._taken = newer[0] - PLACES  # overwritten meanwhile: on to the oldest that is there

    def _read(self, place: int) -> tuple[int, Hit] | None:
        at = self._offset + place * self._STRIDE
        data = bytes(self._buffer[at:at + self._STRIDE])
        count, number, velocity = self._PLACE.unpack_from(data)
        if not count or int.from_bytes(data[self._PLACE.size:], "little") != zlib.crc32(
                data[:self._PLACE.size]):
            return None
        return count, Hit(number, velocity)
