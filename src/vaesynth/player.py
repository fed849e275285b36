"""The player: what the audio callback calls. It copies and mixes, and does nothing else."""

import math

import numpy as np

from .crossfade import CrossfadeTable, correlation, smootherstep
from .deck import Deck, Scratch
from .limiter import SafetyLimiter
from .loop import Audio
from .slicing import SlicedLoop
from .tempo import BeatClock, Quantise, grid_units

CROSSFADE_SECONDS = 0.008
START_SECONDS = 0.005
STOP_SECONDS = 0.01
SMOOTHING_SECONDS = 0.02
"""Time constant of the volume."""


class Gate:
    """A gain that opens and closes along a smooth curve.

    Args:
        frames: the most frames in a block.
        opening, closing: lengths of the two curves in frames.
    """

    def __init__(self, frames: int, opening: int, closing: int) -> None:
        self._curves = {way: smootherstep(length).astype(np.float32)[:, None]
                        for way, length in ((True, opening), (False, closing))}
        self._gain = np.empty((frames, 1), np.float32)
        self.is_open = False
        self._left = 0

    @property
    def silent(self) -> bool:
        """Closed, with nothing of the fade left."""
        return not self.is_open and not self._left

    def open(self, *, fade: bool = True) -> None:
        """Begin to open; without `fade` be open."""
        if not self.is_open:
            self.is_open = True
            self._left = self._turned(self._curves[True], self._curves[False]) if fade else 0

    def close(self) -> None:
        """Begin to close."""
        if self.is_open:
            self.is_open = False
            self._left = self._turned(self._curves[False], self._curves[True])

    def _turned(self, curve: Audio, other: Audio) -> int:
        """Frames of `curve` that are left when it is entered at the level that `other` had reached."""
        return len(curve) - round(self._left / len(other) * len(curve))

    def apply(self, out: Audio) -> None:
        """Multiply `out`, `(frames, 2)`, in place."""
        if self._left:
            curve = self._curves[self.is_open]
            count = min(len(out), self._left)
            start = len(curve) - self._left
            if self.is_open:
                out[:count] *= curve[start:start + count]
            else:
                out[:count] *= np.subtract(np.float32(1), curve[start:start + count], out=self._gain[:count])
            self._left -= count
            if not self.is_open:
                out[count:] = 0
        elif not self.is_open:
            out.fill(0)


class LoopPlayer:
    """Plays sliced loops in time, and passes from one to the next at the same place of the bar, without a
    gap.

    `render` is called for each block from the one thread that plays; the other methods are called between
    two blocks. Nothing here knows a device, so the same player renders offline.

    Args:
        sample_rate: in Hz.
        frames: the most frames in a block that are mixed at once (longer blocks are mixed in parts).

    Attributes:
        clock: the transport.
        limiter: last in the chain; holds the levels.
    """

    def __init__(self, sample_rate: int, frames: int = 2048) -> None:
        self.sample_rate = sample_rate
        self.clock = BeatClock(sample_rate)
        self.limiter = SafetyLimiter(sample_rate, frames)
        self._scratch = Scratch(frames)
        self._incoming = np.empty((frames, 2), np.float32)
        self._table = CrossfadeTable(max(16, round(CROSSFADE_SECONDS * sample_rate)))
        self._old_gain = np.empty((self._table.frames, 1), np.float32)
        self._new_gain = np.empty((self._table.frames, 1), np.float32)
        self._start_frames = round(START_SECONDS * sample_rate)
        self._gate = Gate(frames, self._start_frames, round(STOP_SECONDS * sample_rate))
        self._volume = self._volume_target = 1.0
        self._volume_ramp = np.empty((frames, 1), np.float32)
        self._deck: Deck | None = None
        self._next_deck: Deck | None = None
        self._faded = 0
        self._pending: SlicedLoop | None = None
        self._pending_line: int | None = None
        self._restart_at: int | None = None

    # What the transport and the desk ask for

    @property
    def playing(self) -> bool:
        """The transport runs (or is about to, behind the fade of a restart)."""
        return self._gate.is_open or self._restart_at is not None

    @property
    def sounding(self) -> SlicedLoop | None:
        """The loop that sounds: while two are mixed, the new one."""
        deck = self._next_deck or self._deck
        return deck.loop if deck else None

    @property
    def held(self) -> tuple[SlicedLoop | None, SlicedLoop | None, SlicedLoop | None]:
        """The loops whose audio may still be read: playing, fading in, waiting."""
        return (self._deck.loop if self._deck else None, self._next_deck.loop if self._next_deck else None,
                self._pending)

    def play(self, position: int | None = 0, *, fade: bool = True) -> None:
        """Start the transport.

        Args:
            position: where, in clock units; None goes on where it was stopped.
            fade: begin a moment before the position and fade in up to it, so that its first attack stands;
            else
                begin with the position's very first sample.
        """
        if position is None:
            self._gate.open(fade=fade)
        elif self._gate.silent:
            self._jump(position - (self._start_frames * self.clock.micro_bpm if fade else 0))
            self._gate.open(fade=fade)
        else:
            self._restart_at = position
            self._gate.close()

    def stop(self) -> None:
        """Fade out and stop the transport."""
        self._restart_at = None
        self._gate.close()

    def set_volume(self, gain: float, *, at_once: bool = False) -> None:
        """Linear output gain, approached smoothly."""
        self._volume_target = gain
        if at_once:
            self._volume = gain

    def offer(self, loop: SlicedLoop, quantise: Quantise = Quantise.OFF) -> None:
        """Let a loop take over when it is due; it replaces one that is still waiting.

        Raises:
            ValueError: its rate is not the player's.
        """
        if loop.sample_rate != self.sample_rate:
            raise ValueError(f"loop is at {loop.sample_rate} Hz, expected {self.sample_rate}")
        self._pending = loop
        self._pending_line = None
        sounding = self.sounding
        if sounding is not None:
            grid = grid_units(quantise, self.clock.units_per_beat, sounding.beats, sounding.beats_per_bar)
            self._pending_line = self.clock.next_line(grid) if grid else None

    def drop_loops(self) -> None:
        """Forget every loop at once."""
        self._deck = self._next_deck = self._pending = None

    # What the callback asks for

    def render(self, out: Audio) -> None:
        """Write the next block.

        Args:
            out: float32 `(frames, 2)`, C-contiguous, overwritten.
        """
        for start in range(0, len(out), self._scratch.frames):
            self._render_part(out[start:start + self._scratch.frames])

    def _render_part(self, out: Audio) -> None:
        if self._gate.silent and self._restart_at is not None:
            position, self._restart_at = self._restart_at, None
            self._jump(position - self._start_frames * self.clock.micro_bpm)
            self._gate.open()
        if self._gate.silent:
            self._swap_in_silence()
            out.fill(0)
        else:
            self._mix(out)
            self._apply_volume(out)
            self._gate.apply(out)
        self.limiter.process(out)

    def _jump(self, position: int) -> None:
        self.clock.position = position
        self._swap_in_silence()
        if self._deck:
            self._deck = Deck(self._deck.loop, position, self.clock.micro_bpm, self._scratch)

    def _swap_in_silence(self) -> None:
        """Nothing sounds: what waits or fades in takes over without a fade."""
        if self._next_deck:
            self._deck, self._next_deck = self._next_deck, None
        if self._pending:
            self._deck = Deck(self._pending, self.clock.position, self.clock.micro_bpm, self._scratch)
            self._pending = None

    def _mix(self, out: Audio) -> None:
        done, total, clock = 0, len(out), self.clock
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
                self._deck.render(part, clock.position, clock.micro_bpm)
            else:
                part.fill(0)
            if self._next_deck is not None:
                self._mix_incoming(part)
            clock.advance(count)
            done += count

    def _frames_until_due(self) -> int:
        """Frames until the crossfade begins, so that it ends on the line."""
        if self._pending_line is None:
            return 0
        return max(0, self.clock.frames_until(self._pending_line) - self._table.frames)

    def _begin_crossfade(self) -> None:
        assert self._pending is not None
        clock, old = self.clock, self._deck
        new = Deck(self._pending, clock.position, clock.micro_bpm, self._scratch, like=old)
        self._pending, self._next_deck, self._faded = None, new, 0
        shared = 0.0
        if old is not None:
            a, b = old.native_frame, new.native_frame
            count = min(self._table.frames, len(old.loop.audio) - a, len(new.loop.audio) - b)
            shared = correlation(old.loop.audio[a:a + count], new.loop.audio[b:b + count])
        self._table.gains(shared, self._old_gain, self._new_gain)

    def _mix_incoming(self, part: Audio) -> None:
        new, clock = self._next_deck, self.clock
        assert new is not None
        count, faded = len(part), self._faded
        incoming = self._incoming[:count]
        new.render(incoming, clock.position, clock.micro_bpm)
        part *= self._old_gain[faded:faded + count]
        incoming *= self._new_gain[faded:faded + count]
        part += incoming
        self._faded += count
        if self._faded == self._table.frames:
            self._deck, self._next_deck = new, None

    def _apply_volume(self, out: Audio) -> None:
        if self._volume == self._volume_target:
            if self._volume != 1.0:
                out *= np.float32(self._volume)
            return
        frames = len(out)
        way = self._volume_target - self._volume
        reached = self._volume_target - way * math.exp(-frames / (SMOOTHING_SECONDS * self.sample_rate))
        if abs(self._volume_target - reached) < 1e-5:
            reached = self._volume_target
        ramp = np.multiply(self._scratch.count[:frames, None], np.float32((reached - self._volume) / frames),
                           out=self._volume_ramp[:frames])
        ramp += np.float32(self._volume)
        out *= ramp
        self._volume = reached
