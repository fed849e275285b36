"""The engine as a surface: names and numbers become calls of it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..engine import Engine
from ..metadata import ModelMetadata
from ..metronome import Metronome
from ..recordings import new_file
from ..session import Session
from ..shaping.settings import MAY_BE_OFF, RANGES
from ..tempo import Quantise, TempoMode
from .parameters import BARS, Form, Parameter, find, table
from .places import Places

MORE_THAN_OPEN = {"high_cut": 1}
"""Which end of its range switches a shaping off that may be off: 1 the upper, 0 (the rest) the lower."""


class Performer:
    """Plays an engine that has no window (a `Surface`).

    Args:
        engine: what is played.
        kept: the session whose snapshots, ends and path are there to begin with.
    """

    def __init__(self, engine: Engine, kept: Session | None = None) -> None:
        self._engine = engine
        self._lock = threading.RLock()
        self._places = Places(engine, self._lock, kept or Session())
        self._metadata: ModelMetadata | None = None
        self._parameters: dict[str, Parameter] = {}

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All that can be set now."""
        with self._lock:
            metadata = self._engine.metadata
            if metadata is not self._metadata:
                self._metadata, self._parameters = metadata, table(metadata)
                self._places.forget_macros()
            return self._parameters

    def set(self, name: str, value: float) -> None:
        """Set a parameter.

        Raises:
            SettingError: there is none of this name, or the value is no finite number.
            OutputError: no recording can be written.
        """
        with self._lock:
            parameter = find(self.parameters, name)
            held = parameter.held(value)
            if parameter.form is Form.PUSH:
                if held:
                    self._push(name)
            elif "/" in name:
                self._set_part(name, parameter, held)
            else:
                self._set_fixed(name, held)

    def move_to(self, x: float, y: float) -> None:
        """Move the pad."""
        with self._lock:
            self._places.move_to(*self._place(x, y))

    def move_group(self, group: str, x: float, y: float) -> None:
        """Take one latent group from a pad position of its own, until it is unlocked."""
        with self._lock:
            named = find(self.parameters, f"lock/{group}").of
            self._places.hold(named, True, self._place(x, y))

    def set_latent(self, z: Sequence[float]) -> None:
        """Play an exact latent."""
        self._engine.move_to_latent(z)

    def chain(self, places: Sequence[tuple[float, float]]) -> None:
        """Play positions of the pad as a sequence of bars, until the pad moves."""
        with self._lock:
            self._places.set_chain([self._place(x, y) for x, y in places])

    def play_slice(self, number: int, velocity: float = 1.0) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard."""
        self._engine.play_slice(number, velocity)

    def close(self) -> None:
        """End what moves by itself."""
        self._places.mover.close()

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return self.parameters["x"].held(x), self.parameters["y"].held(y)

    def _set_fixed(self, name: str, value: float) -> None:
        engine, transport, places = self._engine, self._engine.transport, self._places
        match name:
            case "x":
                places.move_to(value, places.here.y)
            case "y":
                places.move_to(places.here.x, value)
            case "mix":
                places.mix(value)
            case "freeze":
                places.freeze(bool(value))
            case "morph":
                places.mover.morph_beats = value
            case "path":
                places.mover.play_path(bool(value))
            case "chain":
                places.play_chain(bool(value))
            case "bars":
                engine.set_bars(BARS[int(value)])
            case "record":
                self._record(bool(value))
            case "tempo":
                engine.set_tempo(value)
            case "nudge":
                transport.nudge(value)
            case "swing":
                transport.set_swing(value)
            case "volume":
                engine.set_volume(value)
            case "play":
                if value:
                    engine.play()
                else:
                    engine.stop()
            case "quantise":
                engine.set_quantise(tuple(Quantise)[int(value)])
            case "mode":
                engine.set_tempo_mode(tuple(TempoMode)[int(value)])
            case "metronome":
                transport.set_metronome(tuple(Metronome)[int(value)])

    def _push(self, name: str) -> None:
        engine, places = self._engine, self._places
        verb, _, slot = name.partition("/")
        match verb:
            case "tap":
                engine.transport.tap()
            case "continue":
                engine.play(from_start=False)
            case "stop":
                engine.stop()
            case "panic":
                engine.transport.panic()
            case "store":
                places.store(slot)
            case "snapshot":
                places.recall(slot)
            case "chain" if slot == "add":
                places.add_to_chain()
            case "chain":
                places.clear_chain()
            case "jump":
                places.jump()
            case "mutate":
                places.mutate()
            case "centre":
                places.centre()

    def _set_part(self, name: str, parameter: Parameter, value: float) -> None:
        engine, mover = self._engine, self._places.mover
        verb, _, part = name.partition("/")
        match verb:
            case "path" if part == "record":
                mover.record_path(bool(value))
            case "path":
                mover.path_speed = value
            case "macro":
                self._places.set_macro(parameter.of, value)
            case "lock":
                self._places.hold(parameter.of, bool(value))
            case "mute" | "solo":
                field = "muted_stems" if verb == "mute" else "solo_stems"
                others = set(getattr(engine.shaping, field)) - {parameter.of}
                self._reshape({field: tuple(others | ({parameter.of} if value else set()))})
            case "mute_step":
                steps = set(engine.shaping.muted_steps) - {int(part) - 1}
                self._reshape({"muted_steps": tuple(steps | ({int(part) - 1} if value else set()))})
            case "shape":
                self._shape(part, value)

    def _shape(self, name: str, value: float) -> None:
        end = RANGES[name][MORE_THAN_OPEN.get(name, 0)]
        off = name in MAY_BE_OFF and value == end
        self._reshape({name: None if off else value})

    def _reshape(self, changes: dict[str, Any]) -> None:
        self._engine.set_shaping(replace(self._engine.shaping, **changes))

    def _record(self, on: bool) -> None:
        recording = self._engine.recording
        if not on:
            recording.stop()
        elif not recording.status().recording:
            recording.start(new_file())
