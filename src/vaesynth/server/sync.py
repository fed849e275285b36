"""The thread of the audio server that talks to the others in time: Link, MIDI clock, JACK transport."""

import contextlib
import time
import traceback
from collections.abc import Callable

from ..control.timeline import ControlError, OurTime, TimeSource
from ..repeating import Repeating
from ..tempo import MAX_BPM, MICRO, MIN_BPM
from .callback import PlayerCallback
from .control import Control
from .records import Orders, SyncOrders, SyncReport

ROUND_SECONDS = 0.005
RETRY_SECONDS = 1.0
NONE, LINK, MIDI, JACK = range(4)


class Sync:
    """Opens whom the desk's orders name, tells the callback their time, and them ours.

    Args:
        control: the control block.
        callback: of the stream.
    """

    def __init__(self, control: Control, callback: PlayerCallback) -> None:
        self._control, self._callback = control, callback
        self._seen = 0
        self._wanted = SyncOrders()
        self._source: TimeSource | None = None
        self._out: _ClockOut | None = None
        self._fault: str | None = None
        self._retry_at = 0.0
        newest = control.orders.read()
        self._orders = newest[1] if newest else Orders()
        self._keeping = Repeating("vaesynth-sync", self._go_on)

    def close(self) -> None:
        """Leave everybody."""
        self._keeping.close()
        self._shut(None)

    def _go_on(self) -> float:
        try:
            self._round()
        except Exception as e:  # the sound goes on whatever a driver does
            traceback.print_exception(e)
            self._shut(f"keeping time with others failed ({type(e).__name__}: {e}), expected it to work")
        return ROUND_SECONDS if self._source else 4 * ROUND_SECONDS

    def _round(self) -> None:
        newer = self._control.sync.read_newer(self._seen)
        if newer is not None:
            self._seen = newer[0]
            # What is empty comes as nothing but zeros.
            wanted = newer[1]._replace(clock_in=newer[1].clock_in.rstrip(b"\0"),
                                       clock_out=newer[1].clock_out.rstrip(b"\0"))
            self._callback.offset = wanted.offset
            if wanted._replace(offset=0.0) != self._wanted._replace(offset=0.0):
                self._shut(None)
                self._retry_at = 0.0
            self._wanted = wanted
        ours = self._callback.ours
        if self._source is None and self._out is None and time.monotonic() >= self._retry_at:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._open(ours)
        self._pass_on()
        if self._source is not None:
            self._callback.follower.timeline = self._source.poll(ours)
        self._report()

    def _open(self, ours: OurTime) -> None:
        wanted = self._wanted
        try:
            self._source = _source(wanted, ours)
            if wanted.clock_out:
                self._out = _ClockOut(wanted.clock_out.decode(errors="replace"), lambda: self._callback.ours)
            self._fault = None
        except ControlError as e:
            self._shut(str(e))
        if self._source is not None and self._orders.playing and self._callback.ours.playing:
            self._source.set_playing(True)

    def _shut(self, fault: str | None) -> None:
        self._callback.follower.timeline = None
        self._fault = fault
        source, self._source, out, self._out = self._source, None, self._out, None
        for part in (source, out):
            if part is not None:
                with contextlib.suppress(Exception):
                    part.close()

    def _pass_on(self) -> None:
        """What the user has ordered is for everybody."""
        newest = self._control.orders.read()
        if newest is None:
            return
        orders, before = newest[1], self._orders
        self._orders = orders
        if self._source is None:
            return
        if orders.tempos != before.tempos:
            self._source.set_tempo(orders.micro_bpm / MICRO)
        if (orders.moves, orders.panics) != (before.moves, before.panics):
            self._source.set_playing(orders.playing)

    def _report(self) -> None:
        source, wanted, follower = self._source, self._wanted, self._callback.follower
        kind = NONE if source is None else LINK if wanted.link else MIDI if wanted.clock_in else JACK
        timeline = follower.timeline
        notices = [self._fault, *(part.notice for part in (source, self._out) if part)]
        notice = next(filter(None, notices), "")
        if timeline is not None and not MIN_BPM <= timeline.bpm <= MAX_BPM:
            notice = f"tempo of the others is {timeline.bpm:.0f} BPM, expected {MIN_BPM:g} to {MAX_BPM:g} BPM"
        self._control.sync_report.write(SyncReport(
            self._seen, kind, source.peers if source else 0, timeline is not None, follower.error,
            notice.encode()[:511]))


def _source(wanted: SyncOrders, ours: OurTime) -> TimeSource | None:
    """Whom to follow; loaded only when asked for."""
    if wanted.link:
        from ..control.link import LinkSession
        return LinkSession(ours.bpm, start_stop=wanted.link_start_stop)
    if wanted.clock_in:
        from ..control.midi_clock import MidiClockIn
        return MidiClockIn(wanted.clock_in.decode(errors="replace"))
    if wanted.jack:
        from ..control.jack_transport import JackTransport
        return JackTransport()
    return None


class _ClockOut:
    """A thread that sends the clock at its exact times."""

    def __init__(self, port: str, ours: Callable[[], OurTime]) -> None:
        from ..control.midi_clock import MidiClockOut
        from ..control.midi_ports import MidiPort
        self._clock = MidiClockOut(MidiPort(port))
        self._ours = ours
        self._sending = Repeating("vaesynth-clock", self._go_on)

    @property
    def notice(self) -> str | None:
        return self._clock.notice

    def _go_on(self) -> float:
        due = self._clock.step(self._ours(), time.monotonic())
        # The tempo may change meanwhile.
        return min(max(due - time.monotonic(), 0.0002), ROUND_SECONDS)

    def close(self) -> None:
        self._sending.close(1.0)
        self._clock.close()
