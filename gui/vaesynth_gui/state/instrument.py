# SPDX-License-Identifier: GPL-3.0-or-later
"""The instrument's state: one immutable session at a time, with undo, and a signal for whoever shows it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.metadata import ModelMetadata
from vaesynth.metronome import Metronome
from vaesynth.own_loops import apart
from vaesynth.session import MAX_OWN_LOOPS, SLOTS, Corner, OwnLoop, Session, Snapshot
from vaesynth.swing import MOST, STRAIGHT
from vaesynth.tempo import MAX_BPM, MIN_BPM

from .history import History, Parts
from .parts import KEPT_BY_UNDO, parts_of, with_parts
from .pauses import PAUSE_MS, Pauses


class Instrument(QObject):
    """Holds the session, changes it by gestures, and tells of each change.

    Signals:
        changed: (before, after), both `Session`; the listeners pick the fields that concern them.
        described: the model's `ModelMetadata`, when a model is there or another one takes over.
    """

    changed = pyqtSignal(object, object)
    described = pyqtSignal(object)

    def __init__(self, session: Session | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session or Session()
        self._history = History()
        self._pauses = Pauses(self)
        self._pause: int | None = None
        self._pauses.over.connect(self.finish_gesture)
        self._metadata: ModelMetadata | None = None
        self._random = random.Random()

    @property
    def session(self) -> Session:
        """The state now."""
        return self._session

    @property
    def metadata(self) -> ModelMetadata | None:
        """What the model says of itself, None until one is open."""
        return self._metadata

    @property
    def can_undo(self) -> bool:
        """Whether there is a gesture to undo."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a gesture to redo."""
        return self._history.can_redo

    @property
    def macro_defaults(self) -> dict[str, float]:
        """Where the model's macros stand until they are moved."""
        return self._metadata.macro_defaults if self._metadata is not None else {}

    def edit(self, gesture: str | None = None, **changes: Any) -> None:
        """Change fields of the session as a step for undo; steps of one gesture are undone together."""
        if gesture is not None:
            self._pauses.note(gesture, self._pause)
        after = replace(self._session, **changes)
        if after != self._session:
            self._history.record(parts_of(self._session), parts_of(after), gesture)
            self._become(after)

    def finish_gesture(self, *gestures: str) -> None:
        """The hand is off these controls, or without any off all: the next step is undone on its own."""
        self._pauses.forget(*gestures)
        for gesture in gestures or (None,):
            self._history.close(gesture)

    @contextmanager
    def unheld(self, pause_ms: int | None = PAUSE_MS) -> Iterator[None]:
        """No hand holds what moves within, and tells when it is off: a gesture ends by a pause of its steps.

        Args:
            pause_ms: how long it is; None: whoever steps tells the end.
        """
        before, self._pause = self._pause, pause_ms
        try:
            yield
        finally:
            self._pause = before

    def move_to(self, x: float, y: float, gesture: str | None = "move") -> None:
        """Move the puck; positions are held within the pad."""
        self.edit(gesture, x=min(max(x, -1.0), 1.0), y=min(max(y, -1.0), 1.0))

    def follow(self, x: float, y: float) -> None:
        """Move the puck by a running morph or path: no step of its own for undo."""
        self._become(replace(self._session, x=min(max(x, -1.0), 1.0), y=min(max(y, -1.0), 1.0)))

    def set_macro(self, name: str, value: float) -> None:
        """Move a macro."""
        self.edit(f"macro {name}", macros={**self._session.macros, name: value})

    def set_tempo(self, bpm: float, gesture: str = "tempo") -> None:
        """Set the tempo, held within the engine's range."""
        self.edit(gesture, bpm=min(max(bpm, MIN_BPM), MAX_BPM))

    def set_swing(self, percent: float) -> None:
        """Set the swing, held within the engine's range."""
        self.edit("swing", swing=min(max(percent, STRAIGHT), MOST))

    def set_metronome(self, metronome: Metronome) -> None:
        """Where to click on every beat, if anywhere (not undone by undo)."""
        self._become(replace(self._session, metronome=metronome))

    def lead(self, bpm: float, playing: bool) -> None:
        """Others have set the tempo, started or stopped: no step for undo."""
        bpm = min(max(bpm, MIN_BPM), MAX_BPM)
        self._become(replace(self._session, bpm=bpm, playing=playing))

    def set_volume(self, db: float) -> None:
        """Set the volume in dB."""
        self.edit("volume", volume=min(max(db, -60.0), 6.0))

    def set_playing(self, playing: bool) -> None:
        """Start or stop the transport (not undone by undo)."""
        self._become(replace(self._session, playing=playing))

    def toggle_playing(self) -> None:
        """Start when stopped, stop when playing."""
        self.set_playing(not self._session.playing)

    def go_to(self, place: Snapshot, gesture: str | None, **also: Any) -> None:
        """Be at a place, with its macros and what it holds, as far as the model has them.

        A session holds one group. Where a place holds two, as on the way from the one to the other, the puck
        moves the first one instead, which is the same where there are no more groups than these.
        """
        if self._metadata is not None:
            place = place.fitting(self._metadata.macro_defaults, self._metadata.latent_groups)
        lock, held, puck = None, None, place
        if place.holds:
            (*_, (lock, held)), (puck, *rest) = place.holds.items(), place.holds.values()
            puck = puck if rest else place
        self.edit(gesture, x=puck.x, y=puck.y, macros=dict(puck.macros), lock=lock, held=held, **also)

    def store_snapshot(self, slot: int) -> None:
        """Keep this place in a slot, 1 to 9."""
        if slot in SLOTS:
            self.edit(None, snapshots={**self._session.snapshots, slot: self._session.place})

    def clear_snapshot(self, slot: int) -> None:
        """Empty a slot."""
        self.edit(None, snapshots={k: v for k, v in self._session.snapshots.items() if k != slot})

    def random_position(self) -> tuple[float, float]:
        """Anywhere on the pad."""
        return self._random.uniform(-1, 1), self._random.uniform(-1, 1)

    def mutated_position(self, spread: float | None = None) -> tuple[float, float]:
        """Somewhere near: a normal step of `spread` (else the session's `mutation`) a side, held within the
        pad."""
        s = self._session
        x, y = (v + self._random.gauss(0, s.mutation if spread is None else spread) for v in (s.x, s.y))
        return min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0)

    def set_lock(self, group: str | None) -> None:
        """Keep a latent group where it is while the puck moves the rest; two groups swap their pucks."""
        s = self._session
        here = Snapshot(s.x, s.y, dict(s.macros))
        if group == s.lock:
            return
        if group is None:
            self.edit(None, lock=None, held=None)
        elif s.lock is None or s.held is None:
            self.edit(None, lock=group, held=here)
        else:
            self.edit(None, lock=group, held=here, x=s.held.x, y=s.held.y)

    def move_held(self, x: float, y: float) -> None:
        """Move the puck of the group that is kept."""
        held = self._session.held
        if held is not None:
            x, y = (min(max(v, -1.0), 1.0) for v in (x, y))
            self.edit("move held", held=replace(held, x=x, y=y))

    def pin(self, corner: int, name: str, z: tuple[float, ...]) -> None:
        """Pin a loop to a corner of the pad: from then on the pad lies between its four corners."""
        self.edit(None, corners={**self._session.corners, corner: Corner(name, z)})

    def shape(self, gesture: str | None, **changes: Any) -> None:
        """Change settings of the sound shaping."""
        self.edit(gesture, shaping=replace(self._session.shaping, **changes))

    def toggle_step(self, step: int) -> None:
        """Mute the slice on a step of the loop's 16th grid, or let it be heard again."""
        self.shape(None, muted_steps=tuple({step}.symmetric_difference(self._session.shaping.muted_steps)))

    def toggle_stem(self, setting: str, voice: str) -> None:
        """Put a voice among `muted_stems` or `solo_stems`, or take it out again."""
        now: tuple[str, ...] = getattr(self._session.shaping, setting)
        self.shape(None, **{setting: tuple({voice}.symmetric_difference(now))})

    def store_end(self, end: str) -> None:
        """Keep this place as end `a` or `b` of the morph slider, and put the slider there."""
        self.edit(None, **{end: self._session.place, "mix": 0.0 if end == "a" else 1.0})

    def undo(self) -> None:
        """Go back one gesture, in what it has changed."""
        self._restore(self._history.undo(parts_of(self._session)))

    def redo(self) -> None:
        """Go forth one gesture, in what it had changed."""
        self._restore(self._history.redo(parts_of(self._session)))

    def beside_own_loops(self, loops: list[OwnLoop]) -> tuple[OwnLoop, tuple[OwnLoop, ...]]:
        """Find places for encoded loops beside those that are there; one of the same name moves.

        Returns:
            The first of them, and all own loops with them, to be set.
        """
        names = {loop.name for loop in loops}
        kept = [loop for loop in self._session.own_loops if loop.name not in names]
        placed = apart(loops, kept)
        return placed[0], tuple([*kept, *placed][-MAX_OWN_LOOPS:])

    def add_own_loops(self, loops: list[OwnLoop], corner: int | None = None) -> None:
        """Keep encoded loops, and pin the first one to a corner where it is given, as one step."""
        first, own = self.beside_own_loops(loops)
        corners = self._session.corners
        if corner is not None:
            corners = {**corners, corner: Corner(first.name, first.z)}
        self.edit(None, own_loops=own, corners=corners)

    def set_path(self, path: tuple[tuple[float, float, float], ...], beats: float) -> None:
        """Keep a recorded gesture and start to play it."""
        self.edit(None, path=path, path_beats=beats)
        self.set_path_playing(bool(path))

    def set_path_playing(self, playing: bool) -> None:
        """Start or stop the recorded gesture (not undone by undo)."""
        self._become(replace(self._session, path_playing=playing and bool(self._session.path)))

    def set_chain(self, places: tuple[tuple[float, float], ...]) -> None:
        """Let these places be the chain; without any there is nothing to play."""
        self.edit(None, chain=places)

    def set_chaining(self, chaining: bool) -> None:
        """Play the chain instead of the puck's place, or no longer (not undone by undo)."""
        self._become(replace(self._session, chaining=chaining and bool(self._session.chain)))

    def describe(self, metadata: ModelMetadata, model: str | None) -> None:
        """Another model is in use: forget macros and locks that it lacks, and steps that led elsewhere."""
        first = self._metadata is None
        self._metadata = metadata
        session = self._session
        if not first:
            self._history.clear()
        self.described.emit(metadata)
        fitting = _fitting(session, metadata)
        if model != session.model:  # in another model latents mean something else
            fitting = replace(fitting, own_loops=(), corners={})
        self._become(replace(fitting, model=model))

    def restore(self, session: Session) -> None:
        """Take over a session that was saved, as one step for undo; whether it sounds stays as it is."""
        if self._metadata is not None:
            session = _fitting(session, self._metadata)
        kept = {name: getattr(self._session, name) for name in KEPT_BY_UNDO}
        self.edit(None, **{**vars(session), **kept})

    def _restore(self, parts: Parts | None) -> None:
        if parts is not None:
            self._become(with_parts(self._session, parts))

    def _become(self, after: Session) -> None:
        before = self._session
        if before.chaining and (before.x, before.y) != (after.x, after.y):
            after = replace(after, chaining=False)  # whoever moves the puck wants to hear it
        elif after.chaining and not after.chain:
            after = replace(after, chaining=False)  # by undo
        if after.path_playing and not after.path:
            after = replace(after, path_playing=False)  # by undo
        self._session = after
        if after != before:
            self.changed.emit(before, after)


def _fitting(session: Session, metadata: ModelMetadata) -> Session:
    """A session without the macros and the lock that a model lacks."""
    names = {m["name"] for m in metadata.values.get("macros", ())}
    lock = session.lock if session.lock in metadata.latent_groups else None
    return replace(session, lock=lock, held=session.held if lock else None,
                   macros={name: value for name, value in session.macros.items() if name in names})
