"""The desk's side of the loop banks: which slot is free for the next loop."""

import contextlib
from pathlib import Path

from ..slicing import SlicedLoop
from .bank import LoopBank
from .control import Control
from .records import Report

SLOTS = 8
"""Three may be held by the server and one be on its way; the rest are room for a desk that is fast."""
MIN_FRAMES = 2**20


class HandOver:
    """Puts loops into slots that the server does not read.

    A slot is free again when the server has seen orders that name another one, and no longer holds it.

    Args:
        folder: the session's folder, where the bank files lie.
        control: its control block.
    """

    def __init__(self, folder: Path, control: Control) -> None:
        self._folder, self._control = folder, control
        self._number = 0
        self._bank: LoopBank | None = None
        self._target = -1
        self._named = -1
        self._superseded = [0] * SLOTS
        newest = control.orders.read()
        if newest and newest[1].slot >= 0:
            # Another desk was here: its slots become free as ours do.
            version, orders = newest
            self._number, self._target = orders.bank, orders.slot
            self._bank = LoopBank(folder / f"bank-{orders.bank}")
            self._superseded = [version] * SLOTS

    def loop_on_its_way(self) -> SlicedLoop | None:
        """The loop that the orders name, as a view; None before the first."""
        return self._bank.read(self._target) if self._bank and self._target >= 0 else None

    def place(self, loop: SlicedLoop) -> tuple[int, int] | None:
        """Write a loop into a free slot.

        Returns:
            bank and slot, for the orders to name; None while no slot is free.
        """
        if self._bank is None or len(loop.audio) > self._bank.frames:
            self._new_bank(len(loop.audio))
        assert self._bank is not None
        newest = self._control.report.read()
        report = newest[1] if newest else Report()
        for slot in range(SLOTS):
            if (slot != self._target and report.seen >= self._superseded[slot]
                    and not report.holds(self._number, slot)):
                self._bank.write(slot, loop)
                self._named = slot
                return self._number, slot
        return None

    def ordered(self, version: int) -> None:
        """The orders of this version name the slot placed last, instead of the one before."""
        if self._target >= 0:
            self._superseded[self._target] = version
        self._target = self._named

    def _new_bank(self, frames: int) -> None:
        """A bank with room for larger loops. The last one's file goes; the server keeps what it has open."""
        # Twice the need: a slower tempo makes longer loops, and each new bank costs memory.
        path = self._folder / f"bank-{self._number + 1}"
        self._bank = LoopBank.create(path, SLOTS, max(MIN_FRAMES, 2 * frames))
        for old in self._folder.glob("bank-*"):
            if old not in (path, self._folder / f"bank-{self._number}"):
                with contextlib.suppress(OSError):
                    old.unlink()
        self._number += 1
        self._target = self._named = -1
        self._superseded = [0] * SLOTS
