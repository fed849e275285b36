"""Ableton Link, by LinkPython: tempo, phase and start/stop, both ways."""

import time

from .timeline import ControlError, OurTime, Timeline

SAME_MOMENT = 0.00005
"""Seconds within which two clocks are taken to be looked at together."""
TRIES = 5


class LinkSession:
    """This program's peer in the Link session of the local network (a `TimeSource`).

    Args:
        bpm: the tempo, until others have one.
        start_stop: share starting and stopping, too.

    Raises:
        ControlError: LinkPython is not installed.
    """

    def __init__(self, bpm: float, *, start_stop: bool = True) -> None:
        try:
            # Named like this module, but absolute.
            import link
        except ImportError as e:
            raise ControlError("Link is switched on, expected the package LinkPython-extern to be installed "
                               "(pip install 'vaesynth[link]')") from e
        self.notice: str | None = None
        self._link = link.Link(bpm)
        self._link.startStopSyncEnabled = start_stop
        self._link.enabled = True
        self._start_stop = start_stop
        self._beats_per_bar = 4
        self._starts, self._was_playing = 0, False

    @property
    def peers(self) -> int:
        """How many others there are."""
        return int(self._link.numPeers())

    def poll(self, ours: OurTime) -> Timeline:
        """The session's time now; its beats mean the same after each bar."""
        self._beats_per_bar = quantum = ours.beats_per_bar
        state = self._link.captureSessionState()
        micros, now = self._now()
        playing = bool(state.isPlaying()) if self._start_stop else None
        self._starts += bool(playing and not self._was_playing)
        self._was_playing = bool(playing)
        return Timeline(now, state.beatAtTime(micros, quantum), state.tempo(), quantum, playing, self._starts)

    def _now(self) -> tuple[int, float]:
        """Link's time in µs and ours at the same moment: what comes between the two looks is an error."""
        clock, best = self._link.clock(), (float("inf"), 0, 0.0)
        for _ in range(TRIES):
            before, micros, after = time.monotonic(), clock.micros(), time.monotonic()
            best = min(best, (after - before, micros, (before + after) / 2))
            if best[0] < SAME_MOMENT:
                break
        return best[1:]

    def set_tempo(self, bpm: float) -> None:
        """Set the tempo of everybody."""
        state = self._link.captureSessionState()
        state.setTempo(bpm, self._link.clock().micros())
        self._link.commitSessionState(state)

    def set_playing(self, playing: bool) -> None:
        """Start or stop everybody who shares that."""
        if not self._start_stop:
            return
        state = self._link.captureSessionState()
        if bool(state.isPlaying()) != playing:
            state.setIsPlaying(playing, self._link.clock().micros())
            self._link.commitSessionState(state)
        # What we did ourselves is no start of others.
        self._was_playing = playing

    def close(self) -> None:
        """Leave the session."""
        self._link.enabled = False
