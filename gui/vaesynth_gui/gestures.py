# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hand can do beside dragging: tap, jump, mutate, recall, freeze."""

import time
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtGui import QGuiApplication

from vaesynth.session.motion import blend
from vaesynth.tap_tempo import TapTempo

from .bridge import EngineBridge
from .state.instrument import Instrument
from .state.motion import Motion

LONGEST_STEP = 1.0
"""Beats that a jump or a mutation takes at most."""


class Gestures(QObject):
    """Turns gestures into changes of the instrument.

    Signals:
        noted: a few words on what has just happened.
        lasts: the same on what goes on until it is taken back by an empty text.
    """

    noted = pyqtSignal(str)
    lasts = pyqtSignal(str)

    def __init__(self, instrument: Instrument, bridge: EngineBridge, motion: Motion,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument, self._bridge, self._motion = instrument, bridge, motion
        self._taps = TapTempo()

    def undo(self) -> None:
        """Go back one gesture."""
        self._motion.stop()
        self._instrument.undo()

    def redo(self) -> None:
        """Go forth one gesture."""
        self._motion.stop()
        self._instrument.redo()

    def tap(self) -> None:
        """Tap the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is None:  # a new count
            self._instrument.finish_gesture("tap")
        else:
            with self._instrument.unheld(None):  # the next count ends this one, however slow it is
                self._instrument.set_tempo(bpm, "tap")

    def nudge(self, milliseconds: float) -> None:
        """Shift what is played against the clock of the room, positive to get ahead."""
        self._bridge.nudge(milliseconds)
        self.noted.emit(self.tr("Nudged ahead") if milliseconds > 0 else self.tr("Nudged back"))

    def recall(self, slot: int) -> None:
        """Go to a snapshot, within the morph time."""
        snapshot = self._instrument.session.snapshots.get(slot)
        if snapshot is not None:
            self._motion.go_to(snapshot, self._instrument.session.morph_beats)

    def digit(self, slot: int, store: bool) -> None:
        """A digit key: recall a snapshot, or store one."""
        if store:
            self._instrument.store_snapshot(slot)
        else:
            self.recall(slot)

    def rest(self) -> None:
        """Let nothing move by itself any more: no morph, no path."""
        self._motion.stop()
        self._instrument.set_path_playing(False)

    def go_to(self, x: float, y: float, **also: Any) -> None:
        """Go to a position with the macros, and what is held, as they are; other fields are set at once."""
        here = self._instrument.session
        self._motion.go_to(replace(here.place, x=x, y=y), min(here.morph_beats, LONGEST_STEP), **also)

    def jump(self) -> None:
        """Go anywhere."""
        self.go_to(*self._instrument.random_position())

    def mutate(self) -> None:
        """Take a small step aside."""
        self.go_to(*self._instrument.mutated_position())

    def mix(self, share: float) -> None:
        """Go to a place on the way from A (0) to B (1); nowhere while one of them is missing."""
        session = self._instrument.session
        if session.a is None or session.b is None:
            return
        share = min(max(share, 0.0), 1.0)
        place = blend(session.a, session.b, share, self._instrument.macro_defaults)
        self.rest()
        self._instrument.go_to(place, "mix", mix=share)

    def end(self, end: str) -> None:
        """Go to end `a` or `b`, within the morph time."""
        session = self._instrument.session
        place = session.a if end == "a" else session.b
        if place is not None:
            self._motion.go_to(place, session.morph_beats, mix=0.0 if end == "a" else 1.0)

    def centre(self) -> None:
        """Go back to the middle of the pad."""
        self.go_to(0.0, 0.0)

    def freeze(self, frozen: bool) -> None:
        """Keep the loop that sounds while the puck moves on, or let the puck be heard again."""
        self._bridge.set_frozen(frozen)
        self.lasts.emit(self.tr("Frozen: the puck is heard again when it thaws") if frozen else "")

    def record_path(self, on: bool) -> None:
        """Record where the puck goes, or keep what was recorded and repeat it."""
        if on != self._motion.recording:
            self._motion.toggle_recording()

    def toggle_path(self) -> None:
        """Play the recorded path, or let it rest."""
        self._instrument.set_path_playing(not self._instrument.session.path_playing)

    def forget_path(self) -> None:
        """Forget the recorded path."""
        self._instrument.set_path_playing(False)
        self._instrument.edit(None, path=(), path_beats=0.0)

    def forget_own_loops(self) -> None:
        """Take the own loops off the pad."""
        self._instrument.edit(None, own_loops=())

    def pin_here(self, corner: int) -> None:
        """Pin the loop at the puck to a corner of the pad."""
        z = self._bridge.latent()
        if z is not None:
            s = self._instrument.session
            self._instrument.pin(corner, f"{s.x:+.2f} {s.y:+.2f}".replace("-", "−"), z)

    def free_corners(self) -> None:
        """Take the pinned loops out of the corners: the pad shows the model's own plane again."""
        self._instrument.edit(None, corners={})

    def copy_position(self) -> None:
        """Put the position on the clipboard, in the form that the command line takes."""
        session = self._instrument.session
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(f"--x {session.x:.4f} --y {session.y:.4f}")
        self.noted.emit(self.tr("Position copied"))
