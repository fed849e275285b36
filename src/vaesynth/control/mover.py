"""Movements of the pad that run by themselves, where there is no window: morphs, and a path that repeats."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import RLock

from ..engine import Engine
from ..errors import SettingError
from ..repeating import Repeating
from ..session import Session, Snapshot
from ..session.motion import Morph, PathRecording, position_at

FRAME_SECONDS, IDLE_SECONDS = 1 / 60, 0.05


class Mover:
    """Runs morphs and paths in beats, and records paths.

    While the transport runs its beats are counted, so that a path stays where it is in the bar; else the time
    that passes. The thread begins with the first movement.

    Args:
        engine: tells the beats.
        lock: held while `here`, `go` and any method are called.
        here: gives the place now.
        go: goes to a place at once.
        kept: the path, its speed, and the time of a morph, as they were left.

    Attributes:
        morph_beats: time of a morph, 0 jumps.
        path_speed: 1 as recorded.
    """

    def __init__(self, engine: Engine, lock: RLock, here: Callable[[], Snapshot],
                 go: Callable[[Snapshot], None], kept: Session) -> None:
        self.morph_beats, self.path_speed = kept.morph_beats, kept.path_speed
        self._path, self._path_beats = kept.path, kept.path_beats
        self._engine, self._lock, self._here, self._go = engine, lock, here, go
        self._morph: Morph | None = None
        self._recording: PathRecording | None = None
        self._path_plays = False
        self._path_beat = 0.0
        self._seen = (0.0, 0.0)
        self._thread: Repeating | None = None

    def go_to(self, target: Snapshot, most_beats: float = float("inf")) -> None:
        """Morph to a place, within the set time or less; the path rests."""
        beats = min(self.morph_beats, most_beats)
        self.rest()
        if beats <= 0:
            self._go(target)
        else:
            self._morph = Morph(self._here(), target, beats)
            self._run()

    def stop(self) -> None:
        """End a morph where it is."""
        self._morph = None

    def rest(self) -> None:
        """Let nothing move by itself any more."""
        self._morph, self._path_plays = None, False

    def play_path(self, on: bool) -> None:
        """Play the recorded path, or let it rest.

        Raises:
            SettingError: there is none.
        """
        if on and not self._path:
            raise SettingError("path is empty, expected one that was recorded (path/record)")
        self._path_plays = on
        self._run()

    def record_path(self, on: bool) -> None:
        """Record where the pad goes; at the end keep it, and repeat it in whole beats."""
        if on and self._recording is None:
            self._morph, self._path_plays = None, False
            self._recording = PathRecording()
            self._note(0.0)
            self._run()
        elif not on and self._recording is not None:
            recorded, self._recording = self._recording.path(), None
            if recorded is not None:
                (self._path, self._path_beats), self._path_beat = recorded, 0.0
                self.play_path(True)

    def close(self) -> None:
        """End the thread."""
        if self._thread is not None:
            self._thread.close()

    def advance(self, beats: float) -> None:
        """Move on by so many beats."""
        if self._recording is not None:
            self._note(beats)
        if self._morph is not None:
            morph = self._morph
            morph.gone += beats
            if morph.ended:
                self._morph = None
            self._go(morph.place(self._engine.metadata.macro_defaults))
        elif self._path_plays and self._recording is None:
            self._path_beat += beats * self.path_speed
            x, y = position_at(self._path, self._path_beats, self._path_beat)
            self._go(replace(self._here(), x=x, y=y))

    def _note(self, beats: float) -> None:
        here = self._here()
        assert self._recording is not None
        self._recording.note(beats, here.x, here.y)

    @property
    def _moves(self) -> bool:
        return self._morph is not None or self._recording is not None or self._path_plays

    def _run(self) -> None:
        self._seen = self._clocks()
        if self._thread is None:
            self._thread = Repeating("vaesynth-mover", self._round)

    def _clocks(self) -> tuple[float, float]:
        """Where the transport is, in beats, and the time."""
        transport = self._engine.transport
        return transport.position_heard(transport.report()), time.monotonic()

    def _round(self) -> float:
        with self._lock:
            if not self._moves:
                return IDLE_SECONDS
            (before, then), self._seen = self._seen, self._clocks()
            position, now = self._seen
            transport = self._engine.transport
            # A start from the top takes nothing back.
            self.advance(max(0.0, position - before) if transport.playing
                         else (now - then) * transport.bpm / 60)
        return FRAME_SECONDS
