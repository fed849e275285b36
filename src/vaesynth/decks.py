"""The decks: the loop that sounds, the one that fades in, and the one that waits for its line."""

from collections.abc import Callable

import numpy as np

from .crossfade import CrossfadeTable, correlation
from .deck import Deck, Scratch
from .loop import Audio
from .player_state import DeckState, PlayerState
from .slicing import SlicedLoop
from .swing import NO_SWING, Swing
from .tempo import BeatClock, Quantise, grid_units

CROSSFADE_SECONDS = 0.008


class Decks:
    """Passes from one loop to the next at the same place of the bar, without a gap.

    Args:
        clock: whose time is played; `mix` advances it.
        frames: the most frames that are mixed at once.

    Attributes:
        frames: as given.
        swing: where slices are placed.
    """

    def __init__(self, clock: BeatClock, frames: int) -> None:
        self.frames = frames
        self.swing = NO_SWING
        self._clock = clock
        self._scratch = Scratch(frames)
        self._incoming = np.empty((frames, 2), np.float32)
        self._table = CrossfadeTable(max(16, round(CROSSFADE_SECONDS * clock.sample_rate)))
        self._old_gain = np.empty((self._table.frames, 1), np.float32)
        self._new_gain = np.empty((self._table.frames, 1), np.float32)
        self._deck: Deck | None = None
        self._next_deck: Deck | None = None
        self._faded, self._shared = 0, 0.0
        self._pending: SlicedLoop | None = None
        self._pending_line: int | None = None

    @property
    def sounding(self) -> SlicedLoop | None:
        """The loop that sounds: while two are mixed, the new one."""
        deck = self._next_deck or self._deck
        return deck.loop if deck else None

    @property
    def waiting(self) -> SlicedLoop | None:
        """The loop that waits for its line."""
        return self._pending

    @property
    def held(self) -> tuple[SlicedLoop | None, SlicedLoop | None, SlicedLoop | None]:
        """The loops whose audio may still be read: playing, fading in, waiting."""
        return (self._deck.loop if self._deck else None, self._next_deck.loop if self._next_deck else None,
                self._pending)

    def offer(self, loop: SlicedLoop, quantise: Quantise) -> None:
        """Let a loop take over when it is due; it replaces one that is still waiting."""
        self._pending = loop
        self._pending_line = None
        sounding = self.sounding
        if sounding is not None:
            grid = grid_units(quantise, self._clock.units_per_beat, sounding.beats, sounding.beats_per_bar)
            self._pending_line = self._clock.next_line(grid) if grid else None

    def leap(self, position: int) -> None:
        """Go on elsewhere (clock units) at once, through a crossfade: what sounds goes on in the old time."""
        loop = self.sounding
        for deck in (self._deck, self._next_deck):
            if deck:
                deck.shift += self._clock.position - position
        self._clock.position = position
        self._pending, self._pending_line = self._pending or loop, None

    def set_swing(self, swing: Swing) -> None:
        """Where slices are placed, from the next one on."""
        self.swing = swing
        for deck in (self._deck, self._next_deck):
            if deck:
                deck.swing = swing

    def drop(self) -> None:
        """Forget every loop at once."""
        self._deck = self._next_deck = self._pending = None

    def swap_in_silence(self) -> None:
        """Nothing sounds: what waits or fades in takes over without a fade."""
        if self._next_deck:
            self._deck, self._next_deck = self._next_deck, None
        if self._pending:
            self._deck, self._pending = self._deck_of(self._pending), None

    def begin_anew(self) -> None:
        """Nothing sounds, and the clock stands elsewhere: begin there."""
        self.swap_in_silence()
        if self._deck:
            self._deck = self._deck_of(self._deck.loop)

    def mix(self, out: Audio) -> None:
        """The next frames, float32 `(frames, 2)`, and the clock after them."""
        done, total, clock = 0, len(out), self._clock
        while done < total:
            count = total - done
            if self._next_deck is None and self._pending is not None:
                wait = self._frames_until_due()
                if wait == 0:
                    self._begin_crossfade()
                else:
                    count = min(count, wait)
            if self._next_deck is not None:
                count = min(count, self._table.frames - self._faded)
            part = out[done:done + count]
            if self._deck:
                self._deck.render(part, clock.position, clock.step)
            else:
                part.fill(0)
            if self._next_deck is not None:
                self._mix_incoming(part)
            clock.advance(count)
            done += count

    def state(self, whole: PlayerState) -> PlayerState:
        """The state of a player, with what the decks know."""
        def of(deck: Deck | None) -> tuple[int, DeckState] | None:
            return (deck.loop.serial, deck.state) if deck else None
        return whole._replace(
            permille=self.swing.permille, deck=of(self._deck), next_deck=of(self._next_deck),
            faded=self._faded, shared=self._shared, pending=self._pending.serial if self._pending else None,
            pending_line=self._pending_line)

    def go_on(self, state: PlayerState, loop: Callable[[int], SlicedLoop]) -> None:
        """Be where others were; `loop` gives each by its serial number."""
        self.swing = Swing(state.permille)
        self._deck, self._next_deck = (
            Deck.at(loop(held[0]), held[1], self._scratch) if held else None
            for held in (state.deck, state.next_deck))
        self._faded, self._shared = state.faded, state.shared
        self._table.gains(self._shared, self._old_gain, self._new_gain)
        self._pending = None if state.pending is None else loop(state.pending)
        self._pending_line = state.pending_line

    def _deck_of(self, loop: SlicedLoop, like: Deck | None = None) -> Deck:
        return Deck(loop, self._clock.position, self._clock.step, self._scratch, like, self.swing)

    def _frames_until_due(self) -> int:
        """Frames until the crossfade begins, so that it ends on the line."""
        if self._pending_line is None:
            return 0
        return max(0, self._clock.frames_until(self._pending_line) - self._table.frames)

    def _begin_crossfade(self) -> None:
        assert self._pending is not None
        old = self._deck
        new = self._deck_of(self._pending, like=old)
        self._pending, self._next_deck, self._faded = None, new, 0
        self._shared = 0.0
        if old is not None:
            a, b = old.native_frame, new.native_frame
            count = min(self._table.frames, len(old.loop.audio) - a, len(new.loop.audio) - b)
            self._shared = correlation(old.loop.audio[a:a + count], new.loop.audio[b:b + count])
        self._table.gains(self._shared, self._old_gain, self._new_gain)

    def _mix_incoming(self, part: Audio) -> None:
        new, clock = self._next_deck, self._clock
        assert new is not None
        count, faded = len(part), self._faded
        incoming = self._incoming[:count]
        new.render(incoming, clock.position, clock.step)
        part *= self._old_gain[faded:faded + count]
        incoming *= self._new_gain[faded:faded + count]
        part += incoming
        self._faded += count
        if self._faded == self._table.frames:
            self._deck, self._next_deck = new, None
