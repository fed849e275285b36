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
    permille: int
    deck: tuple[int, DeckState] | None
    next_deck: tuple[int, DeckState] | None
    faded: int
    shared: float
    pending: int | None
    pending_line: int | None
    restart_at: int | None
    open_at: int | None
