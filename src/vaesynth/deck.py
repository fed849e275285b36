"""A deck plays one sliced loop at the tempo of the clock."""

from bisect import bisect_right
from typing import Self

import numpy as np

from .loop import Audio
from .player_state import DeckState
from .slicing import SlicedLoop, tail_frames
from .swing import NO_SWING, Swing
from .tempo import MICRO

LEAD_SECONDS = 0.005
"""Before each slice its own run-up fades in over the tail of the one before."""


class Scratch:
    """Working memory that decks share, so that playing allocates none.

    Args:
        frames: the most frames that are rendered at once.
    """

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.count = np.arange(frames, dtype=np.float32)
        self.index = np.empty(frames, np.int64)
        self.index_count = np.arange(frames, dtype=np.int64)
        self.gain = np.empty((frames, 1), np.float32)
        self.lead = np.empty((frames, 2), np.float32)


class Deck:
    """Reads a loop slice by slice; each slice's hit comes at its own place in the bar, whatever the tempo.

    A slice begins a few frames before its hit. Within it the audio runs at its own speed, so attacks stay as
    they are. Where the tempo is faster than the loop's, the
    next slice takes over early; where it is slower, the slice's tail goes to and fro, dying away as it did
    before, until the next one is due. The run-up of a slice (the frames before it in the loop) fades in over
    the last `LEAD_SECONDS`. At the loop's own tempo a slice ends where the next begins, so the output is the
    loop itself, sample by sample.

    Internally a time is a clock position times the loop's frames, so that the place of every frame is whole.

    Args:
        loop: what to play.
        position: of the clock, in its units.
        step: clock units a frame (`BeatClock.step`).
        scratch: shared working memory.
        like: the deck that this one takes over from: where both are in slices that begin at the same place,
            the elapsed part is taken over too, so that both are in phase even after a tempo change.
        swing: where hits are placed.

    Attributes:
        loop: what is played.
        swing: may be changed at any time; it holds from the next slice on.
        shift: added to the positions it is told (clock units), where the clock has leapt and this deck goes
            on in the old time while it is faded out.
    """

    def __init__(self, loop: SlicedLoop, position: int, step: int, scratch: Scratch,
                 like: "Deck | None" = None, swing: Swing = NO_SWING) -> None:
        self.loop = loop
        self.swing = swing
        self.shift = 0
        self._audio = loop.audio
        self._frames = len(loop.audio)
        self._starts, self._leads = loop.slices.starts, loop.slices.leads
        self._length_units = loop.beats * 60 * MICRO * loop.sample_rate
        self._scratch = scratch
        self._lead_frames = min(round(LEAD_SECONDS * loop.sample_rate), scratch.frames)
        self._shortest_lead = max(1, self._lead_frames // 4)
        self._lead = self._lead_total = 0
        self._straight = self._due = 0
        self._eighth = 30 * MICRO * loop.sample_rate * self._frames
        time = position * self._frames
        straight = swing.straight(time, self._eighth)
        turn, within = divmod(straight, self._length_units * self._frames)
        k = bisect_right(self._starts, within // self._length_units) - 1
        first = self._hit(turn, k)
        if first > straight:
            first = self._hit(turn, k := k - 1)
        self._enter(k % len(self._starts), first)
        since = (time - swing.place(self._straight, self._eighth)) // (step * self._frames)
        self._elapsed = max(0, since + self._leads[self._slice])
        left = self._frames_left(position, step)
        if left < self._shortest_lead:  # too late to fade between the two
            self._enter(self._next, self._next_straight)
            self._elapsed = -left
        alike = like is not None and like._frames == self._frames and like.loop.beats == loop.beats
        if like is not None and alike and not like.shift:
            offset = like._starts[like._slice] - self._starts[self._slice]
            if abs(offset) <= self._lead_frames:
                self._elapsed = max(0, like._elapsed + offset)

    @property
    def state(self) -> DeckState:
        """Where it is; `at` goes on from there."""
        return DeckState(self._slice, self._elapsed, self._straight, self._due, self._lead, self._lead_total,
                         self.shift, self.swing.permille)

    @classmethod
    def at(cls, loop: SlicedLoop, state: DeckState, scratch: Scratch) -> Self:
        """A deck that goes on where another one with this loop was."""
        deck = cls(loop, 0, 1, scratch, swing=Swing(state.permille))
        deck._enter(state.slice, state.straight)
        deck._elapsed, deck._due, deck.shift = state.elapsed, state.due, state.shift
        deck._lead, deck._lead_total = state.lead, state.lead_total
        return deck

    @property
    def native_frame(self) -> int:
        """The frame of the loop that is read next."""
        return (self._starts[self._slice] + min(self._elapsed, self._length - 1)) % self._frames

    def _hit(self, turn: int, k: int) -> int:
        """Place without swing of the hit of slice `k` in a turn; below 0 it is one of the turn before."""
        before, k = divmod(k, len(self._starts))
        return ((turn + before) * self._frames + self._starts[k] + self._leads[k]) * self._length_units

    def _enter(self, index: int, straight: int) -> None:
        """Begin slice `index`, whose hit's place without swing is `straight`."""
        starts = self._starts
        self._slice = index
        self._next = (index + 1) % len(starts)
        self._length = (starts[self._next] - starts[index] - 1) % self._frames + 1
        self._tail = tail_frames(self._length, self.loop.sample_rate)
        self._decay = float(np.log(self.loop.slices.decays[index])) / self._tail
        self._elapsed = 0
        self._straight = straight
        self._due = self.swing.place(self._next_straight, self._eighth)

    @property
    def _next_straight(self) -> int:
        between = self._length + self._leads[self._next] - self._leads[self._slice]
        return self._straight + between * self._length_units

    def _frames_left(self, position: int, step: int) -> int:
        """Frames until the next slice begins, so that its hit is the first frame at or after its place."""
        hit = -((position * self._frames - self._due) // (step * self._frames))
        return hit - self._leads[self._next]

    def render(self, out: Audio, position: int, step: int) -> None:
        """Write the next frames of the loop.

        Args:
            out: float32 `(frames, 2)`, C-contiguous, overwritten.
            position: of the clock at the first frame, in its units.
            step: clock units a frame.
        """
        position += self.shift
        done, total = 0, len(out)
        while done < total:
            if not self._lead:
                gap = max(1, self._frames_left(position + done * step, step))
                if gap == self._length - self._elapsed:
                    count = min(total - done, gap)
                    self._copy(out[done:done + count], self._starts[self._slice] + self._elapsed)
                    self._elapsed += count
                    done += count
                    if count == gap:
                        self._enter(self._next, self._next_straight)
                    continue
                if gap > self._lead_frames:
                    count = min(total - done, gap - self._lead_frames)
                    self._read(out[done:done + count])
                    done += count
                    continue
                self._lead = self._lead_total = max(gap, self._shortest_lead)
            count = min(total - done, self._lead)
            self._read_lead(out[done:done + count])
            done += count

    def _copy(self, out: Audio, start: int) -> None:
        """The loop from frame `start` on, round and round."""
        done = 0
        while done < len(out):
            start %= self._frames
            count = min(len(out) - done, self._frames - start)
            out[done:done + count] = self._audio[start:start + count]
            done += count
            start += count

    def _read(self, out: Audio) -> None:
        """The slice from where it is, and its tail to and fro after its end."""
        plain = max(0, min(len(out), self._length - self._elapsed))
        if plain:
            self._copy(out[:plain], self._starts[self._slice] + self._elapsed)
            self._elapsed += plain
        if plain < len(out):
            self._read_tail(out[plain:])

    def _read_tail(self, out: Audio) -> None:
        scratch, count = self._scratch, len(out)
        past = self._elapsed - self._length
        index = np.add(scratch.index_count[:count], past, out=scratch.index[:count])
        # A triangle wave over the last `tail` frames: …, L-2, L-1 | L-1, L-2, …, L-tail, L-tail, …
        index %= 2 * self._tail
        index *= 2
        index -= 2 * self._tail - 1
        np.abs(index, out=index)
        index -= 1
        index //= 2
        index += self._starts[self._slice] + self._length - self._tail
        np.take(self._audio, index, axis=0, out=out, mode="wrap")
        gain = scratch.gain[:count, 0]
        np.add(scratch.count[:count], np.float32(past), out=gain)
        gain *= np.float32(self._decay)
        np.exp(gain, out=gain)
        out *= scratch.gain[:count]
        self._elapsed += count

    def _read_lead(self, out: Audio) -> None:
        """The end of this slice under the run-up of the next one."""
        count = len(out)
        self._read(out)
        lead = self._scratch.lead[:count]
        self._copy(lead, self._starts[self._next] - self._lead)
        weight = self._scratch.gain[:count]
        np.add(self._scratch.count[:count, None], np.float32(self._lead_total - self._lead + 0.5), out=weight)
        weight *= np.float32(1 / self._lead_total)
        lead -= out
        lead *= weight
        out += lead
        self._lead -= count
        if not self._lead:
            self._enter(self._next, self._next_straight)
