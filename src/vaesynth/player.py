"""The player: what the audio callback calls. It copies and mixes, and does nothing else."""

from collections.abc import Callable

from .decks import Decks
from .gain import Gate, Volume
from .limiter import SafetyLimiter
from .loop import Audio
from .player_state import PlayerState
from .slice_voices import SliceVoices
from .slicing import SlicedLoop
from .steering import Steering
from .swing import Swing
from .tempo import BeatClock, Quantise, grid_units

START_SECONDS = 0.005
STOP_SECONDS = 0.01


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
        steering: moves the clock's phase without a jump.
        free_running: the clock runs in silence, too.
        limiter: last in the chain; holds the levels.
        voices: slices that are played by hand.
    """

    def __init__(self, sample_rate: int, frames: int = 2048) -> None:
        self.sample_rate = sample_rate
        self.clock = BeatClock(sample_rate)
        self.steering = Steering(self.clock)
        self.free_running = False
        self.limiter = SafetyLimiter(sample_rate, frames)
        self.voices = SliceVoices(sample_rate)
        self._decks = Decks(self.clock, frames)
        self._start_frames = round(START_SECONDS * sample_rate)
        self._gate = Gate(frames, self._start_frames, round(STOP_SECONDS * sample_rate))
        self._volume = Volume(sample_rate, frames)
        self._restart_at: int | None = None
        self._open_at: int | None = None

    # What the transport and the desk ask for

    @property
    def playing(self) -> bool:
        """The transport runs (or is about to: behind the fade of a restart, or at a line)."""
        return self._gate.is_open or self._restart_at is not None or self._open_at is not None

    @property
    def silent(self) -> bool:
        """Nothing is heard, and nothing has been asked for that would have to be heard first."""
        return self._gate.silent and self._restart_at is None

    @property
    def starting(self) -> bool:
        """Behind the fade of a restart."""
        return self._restart_at is not None

    @property
    def sounding(self) -> SlicedLoop | None:
        """The loop that sounds: while two are mixed, the new one."""
        return self._decks.sounding

    @property
    def held(self) -> tuple[SlicedLoop | None, SlicedLoop | None, SlicedLoop | None]:
        """The loops whose audio may still be read: playing, fading in, waiting."""
        return self._decks.held

    def play(self, position: int | None = 0, *, fade: bool = True) -> None:
        """Start the transport.

        Args:
            position: where, in clock units; None goes on where it was stopped.
            fade: begin a moment before the position and fade in up to it, so that its first attack stands;
            else
                begin with the position's very first sample.
        """
        self._open_at = None
        if position is None:
            if self._gate.silent:
                self._jump(self.clock.position)
            self._gate.open(fade=fade)
        elif self._gate.silent:
            self._jump(position - (self._start_frames * self.clock.micro_bpm if fade else 0))
            self._gate.open(fade=fade)
        else:
            self._restart_at = position
            self._gate.close()

    def play_at(self, line: int) -> None:
        """Let the clock run in silence and be heard from `line` (clock units) on; nothing new where it
        plays."""
        if not self._gate.is_open:
            self._restart_at = None
            self._open_at = line

    def leap(self, position: int) -> None:
        """Go on elsewhere at once, through a crossfade where it sounds.

        Args:
            position: in clock units.
        """
        self.steering.rest()
        if self._gate.silent or self.sounding is None:
            self.clock.position = position
        else:
            self._decks.leap(position)

    def stop(self) -> None:
        """Fade out and stop the transport."""
        self._restart_at = self._open_at = None
        self._gate.close()
        self.voices.forget_lines()

    def panic(self) -> None:
        """Stop, and start the next time from nothing: no fade-in, no wait and no shift is left over."""
        self.stop()
        self.voices.stop()
        self.steering.rest()
        self.limiter.release()

    def set_volume(self, gain: float, *, at_once: bool = False) -> None:
        """Linear output gain, approached smoothly."""
        self._volume.set(gain, at_once=at_once)

    def set_swing(self, swing: Swing) -> None:
        """Where slices are placed, from the next one on."""
        self._decks.set_swing(swing)

    def offer(self, loop: SlicedLoop, quantise: Quantise = Quantise.OFF) -> None:
        """Let a loop take over when it is due; it replaces one that is still waiting.

        Raises:
            ValueError: its rate is not the player's.
        """
        if loop.sample_rate != self.sample_rate:
            raise ValueError(f"loop is at {loop.sample_rate} Hz, expected {self.sample_rate}")
        self._decks.offer(loop, quantise)

    def play_slice(self, number: int, velocity: float, quantise: Quantise = Quantise.OFF) -> None:
        """Play a slice (from 0) of the loop that sounds or would sound, with a gain of 0 to 1.

        Where the transport runs it comes on the next line of a grid; else, and with OFF, now.
        """
        loop = self.sounding or self._decks.waiting
        if loop is None:
            return
        grid = 0
        if self._gate.is_open:
            grid = grid_units(quantise, self.clock.units_per_beat, loop.beats, loop.beats_per_bar)
        self.voices.play(loop, number, velocity, self.clock.next_line(grid) if grid else None,
                         self.clock.step)

    def stop_slices(self) -> None:
        """Let slices that are played by hand fade out."""
        self.voices.stop()

    def drop_loops(self) -> None:
        """Forget every loop at once."""
        self._decks.drop()

    # What a take asks for

    def state(self) -> PlayerState:
        """Where it is; `go_on` goes on from there, sample by sample."""
        clock = self.clock
        return self._decks.state(PlayerState(
            position=clock.position, micro_bpm=clock.micro_bpm, bend=clock.bend, owed=self.steering.owed,
            free_running=self.free_running, limiter=self.limiter.gain, gate=self._gate.state,
            volume=self._volume.state, restart_at=self._restart_at, open_at=self._open_at,
            voices=self.voices.state))

    def go_on(self, state: PlayerState, loop: Callable[[int], SlicedLoop]) -> None:
        """Be where another player was.

        Args:
            state: of the other.
            loop: serial number → loop.
        """
        clock = self.clock
        clock.position, clock.micro_bpm, clock.bend = state.position, state.micro_bpm, state.bend
        self.steering.owed, self.free_running = state.owed, state.free_running
        self.limiter.gain, self._gate.state, self._volume.state = state.limiter, state.gate, state.volume
        self._decks.go_on(state, loop)
        self._restart_at, self._open_at = state.restart_at, state.open_at
        self.voices.state = state.voices

    # What the callback asks for

    def render(self, out: Audio) -> None:
        """Write the next block.

        Args:
            out: float32 `(frames, 2)`, C-contiguous, overwritten.
        """
        for start in range(0, len(out), self._decks.frames):
            self._render_part(out[start:start + self._decks.frames])

    def _render_part(self, out: Audio) -> None:
        if self._gate.silent and self._restart_at is not None:
            position, self._restart_at = self._restart_at, None
            self._jump(position - self._start_frames * self.clock.micro_bpm)
            self._gate.open()
        self.steering.steer(len(out))
        clock = self.clock
        position, step = clock.position, clock.step
        waiting = self._wait(out)
        heard = out[waiting:]
        silent = self._gate.silent
        if silent:
            self._decks.swap_in_silence()
            heard.fill(0)
            if self.free_running:
                clock.advance(len(heard))
        else:
            self._decks.mix(heard)
            self._gate.apply(heard)
        if self.voices.sounding:
            self.voices.mix(out, position, step)
            self._volume.apply(out)
        elif silent:
            self._volume.settle()
        else:
            self._volume.apply(heard)
        self.limiter.process(out)

    def _wait(self, out: Audio) -> int:
        """Frames for which the clock runs in silence, until the fade up to the awaited line begins."""
        if self._open_at is None or not self._gate.silent:
            return 0
        clock = self.clock
        frames = min(len(out), max(0, clock.frames_until(self._open_at) - self._start_frames))
        out[:frames] = 0
        clock.advance(frames)
        if frames < len(out):
            self._open_at = None
            self._jump(clock.position)
            self._gate.open()
        return frames

    def _jump(self, position: int) -> None:
        self.steering.rest()
        self.clock.position = position
        self._decks.begin_anew()
