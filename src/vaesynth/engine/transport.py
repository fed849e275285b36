"""The desk's hold on the transport, which the server owns: orders to it, and the time that it reports."""

import math
import threading
import time
from typing import Any

from ..geometry import LoopGeometry
from ..metronome import Metronome
from ..server.control import Control
from ..server.hits import Hit
from ..server.records import Orders, Report
from ..slicing import MAX_SLICES
from ..swing import check_swing
from ..tap_tempo import TapTempo
from ..tempo import MICRO, Quantise, check_bpm, grid_units

MUTE_DB, LOUDEST_DB = -60.0, 6.0
LONGEST_GUESS = 0.5
"""Seconds for which the position is guessed from the last report; then the server is taken to stand."""
MOST_NUDGE_MS = 500.0
QUANTISE = tuple(Quantise)
METRONOMES = tuple(Metronome)


class Transport:
    """Writes the orders, one record for all, and reads the reports; any thread may call it.

    Args:
        control: the server's control block; orders that it holds already stay.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.RLock()
        self._taps = TapTempo()
        newest = control.orders.read()
        self.orders = newest[1] if newest else Orders()

    @property
    def bpm(self) -> float:
        """The tempo now: that of the server, which may follow others, or the one it has yet to be told."""
        report = self._told()
        return (report.micro_bpm if report else self.orders.micro_bpm) / MICRO

    @property
    def playing(self) -> bool:
        """Whether the transport runs, or is about to."""
        report = self._told()
        return report.playing if report else self.orders.playing

    def _told(self) -> Report | None:
        """The report of a server that has seen the newest orders."""
        newest = self._control.report.read()
        return newest[1] if newest and newest[1].seen >= self._control.orders.version else None

    def order(self, **changes: Any) -> int:
        """Change what the server is to do; returns the version of the orders."""
        with self._lock:
            self.orders = self.orders._replace(**changes)
            return self._control.orders.write(self.orders)

    def play(self, *, from_start: bool = True) -> None:
        """Start at the downbeat, or go on where it was stopped."""
        with self._lock:
            orders = self.orders
            self.order(playing=True, starts=orders.starts + from_start, moves=orders.moves + 1)

    def stop(self) -> None:
        """Stop with a short fade."""
        with self._lock:
            self.order(playing=False, moves=self.orders.moves + 1)

    def panic(self) -> None:
        """Silence, now: transport, metronome and every note stop."""
        with self._lock:
            self.order(playing=False, metronome=0, panics=self.orders.panics + 1)

    def set_tempo(self, bpm: float) -> None:
        """Tempo in BPM.

        Raises:
            SettingError: outside 40 to 240.
        """
        with self._lock:
            self.order(micro_bpm=round(check_bpm(bpm) * MICRO), tempos=self.orders.tempos + 1)

    def tap(self) -> float | None:
        """One tap of a tempo; from the second on the tempo is set, and returned in BPM."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None:
            self.set_tempo(bpm)
        return bpm

    def nudge(self, milliseconds: float) -> None:
        """Shift what is played against the clock of the room, positive to get ahead; it runs a little faster
        or slower until it is there. Held within ±500 ms."""
        held = min(max(milliseconds, -MOST_NUDGE_MS), MOST_NUDGE_MS)
        with self._lock:
            self.order(nudged=self.orders.nudged + round(1000 * held))

    def set_swing(self, percent: float) -> None:
        """How late every second sixteenth comes: 50 % is straight, 67 % a triplet, 75 % a dotted one.

        Raises:
            SettingError: outside 50 to 75.
        """
        self.order(swing=round(10 * check_swing(percent)))

    def set_metronome(self, metronome: Metronome) -> None:
        """Whether, and where, a click is heard on every beat."""
        self.order(metronome=METRONOMES.index(metronome))

    def set_volume(self, db: float) -> None:
        """Output level in dB, held within -60 (silence) and +6."""
        self.order(gain=0.0 if db <= MUTE_DB else 10 ** (min(db, LOUDEST_DB) / 20))

    def set_quantise(self, quantise: Quantise) -> None:
        """When a new loop takes over."""
        self.order(quantise=QUANTISE.index(quantise))

    def play_slice(self, number: int, velocity: float = 1.0) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard: on the next line of the quantise grid
        where the transport runs, else at once. One that the loop does not have is passed over."""
        with self._lock:
            self._control.hits.write(Hit(min(max(number, 0), MAX_SLICES), velocity))

    def report(self) -> Report:
        """What the callback did last."""
        newest = self._control.report.read()
        return newest[1] if newest else Report()

    def next_line(self, geometry: LoopGeometry, bars: int | None = None) -> float:
        """When (time.monotonic) the next line of the quantise grid is due; infinity where there is none.

        Args:
            geometry: of the model's loops.
            bars: length of the loop, where it is not the model's own.
        """
        report, orders = self.report(), self.orders
        beats = bars * geometry.beats_per_bar if bars else geometry.beats
        grid = grid_units(QUANTISE[orders.quantise], 4, beats, geometry.beats_per_bar) / 4
        if not (grid and report.playing):
            return math.inf
        beats_a_second = report.micro_bpm / (60 * MICRO)
        now = report.beat + report.rest + (time.monotonic() - report.stamp) * beats_a_second
        return time.monotonic() + (grid - now % grid) / beats_a_second

    def position_heard(self, report: Report) -> float:
        """The position in beats that is heard now, output latency taken off."""
        position = report.beat + report.rest
        if report.playing:
            ago = min(time.monotonic() - report.stamp, LONGEST_GUESS) - report.latency
            position += ago * report.micro_bpm / (60 * MICRO)
        return position
