"""Makes the loops round the pad position before anybody asks for them."""

import threading

from ..open_decoders import IN_TURN
from ..providers import Halt
from .maker import LoopMaker, Recipe
from .tuning import stand_back
from .wanted import Wanted

NICENESS = 10
RADIUS = 3
"""Cells of the pad's grid in each direction: 7 × 7 loops round the puck."""
AHEAD_SECONDS = 0.15
"""The centre lies where the puck will be in this time, if it moves on as it does."""
HALT_SECONDS = 0.003
"""An operator of a decoder's graph takes up to 1.5 ms; a thread that gets no processor is not waited for."""


class Prefetcher:
    """A thread of low priority that makes loops, the nearest first, while the worker rests.

    Args:
        maker: makes and keeps them.
    """

    def __init__(self, maker: LoopMaker) -> None:
        self._maker = maker
        self._round: Wanted | None = None
        self._go = threading.Event()
        self._closed = False
        self._halt = Halt()
        self._thread = threading.Thread(target=self._run, name="vaesynth-prefetch", daemon=True)
        self._thread.start()

    def hold(self, halt: bool = False) -> None:
        """Begin no other loop: the worker needs the processor; with `halt`, give up the one at hand.

        Its end is waited for: a decode that overlaps another needs memory of its own, 17 MB for the bundled
        drums, and the first time its fresh pages take as long as the decode itself.
        """
        self._go.clear()
        if halt:
            at_hand = self._halt
            at_hand.now()
            at_hand.wait(HALT_SECONDS)

    def go_round(self, wanted: Wanted) -> None:
        """Go on, round the position of what was made last."""
        self._round = wanted
        self._go.set()

    @property
    def busy(self) -> bool:
        """Whether loops round the pad position are still to be made."""
        return self._go.is_set()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._go.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        stand_back(NICENESS)
        while True:
            self._go.wait()
            if self._closed:
                return
            wanted = self._round
            recipe = self._next(wanted) if wanted is not None else None
            if recipe is not None and self._make(recipe):
                continue
            if wanted is self._round:
                self._round = None
                self._go.clear()
                if self._closed:  # whose signal may have been cleared just now
                    return

    def _make(self, recipe: Recipe) -> bool:
        """Make a loop, or begin to; whether to go on with the next one."""
        halt = self._halt = Halt()
        try:
            with IN_TURN, halt:
                if self._go.is_set():
                    self._maker.make(recipe)
        except Exception:  # a halt; or the worker meets and tells the same fault as soon as it matters
            return False
        return True

    def _next(self, wanted: Wanted) -> Recipe | None:
        """The nearest place that is not there yet, None when all are."""
        places = wanted.neighbours(RADIUS, AHEAD_SECONDS)[:self._maker.room()]
        recipes = (place.recipe() for place in places)
        return next((recipe for recipe in recipes if not self._maker.has(recipe)), None)
