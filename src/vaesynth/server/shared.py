"""What desk and server share: a memory-mapped control block, and banks of loops.

Nothing here waits: each record has one writer, and a reader takes the newest whole copy.
"""

import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import DeviceError
from ..slicing import MAX_SLICES, SlicedLoop, SliceTable
from .hits import HitRing

LAYOUT = b"vaesynth-5\0\0\0\0\0\0"
"""Changes whenever a record below changes, so that desk and server of different versions do not meet."""

Record = TypeVar("Record", bound=tuple[object, ...])
Shared = mmap.mmap | bytearray
Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


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


class Orders(NamedTuple):
    """What the desk wants: a state, not a list of commands, so that a new server can go on from it.

    `starts` counts requests to start from the top, `moves` all requests to start, go on or stop, `tempos`
    and `panics` requests of their kinds: somebody else may have changed what was ordered last, and then the
    same order means something. `nudged` sums up all nudges in microseconds. `swing` is in permille,
    `metronome` the place in `METRONOMES`. The loop wanted is in slot `slot` of bank `bank` (-1: none).
    """

    playing: bool = False
    starts: int = 0
    micro_bpm: int = 120_000_000
    gain: float = 1.0
    quantise: int = 0
    bank: int = 0
    slot: int = -1
    serial: int = 0
    quit: bool = False
    orphan_seconds: float = 10.0
    moves: int = 0
    tempos: int = 0
    panics: int = 0
    nudged: int = 0
    swing: int = 500
    metronome: int = 0


class Report(NamedTuple):
    """What the callback did with its last block.

    `seen` is the version of the orders it acted on; `stamp` (time.monotonic) belongs to the position in beats
    `beat` + `rest` / units; `bank_a` … `slot_c` are the slots it may still read (-1: none).
    """

    seen: int = 0
    callbacks: int = 0
    stamp: float = 0.0
    latency: float = 0.0
    beat: int = 0
    rest: float = 0.0
    micro_bpm: int = 0
    playing: bool = False
    left: float = 0.0
    right: float = 0.0
    clipped: int = 0
    xruns: int = 0
    serial: int = 0
    busy: float = 0.0
    bank_a: int = 0
    slot_a: int = -1
    bank_b: int = 0
    slot_b: int = -1
    bank_c: int = 0
    slot_c: int = -1

    def holds(self, bank: int, slot: int) -> bool:
        """Whether the server may still read a slot."""
        return (bank, slot) in ((self.bank_a, self.slot_a), (self.bank_b, self.slot_b), (self.bank_c,
        self.slot_c))


class SyncOrders(NamedTuple):
    """With whom to keep time. `clock_in` and `clock_out` are parts of names of MIDI ports, empty for none;
    `offset` is added to the output latency, in seconds."""

    link: bool = False
    link_start_stop: bool = True
    jack: bool = False
    offset: float = 0.0
    clock_in: bytes = b""
    clock_out: bytes = b""


class SyncReport(NamedTuple):
    """How that goes: `kind` of the source (see `sync`), peers, whether there is a time to follow, and by how
    many seconds the player was late at the last block."""

    seen: int = 0
    kind: int = 0
    peers: int = 0
    following: bool = False
    error: float = 0.0
    message: bytes = b""


class RecordOrders(NamedTuple):
    """What to record: `number` counts the requests, `path` is the file, empty for none."""

    number: int = 0
    path: bytes = b""


IDLE, RECORDING, FINISHING, BROKEN = range(4)


class RecordReport(NamedTuple):
    """How that goes: `seen` is the request acted on, `lost` frames that the disk was too slow for."""

    seen: int = 0
    state: int = IDLE
    frames: int = 0
    lost: int = 0
    path: bytes = b""
    message: bytes = b""


STARTING, RUNNING, FAILED, ENDED = range(4)


class Health(NamedTuple):
    """What the server's main thread says of itself; `beat` is time.monotonic of its last round."""

    state: int = STARTING
    pid: int = 0
    beat: float = 0.0
    sample_rate: int = 0
    buffer_frames: int = 0
    reopened: int = 0
    device: bytes = b""
    message: bytes = b""


class Control:
    """The control block: orders from the desk, report and health from the server.

    Args:
        path: the file, made by `create`.

    Raises:
        DeviceError: the file is of another version of this program.
    """

    SIZE = 16384

    def __init__(self, path: Path) -> None:
        self._map = _open_map(path, LAYOUT)
        offset = 64
        self.orders = Register(self._map, offset, Orders, "?qQdBIiQ?dQQQqHB")
        offset += self.orders.size
        self.report = Register(self._map, offset, Report, "QQddqdQ?ffQQQdIiIiIi")
        offset += self.report.size
        self.health = Register(self._map, offset, Health, "BIdIII128s512s")
        offset += self.health.size
        self.sync = Register(self._map, offset, SyncOrders, "???d128s128s")
        offset += self.sync.size
        self.sync_report = Register(self._map, offset, SyncReport, "QBI?d512s")
        offset += self.sync_report.size
        self.hits = HitRing(self._map, offset)
        offset += HitRing.SIZE
        self.record = Register(self._map, offset, RecordOrders, "Q1024s")
        offset += self.record.size
        self.record_report = Register(self._map, offset, RecordReport, "QBQQ1024s512s")

    @classmethod
    def create(cls, path: Path) -> "Control":
        """Make the file and open it."""
        _create_file(path, LAYOUT, cls.SIZE)
        return cls(path)


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
        self._map = _open_map(path, LAYOUT)
        _, self.slots, self.frames = self._HEADER.unpack_from(self._map, 0)

    @classmethod
    def create(cls, path: Path, slots: int, frames: int) -> "LoopBank":
        """Make a file of `slots` slots for up to `frames` frames each; pages take memory once written."""
        _create_file(path, cls._HEADER.pack(LAYOUT, slots, frames), cls._HEAD + slots * cls._stride(frames))
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


def _create_file(path: Path, head: bytes, size: int) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, head)
        os.ftruncate(descriptor, size)
    finally:
        os.close(descriptor)


def _open_map(path: Path, layout: bytes) -> mmap.mmap:
    with path.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 0)
    if shared[:len(layout)] != layout:
        raise DeviceError(f"{path} belongs to another version of vaesynth, expected this one's server")
    return shared
