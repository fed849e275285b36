"""A player that notes down what is asked of it, and a tape that takes its sound."""

from collections import deque
from typing import Any

import numpy as np

from ..loop import Audio
from ..player import LoopPlayer
from ..slicing import SlicedLoop
from ..swing import Swing
from ..tempo import Quantise

TAPE_SECONDS = 12.0
"""The tape holds so much until it is written to the disk."""

Event = tuple[Any, ...]
"""(frame of the take, name, values…), all of which JSON can spell."""


class Tape:
    """What a player has played and was asked since the tape was put in; one thread fills it, one empties it.

    Args:
        sample_rate: in Hz.

    Attributes:
        events: in their order; the first is "begin" with the player's state and the loops that it holds.
        written: frames that were played.
        begun: the first block has been taken.
    """

    def __init__(self, sample_rate: int) -> None:
        self.events: deque[Event] = deque()
        self.written = 0
        self.begun = False
        self._read = 0
        self._ring = np.zeros((round(TAPE_SECONDS * sample_rate), 2), np.float32)

    def note(self, name: str, *values: Any) -> None:
        """Something is asked before the next frame."""
        self.events.append((self.written, name, *values))

    def roll(self, audio: Audio) -> None:
        """Take a block, `(frames, 2)`."""
        start = self.written % len(self._ring)
        count = min(len(audio), len(self._ring) - start)
        self._ring[start:start + count] = audio[:count]
        self._ring[:len(audio) - count] = audio[count:]
        self.written += len(audio)

    def take(self) -> tuple[Audio, int]:
        """What was played since the last call, and how many frames before it were lost: the reader was too
        slow."""
        written, size = self.written, len(self._ring)
        lost = max(0, written - self._read - size)
        start = (self._read + lost) % size
        count = written - self._read - lost
        whole = min(count, size - start)
        audio = np.concatenate([self._ring[start:start + whole], self._ring[:count - whole]])
        # What was written meanwhile has taken the place of the oldest.
        late = min(max(0, self.written - written - (size - count)), count)
        self._read = written
        return audio[late:], lost + late


class JournalPlayer(LoopPlayer):
    """Plays as `LoopPlayer` does; while a tape is in, what is asked of it and what it plays go there.

    Attributes:
        tape: the tape; another thread may put it in and take it out at any time.
    """

    tape: Tape | None = None
    _seen: tuple[Any, ...] = ()
    _block = 0

    def render(self, out: Audio) -> None:
        """As `LoopPlayer.render`."""
        tape = self.tape
        if tape is None:
            super().render(out)
            return
        if not tape.begun:
            loops = {loop.serial: loop.recipe for loop in self.held if loop}
            tape.note("begin", self.sample_rate, self._decks.frames, self.state(), loops)
            self._block, tape.begun = 0, True
            self._seen = self._watched()
        self._note_changes(tape)
        if len(out) != self._block:
            self._block = len(out)
            tape.note("block", self._block)
        super().render(out)
        tape.roll(out)
        self._seen = self._watched()

    def play(self, position: int | None = 0, *, fade: bool = True) -> None:
        """As `LoopPlayer.play`."""
        self._note("play", position, fade)
        super().play(position, fade=fade)
        self._seen = self._watched()

    def play_at(self, line: int) -> None:
        """As `LoopPlayer.play_at`."""
        self._note("play_at", line)
        super().play_at(line)
        self._seen = self._watched()

    def leap(self, position: int) -> None:
        """As `LoopPlayer.leap`."""
        self._note("leap", position)
        super().leap(position)
        self._seen = self._watched()

    def stop(self) -> None:
        """As `LoopPlayer.stop`."""
        self._note("stop")
        super().stop()
        self._seen = self._watched()

    def panic(self) -> None:
        """As `LoopPlayer.panic`."""
        self._note("panic")
        super().panic()
        self._seen = self._watched()

    def set_volume(self, gain: float, *, at_once: bool = False) -> None:
        """As `LoopPlayer.set_volume`."""
        self._note("volume", gain, at_once)
        super().set_volume(gain, at_once=at_once)

    def set_swing(self, swing: Swing) -> None:
        """As `LoopPlayer.set_swing`."""
        self._note("swing", swing.permille)
        super().set_swing(swing)

    def offer(self, loop: SlicedLoop, quantise: Quantise = Quantise.OFF) -> None:
        """As `LoopPlayer.offer`."""
        self._note("loop", loop.serial, quantise.value, loop.recipe)
        super().offer(loop, quantise)

    def play_slice(self, number: int, velocity: float, quantise: Quantise = Quantise.OFF) -> None:
        """As `LoopPlayer.play_slice`."""
        self._note("slice", number, velocity, quantise.value)
        super().play_slice(number, velocity, quantise)

    def stop_slices(self) -> None:
        """As `LoopPlayer.stop_slices`."""
        self._note("stop_slices")
        super().stop_slices()

    def drop_loops(self) -> None:
        """As `LoopPlayer.drop_loops`."""
        self._note("drop")
        super().drop_loops()

    def _note(self, name: str, *values: Any) -> None:
        tape = self.tape
        if tape is not None and tape.begun:
            self._note_changes(tape)
            tape.note(name, *values)

    def _note_changes(self, tape: Tape) -> None:
        """What others have set: tempo, phase, a shift that is owed."""
        watched = self._watched()
        if watched != self._seen:
            self._seen = watched
            tape.note("clock", *watched)

    def _watched(self) -> tuple[Any, ...]:
        clock = self.clock
        return clock.position, clock.micro_bpm, clock.bend, self.steering.owed, self.free_running
