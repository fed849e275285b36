"""The worker: decodes the newest thing asked for, and hands it over."""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import replace

from ..errors import VaesynthError
from ..loop import Loop
from ..newest import NewestWorker
from ..server.handover import HandOver
from .maker import Finished, LoopMaker, Recipe
from .note import to_text
from .prefetch import Prefetcher
from .transport import Transport
from .tuning import come_first, load_shaping
from .wanted import Wanted

SLOT_POLL_SECONDS = 0.002
KEPT_LOOPS = 4
"""Beside the one that sounds, which may wait long for a line of the grid: what may sound by the next look."""
MOVING_SECONDS = 0.1
"""Three places that were asked for within this time of each other are a movement."""
REST_SECONDS = 0.08
"""After this time without a wish the pad rests."""


class LoopWorker:
    """A thread that makes loops: the newest wish wins, and what came between is never made.

    While the pad moves it plays from the places of a grid, which are kept and made ahead (`Prefetcher`), so
    that most moves cost no decode; a jump, and the pad at rest, are exact.

    Args:
        transport: names each finished loop to the server.
        hand_over: where finished loops are put.

    Attributes:
        hits, misses: wishes for which a loop was there, or had to be made.
        late: loops that came too late for their grid line.
        fault: why the last loop could not be made, else None.
        made_for_rate: sample rate of the last loop handed over, 0 before the first.
        made_for_bpm: the tempo it was made for.
    """

    def __init__(self, transport: Transport, hand_over: HandOver) -> None:
        self._transport, self._hand_over = transport, hand_over
        self._lock = threading.Lock()
        self._asked: tuple[float, float, float] = (-math.inf, 0.0, 0.0)
        self._quick = 0
        self._handed_over = threading.Event()
        self._loops: OrderedDict[int, Loop] = OrderedDict()
        self._loaded = False
        self.hits = self.misses = self.late = 0
        self.fault: str | None = None
        self.made_for_rate = 0
        self.made_for_bpm = transport.bpm
        self._take_over_loop()
        self._maker = LoopMaker()
        self._prefetcher = Prefetcher(self._maker)
        self._worker = NewestWorker("vaesynth-decode", self._work, come_first)

    @property
    def decode_ms(self) -> float:
        """Time of the last decode, NaN before the first one."""
        return self._maker.decode_ms

    @property
    def making_ahead(self) -> bool:
        """Whether loops round the pad position are still to be made."""
        return self._prefetcher.busy

    def ask(self, wanted: Wanted) -> None:
        """Have this made next, instead of whatever waits."""
        now, x, y = time.monotonic(), wanted.controls.x, wanted.controls.y
        with self._lock:
            (before, x0, y0), self._asked = self._asked, (now, x, y)
            self._quick = self._quick + 1 if now - before < MOVING_SECONDS else 0
            if self._quick >= 2:
                passed = max(now - before, 1e-3)
                wanted = replace(wanted, heading=((x - x0) / passed, (y - y0) / passed))
        self._worker.ask(wanted)

    def expect_shaping(self) -> None:
        """Load what the sound shaping's first use would wait for, in a thread of its own, once."""
        if not self._loaded:
            self._loaded = True
            threading.Thread(target=load_shaping, name="vaesynth-load", daemon=True).start()

    def forget(self) -> None:
        """Let go of the loops that are kept for later wishes."""
        self._maker.clear()

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
        self._prefetcher.close()

    def _work(self, wanted: Wanted) -> None:
        try:
            self._serve(wanted)
        except VaesynthError as e:
            self.fault = str(e)
        except Exception as e:  # whatever a decoder throws, the old loop plays on
            self.fault = f"decoding failed ({type(e).__name__}: {e}), the last loop plays on"

    def _serve(self, wanted: Wanted) -> None:
        exact, near = wanted.recipe(), wanted.near().recipe()
        kept = next((known for known in (exact, near) if self._maker.has(known)), None)
        self.hits += kept is not None
        self.misses += kept is None
        recipe = kept or (near if wanted.moving else exact)
        self._make_and_send(recipe, wanted)
        if recipe.key != exact.key and self._worker.rests(REST_SECONDS):
            self._make_and_send(exact, replace(wanted, due=math.inf, heading=(0.0, 0.0)))

    def _make_and_send(self, recipe: Recipe, wanted: Wanted) -> None:
        # A jump needs the processor at once; on its way the pad may need next what is being made ahead.
        self._prefetcher.hold(halt=not (wanted.moving or self._maker.has(recipe)))
        finished = self._maker.make(recipe)
        self.fault = None
        self._send(wanted, finished, to_text(recipe))
        self._prefetcher.go_round(wanted)

    def _send(self, wanted: Wanted, finished: Finished, recipe: str) -> None:
        """Hand a loop over as soon as a slot is free; a newer wish takes its place."""
        serial = self._transport.orders.serial + 1
        while (place := self._hand_over.place(finished.sliced.numbered(serial, recipe))) is None:
            if self._worker.overtaken:
                return
            time.sleep(SLOT_POLL_SECONDS)
        with self._lock:
            self._keep(serial, finished.loop)
        bank, slot = place
        self._hand_over.ordered(self._transport.order(bank=bank, slot=slot, serial=serial))
        self.made_for_rate, self.made_for_bpm = finished.sliced.sample_rate, wanted.bpm
        if time.monotonic() > wanted.due:
            self.late += 1
        self._handed_over.set()

    def _keep(self, serial: int, loop: Loop) -> None:
        sounding = self._transport.report().serial
        self._loops[serial] = loop
        for old in [known for known in self._loops if known != sounding][:-KEPT_LOOPS]:
            del self._loops[old]

    def _take_over_loop(self) -> None:
        """Know the loop that a server plays which was there before this desk."""
        sliced = self._hand_over.loop_on_its_way()
        if sliced is not None:
            self._keep(sliced.serial, Loop(sliced.audio.copy(), sliced.sample_rate, sliced.beats,
                                           sliced.beats_per_bar))
            self.made_for_rate = sliced.sample_rate
