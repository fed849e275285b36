"""What desk and server tell each other: orders from the one, reports from the other."""

from typing import NamedTuple


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
