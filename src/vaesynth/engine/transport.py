"""The desk's hold on the transport, which the server owns: orders to it, and the time that it reports."""

import math
import threading
import time
from typing import Any

from ..geometry import LoopGeometry
from ..server.shared import Control, Orders, Report
from ..tempo import MICRO, Quantise, check_bpm, grid_units

MUTE_DB, LOUDEST_DB = -60.0, 6.0
LONGEST_GUESS = 0.5
"""Seconds for which the position is guessed from the last report; then the server is taken to stand."""
QUANTISE = tuple(Quantise)


class Transport:
    """Writes the orders, one record for all, and reads the reports; any thread may call it.

    Args:
        control: the server's control block; orders that it holds already stay.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.RLock()
        newest = control.orders.read()
        self.orders = newest[1] if newest else Orders()

    @property
    def bpm(self) -> float:
        """The tempo that was ordered."""
        return self.orders.micro_bpm / MICRO

    def order(self, **changes: Any) -> int:
        """Change what the server is to do; returns the version of the orders."""
        with self._lock:
            self.orders = self.orders._replace(**changes)
            return self._control.orders.write(self.orders)

    def play(self, *, from_start: bool = True) -> None:
        """Start at the downbeat, or go on where it was stopped."""
        with self._lock:
            self.order(playing=True, starts=self.orders.starts + from_start)

    def stop(self) -> None:
        """Stop with a short fade."""
        self.order(playing=False)

    def set_tempo(self, bpm: float) -> None:
        """Tempo in BPM.

        Raises:
            SettingError: outside 40 to 240.
        """
        self.order(micro_bpm=round(check_bpm(bpm) * MICRO))

    def set_volume(self, db: float) -> None:
        """Output level in dB, held within -60 (silence) and +6."""
        self.order(gain=0.0 if db <= MUTE_DB else 10 ** (min(db, LOUDEST_DB) / 20))

    def set_quantise(self, quantise: Quantise) -> None:
        """When a new loop takes over."""
        self.order(quantise=QUANTISE.index(quantise))

    def report(self) -> Report:
        """What the callback did last."""
        newest = self._control.report.read()
        return newest[1] if newest else Report()

    def next_line(self, geometry: LoopGeometry) -> float:
        """When (time.monotonic) the next line of the quantise grid is due; infinity where there is none."""
        report, orders = self.report(), self.orders
        grid = grid_units(QUANTISE[orders.quantise], 4, geometry.beats, geometry.beats_per_bar) / 4
        if not (grid and report.playing):
            return math.inf
        beats_a_second = report.micro_bpm / (60 * MICRO)
        now = report.beat + report.rest + (time.monotonic() - report.stamp) * beats_a_second
        return time.monotonic() + (grid - now % grid) / beats_a_second

    def beat_heard(self, report: Report, beats: int) -> float:
        """The position within a loop of `beats` beats that is heard now, output latency taken off."""
        position = report.beat + report.rest
        if report.playing:
            ago = min(time.monotonic() - report.stamp, LONGEST_GUESS) - report.latency
            position += ago * report.micro_bpm / (60 * MICRO)
        return position % beats
