"""Where the pad is and where it can go, where there is no window: snapshots, ends A and B, jumps, chains."""

import random
from collections.abc import Sequence
from dataclasses import replace
from threading import RLock

from ..engine import Engine
from ..errors import SettingError
from ..session import MAX_CHAIN, Session, Snapshot
from ..session.motion import blend
from .mover import Mover

LONGEST_STEP = 1.0
"""Beats that a jump or a step aside takes at most."""


class Places:
    """Moves the engine's pad and macros, and remembers places.

    Args:
        engine: what is played.
        lock: held while any method is called.
        kept: the session in which snapshots, ends and path were left.

    Attributes:
        mover: runs morphs and paths.
    """

    def __init__(self, engine: Engine, lock: RLock, kept: Session) -> None:
        self._engine = engine
        self._slots = {str(slot): place for slot, place in kept.snapshots.items()}
        self._slots |= {end: place for end, place in (("a", kept.a), ("b", kept.b)) if place is not None}
        self._here = Snapshot(0.0, 0.0)
        self._chain, self._chaining = kept.chain, False
        self._frozen: tuple[float, float] | None = None
        self._mutation = kept.mutation
        self._random = random.Random()
        self.mover = Mover(engine, lock, lambda: self._here, self._go, kept)

    @property
    def here(self) -> Snapshot:
        """Where the pad is, the macros that were moved, and what is held."""
        return self._here

    def forget_macros(self) -> None:
        """Another instrument has come: its macros are its own."""
        self._here = Snapshot(self._here.x, self._here.y)

    def move_to(self, x: float, y: float) -> None:
        """Move the pad by hand; nothing moves it by itself any more."""
        self.mover.rest()
        self._move(x, y)

    def set_macro(self, name: str, value: float) -> None:
        """Move a macro."""
        self._here = replace(self._here, macros={**self._here.macros, name: value})
        self._engine.set_macro(name, value)

    def hold(self, group: str, held: bool, place: tuple[float, float] | None = None) -> None:
        """Hold a latent group as it is, or as it is at another pad position; or let it go. Ends a morph."""
        self.mover.stop()
        self._engine.hold_group(group, held, place)
        holds = {**self._here.holds}
        was = holds.pop(group, None)
        if held:
            x, y = place or self._frozen or (self._here.x, self._here.y)
            now = Snapshot(x, y, self._here.macros)
            holds[group] = now if was is None or place is not None else was
        self._here = replace(self._here, holds=holds)

    def freeze(self, frozen: bool) -> None:
        """Keep the loop that sounds while the pad moves on, or let the pad be heard again."""
        before = self._frozen
        self._frozen = (before or (self._here.x, self._here.y)) if frozen else None
        if before and not frozen:
            self._engine.move_to(self._here.x, self._here.y)

    def store(self, slot: str) -> None:
        """Keep pad, macros and what is held under 1 to 9, a or b."""
        self._slots[slot] = self._here

    def recall(self, slot: str) -> None:
        """Go to a snapshot, within the time of a morph.

        Raises:
            SettingError: there is none.
        """
        self.mover.go_to(self._slot(slot))

    def mix(self, share: float) -> None:
        """Go to a place on the way from A (0) to B (1).

        Raises:
            SettingError: one of them is missing.
        """
        a, b = self._slot("a"), self._slot("b")
        self.mover.rest()
        self._go(blend(a, b, share, self._engine.metadata.macro_defaults))

    def jump(self) -> None:
        """Go anywhere."""
        self._step_to(self._random.uniform(-1, 1), self._random.uniform(-1, 1))

    def mutate(self) -> None:
        """Take a small step aside."""
        x, y = (v + self._random.gauss(0, self._mutation) for v in (self._here.x, self._here.y))
        self._step_to(min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0))

    def centre(self) -> None:
        """Go to the middle of the pad."""
        self._step_to(0.0, 0.0)

    def set_chain(self, places: Sequence[tuple[float, float]]) -> None:
        """Play positions of the pad as a sequence of bars, until the pad moves.

        Raises:
            SettingError: there are none, or too many.
        """
        self.mover.rest()
        self._engine.set_chain(places)
        self._chain, self._chaining = tuple(places), True

    def play_chain(self, on: bool) -> None:
        """Play the chain, or without one the snapshots in the order of their numbers; or leave it.

        Raises:
            SettingError: there are neither bars nor two snapshots.
        """
        if on:
            snapshots = [place for slot, place in sorted(self._slots.items()) if slot.isdecimal()]
            chain = self._chain or tuple((place.x, place.y) for place in snapshots)
            if not self._chain and len(snapshots) < 2:
                raise SettingError("chain is empty, expected places (chain/add) or two snapshots")
            self.set_chain(chain)
        elif self._chaining:
            self._move(self._here.x, self._here.y)

    def add_to_chain(self) -> None:
        """One bar more, from where the pad is.

        Raises:
            SettingError: there are too many.
        """
        if len(self._chain) >= MAX_CHAIN:
            raise SettingError(f"chain has {len(self._chain)} bars, expected at most {MAX_CHAIN}")
        self._chain = (*self._chain, (self._here.x, self._here.y))
        if self._chaining:
            self._engine.set_chain(self._chain)

    def clear_chain(self) -> None:
        """Take all bars out, and leave the chain."""
        self.play_chain(False)
        self._chain = ()

    def _slot(self, slot: str) -> Snapshot:
        place = self._slots.get(slot)
        if place is None:
            raise SettingError(f"snapshot is {slot}, expected one that was stored")
        return place

    def _step_to(self, x: float, y: float) -> None:
        self.mover.go_to(replace(self._here, x=x, y=y), LONGEST_STEP)

    def _go(self, place: Snapshot) -> None:
        """Be at a place, with its macros and what it holds, as far as the model has them."""
        engine, here, defaults = self._engine, self._here, self._engine.metadata.macro_defaults
        place = place.fitting(defaults, engine.metadata.latent_groups)
        with engine.together():
            for name in (here.macros.keys() | place.macros.keys()) & defaults.keys():
                value = place.macros.get(name, defaults[name])
                if here.macros.get(name, defaults[name]) != value:
                    engine.set_macro(name, value)
            for group in here.holds.keys() - place.holds.keys():
                engine.hold_group(group, False)
            for group, there in place.holds.items():
                if here.holds.get(group) != there:
                    engine.hold_group(group, True, (there.x, there.y), there.macros)
            self._here = place
            self._move(place.x, place.y)

    def _move(self, x: float, y: float) -> None:
        self._here, self._chaining = replace(self._here, x=x, y=y), False
        if self._frozen is None:
            self._engine.move_to(x, y)
