# SPDX-License-Identifier: GPL-3.0-or-later
"""Places of the pad as a sequence of bars: what its strip and its keys ask for, done."""

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.session import MAX_CHAIN

from .gestures import Gestures
from .state.instrument import Instrument


class Chaining(QObject):
    """Changes the chain, starts and leaves it.

    Signals:
        noted: a few words on what has just happened.
    """

    noted = pyqtSignal(str)

    def __init__(self, instrument: Instrument, gestures: Gestures, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument, self._gestures = instrument, gestures

    def add(self) -> None:
        """One bar more, from where the puck is."""
        session = self._instrument.session
        if len(session.chain) >= MAX_CHAIN:
            self.noted.emit(self.tr("A chain has {most} bars at most").format(most=MAX_CHAIN))
            return
        self._instrument.set_chain((*session.chain, (session.x, session.y)))
        self.noted.emit(self.tr("Bar {n} of the chain").format(n=len(session.chain) + 1))

    def put(self, bar: int) -> None:
        """Let a bar, if it is there, come from where the puck is."""
        session = self._instrument.session
        chain = session.chain
        if not 0 <= bar < len(chain):
            return
        self._instrument.set_chain((*chain[:bar], (session.x, session.y), *chain[bar + 1:]))

    def remove(self, bar: int) -> None:
        """Take a bar out."""
        chain = self._instrument.session.chain
        self._instrument.set_chain((*chain[:bar], *chain[bar + 1:]))

    def move(self, start: int, end: int) -> None:
        """Let a bar stand elsewhere; where one of them is not there, nothing happens."""
        chain = list(self._instrument.session.chain)
        if not (0 <= start < len(chain) and 0 <= end < len(chain)):
            return
        chain.insert(end, chain.pop(start))
        self._instrument.set_chain(tuple(chain))

    def take_snapshots(self) -> None:
        """The pad positions of the snapshots, in the order of their numbers, instead of what there is.

        Macros and what is held are those of now for all bars of a chain.
        """
        self.noted.emit(self._take_snapshots())

    def _take_snapshots(self) -> str:
        """What is to be said of it."""
        session = self._instrument.session
        snapshots = [place for _, place in sorted(session.snapshots.items())]
        self._instrument.set_chain(tuple((place.x, place.y) for place in snapshots))
        if any(replace(session.place, x=place.x, y=place.y) != place for place in snapshots):
            return self.tr("The chain takes the positions; macros and groups stay as set now")
        return ""

    def clear(self) -> None:
        """Take all bars out."""
        self._instrument.set_chain(())

    def go(self, bar: int) -> None:
        """Go to the place of a bar, if it is there; that leaves the chain."""
        chain = self._instrument.session.chain
        if 0 <= bar < len(chain):
            self._gestures.go_to(*chain[bar])

    def play(self, places: Sequence[tuple[float, float]]) -> None:
        """Play these places from now on, at most as many as a chain holds."""
        self._gestures.rest()
        self._instrument.set_chain(tuple(places[:MAX_CHAIN]))
        self._instrument.set_chaining(True)

    def set_on(self, on: bool) -> None:
        """Play the chain, or leave it."""
        if on != self._instrument.session.chaining:
            self.toggle()

    def toggle(self) -> None:
        """Play the chain, or leave it; without one the snapshots become it."""
        session, note = self._instrument.session, ""
        if not session.chain:
            if len(session.snapshots) < 2:
                self.noted.emit(self.tr("Add bars to the chain first (Shift+C), or store snapshots"))
                return
            note = self._take_snapshots()
        self._gestures.rest()
        self._instrument.set_chaining(not session.chaining)
        if not session.chaining:
            self._instrument.set_playing(True)
            self.noted.emit(note or self.tr("Chain of {n} bars; move the puck to leave it").format(
                n=len(self._instrument.session.chain)))
        else:
            self.noted.emit("")
