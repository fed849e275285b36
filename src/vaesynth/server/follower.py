"""Keeps the player in time with others; called by the callback once a block."""

from ..control.timeline import Timeline
from ..player import LoopPlayer
from ..tempo import MAX_BPM, MICRO, MIN_BPM

LEAP_BEATS = 0.25
"""A phase that is further off than this is leapt to; a smaller error is steered away."""
CALM_SECONDS = 0.0002
"""An error below this is let be, so that a loop at its own tempo is itself, sample by sample."""
LATE_BEATS = 0.1
"""A start that is this late still counts for the bar line that it was meant for."""


class Follower:
    """Moves tempo, phase and start of a player to where a timeline says.

    Args:
        player: the player.

    Attributes:
        timeline: whom to follow, None for nobody; any thread may set it.
        error: seconds by which the player was late (negative: early) at the last block.
    """

    def __init__(self, player: LoopPlayer) -> None:
        self.timeline: Timeline | None = None
        self.error = 0.0
        self._player = player
        self._starts: int | None = None
        self._playing: bool | None = None

    @property
    def shares_phase(self) -> bool:
        """Whether the place in the bar is somebody else's, too."""
        timeline = self.timeline
        return timeline is not None and timeline.phase

    def follow(self, heard: float, beats_per_bar: int) -> None:
        """Before a block whose first frame will be heard at `heard` (time.monotonic)."""
        timeline, player = self.timeline, self._player
        player.free_running = self.shares_phase
        if timeline is None or not MIN_BPM <= timeline.bpm <= MAX_BPM:
            self.error, self._starts, self._playing = 0.0, None, None
            return
        clock = player.clock
        clock.micro_bpm = round(timeline.bpm * MICRO)
        if timeline.playing is not None:
            self._start_or_stop(timeline, beats_per_bar)
        if not timeline.phase:
            self.error = 0.0
            return
        beat = timeline.beat + (heard - timeline.time) * timeline.bpm / 60
        ahead = round(beat * clock.units_per_beat) - clock.position
        if timeline.quantum:
            turn = timeline.quantum * clock.units_per_beat
            ahead = (ahead + turn // 2) % turn - turn // 2
        self.error = ahead / (clock.micro_bpm * player.sample_rate)
        if player.silent:
            clock.position += ahead
        elif player.starting:
            pass
        elif abs(ahead) > LEAP_BEATS * clock.units_per_beat:
            player.leap(clock.position + ahead)
        else:
            player.steering.owed = ahead if abs(self.error) > CALM_SECONDS else 0

    def play(self, beats_per_bar: int) -> None:
        """Start where the others are: at the next bar line."""
        clock = self._player.clock
        bar = beats_per_bar * clock.units_per_beat
        late = round(LATE_BEATS * clock.units_per_beat)
        self._player.play_at(-((late - clock.position) // bar) * bar)

    def _start_or_stop(self, timeline: Timeline, beats_per_bar: int) -> None:
        player = self._player
        if self._starts is None:
            # Who comes to people that play joins in; who plays among people that rest goes on.
            self._starts, self._playing = timeline.start, False
            if timeline.playing and not player.playing:
                self.play(beats_per_bar)
        elif timeline.start != self._starts:
            self._starts = timeline.start
            if timeline.quantum or not timeline.phase:
                self.play(beats_per_bar)
            else:
                player.play(round(timeline.start_beat * player.clock.units_per_beat))
        elif self._playing and not timeline.playing:
            player.stop()
        self._playing = bool(timeline.playing)
