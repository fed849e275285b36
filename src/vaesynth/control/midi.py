"""MIDI in: notes play the loop or its slices; knobs and notes move what they are bound to, and are learnt."""

import contextlib
import threading
from collections.abc import Callable, Sequence

from ..errors import VaesynthError
from .mapping import CONTROL_CHANGE, Binding, Kind, Knob, Mapping, moved_knob
from .parameters import Form, find
from .settings import Notes
from .surface import Surface

SOUND_OFF, NOTES_OFF = 120, 123
Slice = Callable[[int, float], None]
"""Called with the number of a slice, from 0, and how hard it was played, 0 to 1."""


class MidiInput:
    """Turns messages into calls of a surface. `receive` may be called from any one thread.

    Args:
        surface: what is played.
        play_slice: plays a slice.
        learnt: told the binding, from the thread of `receive`, when a knob or note was learnt.

    Attributes:
        channel: the channel that is heard, 1 to 16; 0 hears all.
        notes: what notes do that are bound to nothing.
        first_note: the note that plays slice 1.
        mapping: which knob or note moves what.
        heard: messages that did something.
        fault: why the last message did nothing, else None.
    """

    def __init__(self, surface: Surface, play_slice: Slice,
                 learnt: Callable[[Binding], None] = lambda binding: None) -> None:
        self.channel = 0
        self.notes = Notes.OFF
        self.first_note = 36
        self.mapping = Mapping()
        self.heard = 0
        self.fault: str | None = None
        self._surface, self._play_slice, self._learnt = surface, play_slice, learnt
        self._lock = threading.Lock()
        self._learning: str | None = None
        self._held: set[Knob] = set()
        self._held_bound: set[Knob] = set()
        self._last: dict[str, float] = {}

    def learn(self, parameter: str | None) -> None:
        """Bind the next knob that is moved, or note that is struck, to a parameter; None learns no longer."""
        with self._lock:
            self._learning = parameter

    @property
    def learning(self) -> str | None:
        """The parameter that waits for its knob or note."""
        return self._learning

    def receive(self, message: Sequence[int], now: float = 0.0) -> None:
        """A message came."""
        if not message or not 0x80 <= message[0] < 0xF0:
            return
        kind, channel = message[0] & 0xF0, (message[0] & 0x0F) + 1
        if self.channel not in (0, channel):
            return
        try:
            if kind == CONTROL_CHANGE and len(message) == 3 and message[1] in (SOUND_OFF, NOTES_OFF):
                self.release()
            elif (moved := moved_knob(message)) is not None:
                (self._note if moved[0].kind is Kind.NOTE else self._move)(*moved)
        except VaesynthError as e:
            self.fault = str(e)

    def forget(self) -> None:
        """No note is held any more, whatever was heard of them: after a panic."""
        self._held.clear()

    def release(self) -> None:
        """Take all notes for let go."""
        bound, self._held_bound = self._held_bound, set()
        for note in bound:
            with contextlib.suppress(VaesynthError):  # what it is bound to may be another instrument's
                self._move(note, 0.0)
        if self._held:
            self._held.clear()
            self._surface.set("stop", 1)

    def _note(self, note: Knob, velocity: float) -> None:
        """A note of its real channel was struck (0 to 1 hard) or let go (0)."""
        if self.mapping.moved_by(note) or (velocity and self.learning is not None):
            (self._held_bound.add if velocity else self._held_bound.discard)(note)
            if not velocity and note in self._held:  # struck for the gate, and bound since
                self._gate(note, velocity)
            self._move(note, velocity)
        elif self.notes is Notes.SLICES and velocity:
            if note.number >= self.first_note:
                self._play_slice(note.number - self.first_note, velocity)
                self.heard += 1
        elif self.notes is Notes.GATE:
            self._gate(note, velocity)

    def _gate(self, note: Knob, velocity: float) -> None:
        before = bool(self._held)
        (self._held.add if velocity else self._held.discard)(note)
        if bool(self._held) != before:
            self._surface.set("play", float(not before))
            self.heard += 1

    def _move(self, knob: Knob, position: float) -> None:
        learning = None
        if knob.kind is not Kind.NOTE or position:  # a note that is let go was struck for something else
            with self._lock:
                learning, self._learning = self._learning, None
        if learning is not None:
            binding = Binding(knob, learning)
            self.mapping = self.mapping.bound(binding)
            self._learnt(binding)
        for binding in self.mapping.moved_by(knob):
            self._set(binding, position)

    def _set(self, binding: Binding, position: float) -> None:
        parameter = find(self._surface.parameters, binding.parameter)
        note = binding.knob.kind is Kind.NOTE
        if note and parameter.form in (Form.SWITCH, Form.PUSH):
            position = float(position > 0)  # however soft it was struck
        elif note and not position:
            return  # what was set by how hard it was struck stays
        value = parameter.held(binding.value(position, parameter.low, parameter.high))
        # A knob sends many values on its way; a switch or a push is meant once, when its state is another.
        if parameter.form is not Form.NUMBER:
            before, self._last[binding.parameter] = self._last.get(binding.parameter, -1.0), value
            if value == before and not note:
                return
        self._surface.set(binding.parameter, value)
        self.heard += 1
