"""The worker: decodes the newest thing asked for, and hands it over."""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from ..errors import VaesynthError
from ..latent_controls import LatentControls, LoopDecoder
from ..loop import Loop
from ..newest import NewestWorker
from ..server.handover import HandOver
from ..slicing import SlicedLoop
from ..stretch import at_rate, at_tempo
from ..tempo import TempoMode
from .transport import Transport

SLOT_POLL_SECONDS = 0.002
KEPT_LOOPS = 16


@dataclass(frozen=True, eq=False)
class Wanted:
    """What the worker is to make: everything that shapes the loop, and when it is due (time.monotonic)."""

    decoder: LoopDecoder
    controls: LatentControls
    sample_rate: int
    mode: TempoMode
    bpm: float
    due: float


class LoopWorker:
    """A thread that makes loops: the newest wish wins, and what came between is never made.

    Args:
        transport: names each finished loop to the server.
        hand_over: where finished loops are put.

    Attributes:
        decode_ms: time of the last decode, NaN before the first one.
        misses: loops that came too late for their grid line.
        fault: why the last loop could not be made, else None.
        made_for_rate: sample rate of the last loop handed over, 0 before the first.
    """

    def __init__(self, transport: Transport, hand_over: HandOver) -> None:
        self._transport, self._hand_over = transport, hand_over
        self._lock = threading.Lock()
        self._handed_over = threading.Event()
        self._loops: OrderedDict[int, Loop] = OrderedDict()
        self.decode_ms = math.nan
        self.misses = 0
        self.fault: str | None = None
        self.made_for_rate = 0
        self._take_over_loop()
        self._worker = NewestWorker("vaesynth-decode", self._work)

    def ask(self, wanted: Wanted) -> None:
        """Have this made next, instead of whatever waits."""
        self._worker.ask(wanted)

    def wait_for_first(self, seconds: float) -> None:
        """Wait until a loop was handed over."""
        self._handed_over.wait(seconds)

    def loop(self, serial: int) -> Loop | None:
        """The loop handed over under a serial number, at the model's own rate and tempo, if it is kept."""
        with self._lock:
            return self._loops.get(serial)

    def newest(self) -> tuple[int, Loop] | None:
        """Serial number and audio of the loop handed over last."""
        with self._lock:
            return next(reversed(self._loops.items()), None)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _work(self, wanted: Wanted) -> None:
        try:
            loop, sliced = self._make(wanted)
        except VaesynthError as e:
            self.fault = str(e)
        except Exception as e:  # whatever a decoder throws, the old loop plays on
            self.fault = f"decoding failed ({type(e).__name__}: {e}), the last loop plays on"
        else:
            self.fault = None
            self._send(wanted, loop, sliced)

    def _make(self, wanted: Wanted) -> tuple[Loop, SlicedLoop]:
        begun = time.perf_counter()
        loop = wanted.decoder.decode_loop(wanted.controls.latent())
        self.decode_ms = 1000 * (time.perf_counter() - begun)
        return loop, SlicedLoop.of(at_tempo(at_rate(loop, wanted.sample_rate), wanted.bpm, wanted.mode))

    def _send(self, wanted: Wanted, loop: Loop, sliced: SlicedLoop) -> None:
        """Hand a loop over as soon as a slot is free; a newer wish takes its place."""
        serial = self._transport.orders.serial + 1
        while (place := self._hand_over.place(sliced.numbered(serial))) is None:
            if self._worker.overtaken:
                return
            time.sleep(SLOT_POLL_SECONDS)
        with self._lock:
            self._keep(serial, loop)
        bank, slot = place
        self._hand_over.ordered(self._transport.order(bank=bank, slot=slot, serial=serial))
        self.made_for_rate = sliced.sample_rate
        if time.monotonic() > wanted.due:
            self.misses += 1
        self._handed_over.set()

    def _keep(self, serial: int, loop: Loop) -> None:
        self._loops[serial] = loop
        while len(self._loops) > KEPT_LOOPS:
            self._loops.popitem(last=False)

    def _take_over_loop(self) -> None:
        """Know the loop that a server plays which was there before this desk."""
        sliced = self._hand_over.loop_on_its_way()
        if sliced is not None:
            self._keep(sliced.serial, Loop(sliced.audio.copy(), sliced.sample_rate, sliced.beats,
                                           sliced.beats_per_bar))
            self.made_for_rate = sliced.sample_rate
