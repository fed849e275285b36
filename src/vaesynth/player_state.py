"""Where a player is: what a take keeps, so that another one can go on from there."""

from typing import NamedTuple


class DeckState(NamedTuple):
    """All that changes in a deck while it plays, see there; all whole numbers."""

    slice: int
    elapsed: int
    straight: int
    due: int
    lead: int
    lead_total: int
    shift: int
    permille: int


class VoiceState(NamedTuple):
    """A slice that is played by hand: the voice, its number, the line it waits for, and the rest of its
    sound, float32 `(frames, 2)` as bytes."""

    voice: int
    slice: int
    line: int | None
    audio: bytes


class VoicesState(NamedTuple):
    """How many slices were played by hand, the age of each voice, and the voices that sound."""

    played: int
    ages: tuple[int, ...]
    voices: tuple[VoiceState, ...]


class PlayerState(NamedTuple):
    """All that changes in a player while it plays; loops are told by their serial numbers."""

    position: int
    micro_bpm: int
    bend: int
    owed: int
    free_running: bool
    limiter: float
    gate: tuple[bool, int]
    volume: tuple[float, float]
    restart_at: int | None
    open_at: int | None
    voices: VoicesState
    permille: int = 500
    deck: tuple[int, DeckState] | None = None
    next_deck: tuple[int, DeckState] | None = None
    faded: int = 0
    shared: float = 0.0
    pending: int | None = None
    pending_line: int | None = None
