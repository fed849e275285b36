"""Records in shared memory: one process writes, any may read, and nobody waits."""

import mmap
import struct
import zlib
from typing import Generic, TypeVar

Record = TypeVar("Record", bound=tuple[object, ...])
Shared = mmap.mmap | bytearray


class Register(Generic[Record]):
    """A record in shared memory that one process writes and any may read, always whole.

    There are two copies, each with a version number and a checksum, written in turn: whatever moment a reader
    chooses, and wherever the writer dies, one of them is whole.

    Args:
        buffer: the shared memory.
        offset: where the register begins.
        record: the NamedTuple to be read and written.
        form: its fields in the language of `struct`, little-endian.
    """

    def __init__(self, buffer: Shared, offset: int, record: type[Record], form: str) -> None:
        self._buffer, self._record = buffer, record
        self._layout = struct.Struct(f"<Q{form}")
        self._checksum = struct.Struct("<I")
        self._version = struct.Struct("<Q")
        stride = _aligned(self._layout.size + self._checksum.size)
        self._offsets = (offset, offset + stride)
        self.size = 2 * stride
        self.version = max((int(v) for v, _ in filter(None, map(self._copy, self._offsets))), default=0)

    def write(self, record: Record) -> int:
        """Write a record; returns its version."""
        self.version += 1
        payload = self._layout.pack(self.version, *record)
        offset = self._offsets[self.version & 1]
        self._buffer[offset:offset + len(payload) + 4] = payload + self._checksum.pack(zlib.crc32(payload))
        return self.version

    def read(self) -> tuple[int, Record] | None:
        """Version and content of the newest whole record, None before the first."""
        copies = [copy for copy in map(self._copy, self._offsets) if copy]
        return max(copies, key=lambda copy: copy[0]) if copies else None

    def read_newer(self, version: int) -> tuple[int, Record] | None:
        """As `read`, but None where there is nothing newer than `version`; cheap if there is not."""
        peek = self._version.unpack_from
        if all(peek(self._buffer, offset)[0] <= version for offset in self._offsets):
            return None
        newest = self.read()
        return newest if newest and newest[0] > version else None

    def _copy(self, offset: int) -> tuple[int, Record] | None:
        end = offset + self._layout.size
        data = bytes(self._buffer[offset:end + 4])
        payload = data[:-4]
        if self._checksum.unpack_from(data, self._layout.size)[0] != zlib.crc32(payload):
            return None
        version, *values = self._layout.unpack(payload)
        # An untouched page is all zeros, whose checksum is not zero; version 0 is never written.
        return (version, self._record(*values)) if version else None


def _aligned(size: int) -> int:
    return -(-size // 64) * 64
