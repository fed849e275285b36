"""The engine as a surface: names and numbers become calls of it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..engine import Engine
from ..errors import SettingError
from ..metadata import ModelMetadata
from ..metronome import Metronome
from ..session import Snapshot
from ..shaping.settings import MAY_BE_OFF, RANGES
from ..tempo import Quantise, TempoMode
from .parameters import Form, Parameter, find, table

MORE_THAN_OPEN = {"high_cut": 1}
"""Which end of its range switches a shaping off that may be off: 1 the upper, 0 (the rest) the lower."""


class Performer:
    """Plays an engine that has no window (a `Surface`).

    Args:
        engine: what is played.
        snapshots: to begin with, by slot.
    """

    def __init__(self, engine: Engine, snapshots: Mapping[int, Snapshot] | None = None) -> None:
        self._engine = engine
        self._lock = threading.RLock()
        self._snapshots = dict(snapshots or {})
        self._x = self._y = 0.0
        self._macros: dict[str, float] = {}
        self._metadata: ModelMetadata | None = None
        self._parameters: dict[str, Parameter] = {}

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All that can be set now."""
        with self._lock:
            metadata = self._engine.metadata
            if metadata is not self._metadata:
                self._metadata, self._parameters, self._macros = metadata, table(metadata), {}
            return self._parameters

    def set(self, name: str, value: float) -> None:
        """Set a parameter.

        Raises:
            SettingError: there is none of this name, or the value is no finite number.
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
            self._x, self._y = self._place(x, y)
            self._engine.move_to(self._x, self._y)

    def move_group(self, group: str, x: float, y: float) -> None:
        """Take one latent group from a pad position of its own, until it is unlocked."""
        with self._lock:
            named = find(self.parameters, f"lock/{group}").of
            self._engine.hold_group(named, True, self._place(x, y))

    def set_latent(self, z: Sequence[float]) -> None:
        """Play an exact latent."""
        self._engine.move_to_latent(z)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return self.parameters["x"].held(x), self.parameters["y"].held(y)

    def _set_fixed(self, name: str, value: float) -> None:
        engine, transport = self._engine, self._engine.transport
        match name:
            case "x":
                self.move_to(value, self._y)
            case "y":
                self.move_to(self._x, value)
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
        engine = self._engine
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
                self._snapshots[int(slot)] = Snapshot(self._x, self._y, dict(self._macros))
            case "snapshot":
                self._recall(int(slot))

    def _set_part(self, name: str, parameter: Parameter, value: float) -> None:
        engine, verb = self._engine, name.partition("/")[0]
        match verb:
            case "macro":
                self._macros[parameter.of] = value
                engine.set_macro(parameter.of, value)
            case "lock":
                engine.hold_group(parameter.of, bool(value))
            case "mute" | "solo":
                field = "muted_stems" if verb == "mute" else "solo_stems"
                others = set(getattr(engine.shaping, field)) - {parameter.of}
                self._reshape({field: tuple(others | ({parameter.of} if value else set()))})
            case "shape":
                self._shape(name.partition("/")[2], value)

    def _shape(self, name: str, value: float) -> None:
        end = RANGES[name][MORE_THAN_OPEN.get(name, 0)]
        off = name in MAY_BE_OFF and value == end
        self._reshape({name: None if off else value})

    def _reshape(self, changes: dict[str, Any]) -> None:
        self._engine.set_shaping(replace(self._engine.shaping, **changes))

    def _recall(self, slot: int) -> None:
        snapshot = self._snapshots.get(slot)
        if snapshot is None:
            raise SettingError(f"snapshot is {slot}, expected one that was stored")
        for name, value in snapshot.macros.items():
            known = [p.name for p in self.parameters.values() if p.of == name and p.name.startswith("macro/")]
            if known:
                self.set(known[0], value)
        self.move_to(snapshot.x, snapshot.y)
