"""The audio callback: takes orders, lets the player mix, writes its report; never waits, logs or decodes."""

import time
from typing import Any

import numpy as np

from ..control.timeline import OurTime
from ..loop import Audio
from ..metronome import Clicks, Metronome
from ..slice_voices import VOICES
from ..swing import Swing
from ..take import JournalPlayer
from ..tempo import MICRO, Quantise
from .bank import LoopBank
from .control import Control
from .follower import Follower
from .frame_time import FrameTime
from .records import Orders, Report

QUANTISE = tuple(Quantise)
METRONOMES = tuple(Metronome)
LONGEST_GAP = 5.0
"""Seconds that a restarted server catches up with; after a longer gap it goes on where the last stopped."""
SETTLING_CALLS = 8
"""A stream that has just started may run dry; that is no fault to be counted."""


class PlayerCallback:
    """What `sounddevice` calls for each buffer; everything it needs is made beforehand.

    Args:
        control: the shared control block.
        sample_rate: of the device, in Hz.
        channels: output channels for left and right, counted from 1; one number plays mono.
        frames: the most frames a buffer.

    Attributes:
        banks: the loop banks that are open, by number; the main thread opens them.
        calls: callbacks so far.
        underflows: those for which the device had run dry.
        error: the exception that ended the sound, if one did.
        ending: set by the main thread to fade out for good.
        follower: keeps time with others.
        offset: seconds added to the output latency, the user's.
        ours: the time that is heard, for others.
    """

    def __init__(self, control: Control, sample_rate: int, channels: tuple[int, ...], frames: int) -> None:
        self.player = JournalPlayer(sample_rate, frames)
        self.banks: dict[int, LoopBank] = {}
        self.calls = 0
        self.underflows = 0
        self.error: Exception | None = None
        self.ending = False
        self.follower = Follower(self.player)
        self.offset = 0.0
        self.ours = OurTime()
        self._frame_time = FrameTime(sample_rate)
        self._control = control
        self._columns = tuple(c - 1 for c in channels)
        self._mix = np.zeros((frames, 2), np.float32)
        self._orders, self._seen = Orders(), 0
        self._clicks = Clicks(sample_rate)
        self._loops: dict[int, tuple[int, int]] = {}
        self._rest_scale = 1 / self.player.clock.units_per_beat
        self._earlier = Report()
        self._goes_on = False
        self._load = 0.0

    def resume(self, orders: Orders, last: Report) -> None:
        """Go on where a server that died left off, as if it had played on."""
        self._earlier = last
        goes_on = last.playing and orders.playing
        # What differs from the present orders is done anew: the loop, and a start that nobody has seen yet.
        starts = orders.starts if goes_on else orders.starts - 1
        self._orders = orders._replace(slot=-1, serial=0, playing=goes_on, starts=starts)
        clock = self.player.clock
        clock.micro_bpm = last.micro_bpm or orders.micro_bpm
        self._orders = self._orders._replace(micro_bpm=clock.micro_bpm)
        self.player.set_swing(Swing(orders.swing))
        units = clock.units_per_beat
        clock.position = last.beat * units + round(last.rest * units)
        self.player.set_volume(orders.gain, at_once=True)
        self._goes_on = goes_on

    def _catch_up(self, now: float) -> None:
        """Play on from where the old server would be by now."""
        self._goes_on = False
        clock, gap = self.player.clock, now - self._earlier.stamp
        if 0 < gap < LONGEST_GAP:
            clock.advance(round(gap * self.player.sample_rate))
        self.player.play(clock.position)

    def __call__(self, out: Audio, frames: int, times: Any, status: Any) -> None:
        """Fill `out`, float32 `(frames, channels)`."""
        begun = time.monotonic()
        try:
            if status and status.output_underflow and self.calls >= SETTLING_CALLS:
                self.underflows += 1
            if self._goes_on:
                self._catch_up(begun)
            self._take_orders()
            self._take_hits()
            if self.ending:
                self.player.stop()
                self.player.stop_slices()
            latency = times.outputBufferDacTime - times.currentTime
            stamp = self._frame_time.begin(begun, frames)
            self.follower.follow(stamp + latency + self.offset, self._beats_per_bar)
            clock = self.player.clock
            beat, rest = divmod(clock.position, clock.units_per_beat)
            self._fill(out, frames)
            self.calls += 1
            self.ours = OurTime(stamp + latency + self.offset, beat + rest * self._rest_scale, clock.bpm,
                                self.player.playing, self._beats_per_bar, latency)
            self._report(begun, stamp, latency, beat, rest, frames)
        except Exception as e:
            # PortAudio would print it and stop; the main thread writes it down and starts anew.
            out.fill(0)
            self.error = e

    @property
    def _beats_per_bar(self) -> int:
        sounding = self.player.sounding
        return sounding.beats_per_bar if sounding else 4

    def _fill(self, out: Audio, frames: int) -> None:
        for start in range(0, frames, len(self._mix)):
            mix = self._mix[:min(len(self._mix), frames - start)]
            self.player.render(mix)
            if METRONOMES[self._orders.metronome] is Metronome.MAIN:
                self._click(mix)
            part = out[start:start + len(mix)]
            if len(self._columns) == 1:
                part.fill(0)
                mono = part[:, self._columns[0]]
                np.add(mix[:, 0], mix[:, 1], out=mono)
                mono *= np.float32(0.5)
            elif part.shape[1] == 2 and self._columns == (0, 1):
                part[:] = mix
            else:
                part.fill(0)
                part[:, self._columns[0]] = mix[:, 0]
                part[:, self._columns[1]] = mix[:, 1]

    def _click(self, mix: Audio) -> None:
        player, clock = self.player, self.player.clock
        if not player.playing:
            return
        self._clicks.mix(mix, clock, clock.position - len(mix) * clock.step, clock.step, self._beats_per_bar)
        np.clip(mix, -1, 1, out=mix)

    def _take_orders(self) -> None:
        newer = self._control.orders.read_newer(self._seen)
        if newer is None:
            return
        version, orders = newer
        if orders.slot >= 0 and orders.bank not in self.banks:
            return  # the main thread is about to open it
        before, self._orders, self._seen = self._orders, orders, version
        player = self.player
        if (orders.micro_bpm, orders.tempos) != (before.micro_bpm, before.tempos):
            player.clock.micro_bpm = orders.micro_bpm
        player.set_volume(orders.gain)
        if orders.swing != before.swing:
            player.set_swing(Swing(orders.swing))
        if orders.nudged != before.nudged:
            player.steering.nudge((orders.nudged - before.nudged) * 1e-6)
        if orders.slot >= 0 and orders.serial != before.serial:
            loop = self.banks[orders.bank].read(orders.slot)
            # One at another rate is from before the device changed; the desk will send it again.
            if loop.sample_rate == player.sample_rate:
                held = {h.serial for h in player.held if h}
                self._loops = {k: v for k, v in self._loops.items() if k in held}
                self._loops[loop.serial] = (orders.bank, orders.slot)
                player.offer(loop, QUANTISE[orders.quantise])
        if orders.panics != before.panics:
            player.panic()  # and what was asked after it, before this block, still counts
        if orders.quit:
            player.stop()
        elif (orders.playing, orders.starts, orders.moves) != (before.playing, before.starts, before.moves):
            if not orders.playing:
                player.stop()
            elif self.follower.shares_phase:
                self.follower.play(self._beats_per_bar)
            elif orders.starts != before.starts:
                player.play()
            else:
                player.play(None)

    def _take_hits(self) -> None:
        for _ in range(VOICES):
            hit = self._control.hits.take()
            if hit is None:
                return
            self.player.play_slice(hit.number, hit.velocity, QUANTISE[self._orders.quantise])

    def _report(self, begun: float, stamp: float, latency: float, beat: int, rest: int, frames: int) -> None:
        player, earlier = self.player, self._earlier
        sounding = player.sounding
        slots = [self._loops.get(loop.serial, (0, -1)) if loop else (0, -1) for loop in player.held]
        load = (time.monotonic() - begun) * player.sample_rate / frames
        self._load += 0.02 * (load - self._load)
        left, right = player.limiter.peaks
        self._control.report.write(Report(
            self._seen, earlier.callbacks + self.calls, stamp, latency, beat, rest * self._rest_scale,
            player.clock.micro_bpm, player.playing, left, right, earlier.clipped + player.limiter.clipped,
            earlier.xruns + self.underflows, sounding.serial if sounding else 0, self._load,
            *slots[0], *slots[1], *slots[2]))


def micro_bpm(bpm: float) -> int:
    """Tempo in millionths of a BPM, as `Orders` carries it."""
    return round(bpm * MICRO)
