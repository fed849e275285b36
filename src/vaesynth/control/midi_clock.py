"""MIDI clock: 24 ticks a beat, start, continue, stop and song position, in and out."""

import math
import time
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from .midi_ports import MidiPort
from .timeline import OurTime, Timeline

TICKS = 24
TICK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
BANDWIDTH_HZ = 2.0
"""Of the loop that smooths the ticks: what jitters faster is not followed."""
WINDOW = 24
LEAST_RATIO = 0.75
"""Where the last ticks came this much faster or slower than the filter has it, the tempo has jumped."""
SHORTEST = 60 / (24 * 400)
"""Ticks that are closer, in seconds, were held up on their way: no clock is faster than 400 BPM."""
LOST_SECONDS = 0.5
"""Without a tick for this long, the clock is taken to stand."""


class TickFilter:
    """A delay-locked loop of second order over the times of ticks.

    After Fons Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005. It also tells how many
    ticks have gone by where some were lost on their way or come in a bunch, as over JACK MIDI, so that the
    beat is not lost with them.

    Attributes:
        time: when the last tick really was, in seconds.
        period: seconds a tick, 0 before the second one.
    """

    def __init__(self) -> None:
        self.time = -math.inf
        self.period = 0.0
        self._came = -math.inf
        self._next = 0.0
        self._window: deque[tuple[float, int]] = deque(maxlen=WINDOW)
        self._restarts = False

    def restart(self) -> None:
        """The next tick may come at any time: it is the first one of a new count."""
        self._restarts = True

    def tick(self, now: float) -> int:
        """A tick came at `now`.

        Returns:
            how many have gone by since the one before: 1, more where some were lost, 0 for one that was taken
            for lost; less where they were no lost ones, but those of another tempo.
        """
        since, self._came = now - self._came, now
        if self._restarts or abs(since) > LOST_SECONDS:
            self._begin(now, self.period if self._restarts and since <= LOST_SECONDS else 0.0)
            return 1
        if not self.period:
            self._begin(now, since if since >= SHORTEST else 0.0)
            return 1
        passed = round((now - self._next) / self.period) + 1
        window = self._window
        if len(window) == WINDOW:
            came = [when for when, _ in window] + [now]
            # Lost ticks spoil the mean, ticks that come in bunches the median; another tempo changes both.
            mean, usual = (now - came[0]) / WINDOW, median(b - a for a, b in pairwise(came))
            if all(not LEAST_RATIO < p / self.period < 1 / LEAST_RATIO for p in (mean, usual)):
                excess = sum(more for _, more in window)
                self._begin(now, usual if usual >= SHORTEST else max(mean, SHORTEST))
                return 1 - excess
        window.append((now, max(0, passed) - 1))
        if passed > 0:
            expected = self._next + (passed - 1) * self.period
            omega = 2 * math.pi * BANDWIDTH_HZ * self.period
            self.time = expected + math.sqrt(2) * omega * (now - expected)
            self.period += omega * omega * (now - expected)
            self._next = self.time + self.period
        return max(0, passed)

    def _begin(self, now: float, period: float) -> None:
        self.time, self.period, self._next = now, period, now + period
        self._restarts = False
        self._window.clear()


class MidiClockIn:
    """Follows the clock that comes in at a port (a `TimeSource`).

    Args:
        port: part of the port's name, or None for one that `receive` is called for.

    Raises:
        ControlError: MIDI cannot be used.
    """

    def __init__(self, port: str | None) -> None:
        self.peers = 0
        self._filter = TickFilter()
        self._ticks = 0
        self._playing, self._starts, self._start_beat = False, 0, 0.0
        self._now: Timeline | None = None
        self._port = MidiPort(port, self.receive, timing=True) if port is not None else None

    @property
    def notice(self) -> str | None:
        """That the port is absent, else None."""
        return self._port.notice if self._port else None

    def receive(self, message: Sequence[int], now: float) -> None:
        """A message came at `now`; other messages than the clock's are passed over."""
        kind = message[0] if message else 0
        if kind == TICK:
            passed = self._filter.tick(now)
            self._ticks += (passed - 1) * self._playing
            if self._filter.period and passed:
                self._now = Timeline(
                    self._filter.time, self._ticks / TICKS, 60 / (TICKS * self._filter.period),
                    playing=self._playing, start=self._starts, start_beat=self._start_beat,
                    phase=self._playing)
            # The first tick after a start is the beat itself.
            self._ticks += self._playing
        elif kind == START:
            self._begin(0)
        elif kind == CONTINUE:
            self._begin(self._ticks)
        elif kind == STOP:
            self._playing = False
            self._change(playing=False, phase=False)
        elif kind == SONG_POSITION and len(message) == 3 and not self._playing:
            self._ticks = (message[1] + 128 * message[2]) * TICKS // 4

    def _begin(self, ticks: int) -> None:
        self._ticks, self._start_beat = ticks, ticks / TICKS
        self._playing, self._starts = True, self._starts + 1
        self._filter.restart()

    def _change(self, **changes: bool) -> None:
        if self._now is not None:
            self._now = self._now._replace(**changes)

    def poll(self, ours: OurTime) -> Timeline | None:
        """The clock's time now; None where no tick came lately."""
        if self._port is not None:
            self._port.look()
        now = self._now
        lost = now is None or time.monotonic() - now.time > LOST_SECONDS
        self.peers = 0 if lost else 1
        return None if lost else now

    def set_tempo(self, bpm: float) -> None:
        """A clock cannot be told."""

    def set_playing(self, playing: bool) -> None:
        """A clock cannot be told."""

    def close(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._port.close()


class MidiClockOut:
    """Sends this program's clock; `step` is called again and again by a thread of its own.

    Args:
        port: where to.
    """

    def __init__(self, port: MidiPort) -> None:
        self._port = port
        self._playing = False
        self._next_tick: int | None = None
        self._stood = 0.0

    @property
    def notice(self) -> str | None:
        """That the port is absent, else None."""
        return self._port.notice

    def step(self, ours: OurTime, now: float) -> float:
        """Send what is due at `now` (time.monotonic); returns when to come again, at the latest.

        While the transport stands, ticks go on at its tempo, so that others know it.
        """
        self._port.look()
        tick_seconds = 60 / (ours.bpm * TICKS)
        if ours.playing != self._playing:
            self._playing = ours.playing
            if not ours.playing:
                self._port.send([STOP])
                self._stood = now
            self._next_tick = None
        if not ours.playing:
            if self._stood + tick_seconds <= now:
                self._port.send([TICK])
                self._stood = max(self._stood + tick_seconds, now - tick_seconds)
            return self._stood + tick_seconds
        position = (ours.beat + (now - ours.time) * ours.bpm / 60) * TICKS
        if self._next_tick is None:
            # Before the first tick of a sixteenth, others are told where it is.
            sixteenth = math.ceil(position * 4 / TICKS - 1e-9)
            self._announce(max(0, sixteenth))
            self._next_tick = max(0, sixteenth) * TICKS // 4
        elif abs(position - self._next_tick) > TICKS:  # the transport has leapt
            self._port.send([STOP])
            self._next_tick = None
            return now
        while self._next_tick <= position:
            self._port.send([TICK])
            self._next_tick += 1
        return now + (self._next_tick - position) * tick_seconds

    def _announce(self, sixteenth: int) -> None:
        if sixteenth == 0:
            self._port.send([START])
        else:
            self._port.send([SONG_POSITION, sixteenth % 128, sixteenth // 128 % 128])
            self._port.send([CONTINUE])

    def close(self) -> None:
        """Stop the others, and close the port."""
        if self._playing:
            self._port.send([STOP])
        self._port.close()
