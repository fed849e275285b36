# SPDX-License-Identifier: GPL-3.0-or-later
"""Movements that run by themselves: a morph to a place, a recorded path that repeats."""

from typing import Any

from PyQt6.QtCore import QElapsedTimer, QObject, QTimer, pyqtSignal

from vaesynth.session import Snapshot
from vaesynth.session.motion import Morph, PathRecording, position_at

from .instrument import Instrument

FRAME_MS = 16


class Motion(QObject):
    """Runs morphs and paths in beats, records paths; any hand on the pad ends a morph and suspends a path.

    Whoever changes what is held ends a morph, too.

    While the transport runs, its beats are counted, so that a path stays where it is in the bar for hours,
    whatever the tempo does and however long the window stalls; else the time that passes.

    Signals:
        recording_changed: a path is being recorded or not.
    """

    recording_changed = pyqtSignal(bool)

    def __init__(self, instrument: Instrument, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument = instrument
        self._morph: Morph | None = None
        self._morph_holds: tuple[str | None, Snapshot | None] = None, None
        self._path_beat = 0.0
        self._recording: PathRecording | None = None
        self._held = False
        self._position: float | None = None
        self._gone = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._on_time)
        instrument.changed.connect(lambda before, after: self._run())

    @property
    def recording(self) -> bool:
        """Whether a path is being recorded."""
        return self._recording is not None

    @property
    def morphing(self) -> bool:
        """Whether a morph is on its way."""
        return self._morph is not None

    def go_to(self, target: Snapshot, beats: float, **also: Any) -> None:
        """Morph to a place within `beats`; 0 jumps. Other fields are set at once; all is one undo step.

        That leaves the chain, and the path rests.
        """
        self.stop()
        self._instrument.set_chaining(False)
        self._instrument.set_path_playing(False)
        if beats <= 0:
            self._instrument.go_to(target, "morph", **also)
            self.stop()
        else:
            self._instrument.edit("morph", **also)
            self._morph = Morph(self._instrument.session.place, target, beats)
            self._morph_holds = self._holds()
            self._run()

    def stop(self) -> None:
        """End a morph where it is."""
        self._morph = None
        self._instrument.finish_gesture("morph")

    def hold(self, held: bool) -> None:
        """The hand is on the pad, or off it."""
        self._held = held
        if held:
            self.stop()
        self._run()

    def toggle_recording(self) -> None:
        """Start to record where the puck goes; the second time, keep it and repeat it in whole beats."""
        if self._recording is None:
            self.stop()
            self._instrument.set_path_playing(False)
            self._recording = PathRecording()
            self._note(0.0)
        else:
            self._note(0.0)
            recorded, self._recording = self._recording.path(), None
            if recorded is not None:
                self._path_beat = 0.0
                self._instrument.set_path(*recorded)
        self.recording_changed.emit(self.recording)
        self._run()

    def hear(self, position: float | None) -> None:
        """Where the transport is in beats, as heard; None while it stands."""
        if position is not None and self._position is not None:
            self._gone += max(0.0, position - self._position)  # a start from the top takes nothing back
        elif position is None:
            self._gone = 0.0
        self._position = position

    def advance(self, seconds: float) -> None:
        """Move on by a time, or by what the transport has gone since the last call."""
        beats = seconds * self._instrument.session.bpm / 60
        if self._position is not None:
            beats, self._gone = self._gone, 0.0
        if self._recording is not None:
            self._note(beats)
        if self._morph is not None:
            self._advance_morph(self._morph, beats)
        elif self._instrument.session.path_playing and not self._held and self._recording is None:
            session = self._instrument.session
            self._path_beat += beats * session.path_speed
            self._instrument.follow(*position_at(session.path, session.path_beats, self._path_beat))

    def _advance_morph(self, morph: Morph, beats: float) -> None:
        if self._holds() != self._morph_holds:
            self.stop()
            return
        morph.gone += beats
        self._instrument.go_to(morph.place(self._instrument.macro_defaults), "morph")
        self._morph_holds = self._holds()
        if morph.ended:
            self.stop()

    def _holds(self) -> tuple[str | None, Snapshot | None]:
        """What is held now, by a morph or by hand."""
        return self._instrument.session.lock, self._instrument.session.held

    def _note(self, beats: float) -> None:
        session = self._instrument.session
        assert self._recording is not None
        self._recording.note(beats, session.x, session.y)

    def _run(self) -> None:
        """Let the clock run as long as something moves."""
        path = self._instrument.session.path_playing and not self._held
        if self._morph is not None or self._recording is not None or path:
            if not self._timer.isActive():
                self._gone = 0.0
                self._clock.start()
                self._timer.start()
        else:
            self._timer.stop()

    def _on_time(self) -> None:
        # A stall of the window must not become a leap of the puck.
        self.advance(min(self._clock.restart() / 1000, 0.1))
        self._run()
