# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as what notes, knobs and OSC messages play: what they do is seen, kept, and can be undone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from vaesynth.control.parameters import BARS, Form, Parameter, find, table
from vaesynth.errors import SettingError
from vaesynth.metronome import Metronome
from vaesynth.shaping.settings import MAY_BE_OFF, RANGES
from vaesynth.tempo import Quantise, TempoMode

from .bridge import EngineBridge
from .chaining import Chaining
from .gestures import Gestures
from .state.instrument import Instrument
from .taping import Taping
from .window_parameters import ONLY_HERE, set_parameter


class WindowSurface(QObject):
    """A `vaesynth.control.surface.Surface`: any thread may call it, and Qt's does what it says."""

    _asked = pyqtSignal(object)

    def __init__(self, instrument: Instrument, gestures: Gestures, chaining: Chaining,
                 bridge: EngineBridge, taping: Taping, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._instrument, self._gestures, self._chaining = instrument, gestures, chaining
        self._bridge, self._taping = bridge, taping
        self._parameters: Mapping[str, Parameter] = {}
        self._asked.connect(self._act_now)
        instrument.described.connect(self._describe)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All that can be set now."""
        return self._parameters

    def set(self, name: str, value: float) -> None:
        """Set a parameter.

        Raises:
            SettingError: there is none of this name, or the value is no finite number.
        """
        parameter = find(self._parameters, name)
        held = parameter.held(value)
        if parameter.form is not Form.PUSH or held:
            self._later(lambda: self._set(parameter, held))

    def move_to(self, x: float, y: float) -> None:
        """Move the pad."""
        x, y = self._place(x, y)
        self._later(lambda: self._move_to(x, y))

    def move_group(self, group: str, x: float, y: float) -> None:
        """Take one latent group from a pad position of its own, until it is unlocked."""
        named = find(self._parameters, f"lock/{group}").of
        x, y = self._place(x, y)

        def act() -> None:
            self._instrument.set_lock(named)
            self._instrument.move_held(x, y)
        self._later(act)

    def set_latent(self, z: Sequence[float]) -> None:
        """Play an exact latent, until the pad is moved.

        Raises:
            SettingError: the model's has another length.
        """
        metadata = self._instrument.metadata
        if metadata is None or len(z) != metadata.latent_dim:
            raise SettingError(f"latent has {len(z)} numbers, expected as many as the model's latent has")
        def act() -> None:
            self._instrument.set_chaining(False)
            self._bridge.play_latent(z)
        self._later(act)

    def chain(self, places: Sequence[tuple[float, float]]) -> None:
        """Play positions of the pad as a sequence of bars, until the pad moves."""
        held = [self._place(x, y) for x, y in places]
        self._later(lambda: self._chaining.play(held))

    def play_slice(self, number: int, velocity: float = 1.0) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard."""
        self._bridge.play_slice(number, velocity)

    def _later(self, act: Callable[[], None]) -> None:
        self._asked.emit(act)

    def _act_now(self, act: Callable[[], None]) -> None:
        with self._instrument.unheld():
            act()

    def _move_to(self, x: float, y: float) -> None:
        self._gestures.rest()
        self._instrument.move_to(x, y)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return find(self._parameters, "x").held(x), find(self._parameters, "y").held(y)

    def _describe(self, metadata: Any) -> None:
        self._parameters = {**table(metadata), **{p.name: p for p in ONLY_HERE}}

    def _set(self, parameter: Parameter, value: float) -> None:
        instrument, session = self._instrument, self._instrument.session
        if parameter in ONLY_HERE:
            set_parameter(parameter.name, value, instrument, self._gestures)
            return
        verb, _, part = parameter.name.partition("/")
        match verb:
            case "x":
                self._move_to(value, session.y)
            case "y":
                self._move_to(session.x, value)
            case "tempo":
                instrument.set_tempo(value)
            case "swing":
                instrument.set_swing(value)
            case "volume":
                instrument.set_volume(value)
            case "quantise":
                instrument.edit(None, quantise=tuple(Quantise)[int(value)])
            case "mode":
                instrument.edit(None, tempo_mode=tuple(TempoMode)[int(value)])
            case "metronome":
                instrument.set_metronome(tuple(Metronome)[int(value)])
            case "bars":
                instrument.edit(None, bars=BARS[int(value)])
            case "morph":
                instrument.edit("morph time", morph_beats=value)
            case "path" if part == "speed":
                instrument.edit("path speed", path_speed=value)
            case "macro":
                instrument.set_macro(parameter.of, value)
            case "lock":
                if value or session.lock == parameter.of:
                    instrument.set_lock(parameter.of if value else None)
            case "mute" | "solo":
                setting = "muted_stems" if verb == "mute" else "solo_stems"
                self._switch_voice(setting, parameter.of, bool(value))
            case "mute_step":
                step = int(part) - 1
                if (step in session.shaping.muted_steps) != bool(value):
                    instrument.toggle_step(step)
            case "shape":
                # The open end of a cut, and the quiet one of the loudness, switch it off.
                off = part in MAY_BE_OFF and value == RANGES[part][part == "high_cut"]
                instrument.shape(part, **{part: None if off else value})
            case _:
                self._act(verb, part, value)

    def _act(self, verb: str, part: str, value: float) -> None:
        """What is no setting but happens once."""
        instrument, gestures = self._instrument, self._gestures
        match verb:
            case "play":
                instrument.set_playing(bool(value))
            case "continue":
                self._bridge.go_on()
            case "stop":
                instrument.set_playing(False)
            case "panic":
                self._bridge.panic()
                instrument.set_metronome(Metronome.OFF)
                instrument.set_playing(False)
            case "tap":
                gestures.tap()
            case "nudge":
                gestures.nudge(value)
            case "snapshot":
                gestures.recall(int(part))
            case "store" if part in ("a", "b"):
                instrument.store_end(part)
            case "store":
                instrument.store_snapshot(int(part))
            case "record":
                self._taping.set_running(bool(value))
            case _:
                self._move(verb, part, value)

    def _move(self, verb: str, part: str, value: float) -> None:
        """Ways of the puck that are no hand's."""
        gestures = self._gestures
        match verb:
            case "mix":
                gestures.mix(value)
            case "freeze":
                gestures.freeze(bool(value))
            case "jump":
                gestures.jump()
            case "mutate":
                gestures.mutate()
            case "centre":
                gestures.centre()
            case "chain" if part == "add":
                self._chaining.add()
            case "chain" if part == "clear":
                self._chaining.clear()
            case "chain":
                self._chaining.set_on(bool(value))
            case "path" if part == "record":
                gestures.record_path(bool(value))
            case "path":
                self._instrument.set_path_playing(bool(value))

    def _switch_voice(self, setting: str, voice: str, on: bool) -> None:
        now: tuple[str, ...] = getattr(self._instrument.session.shaping, setting)
        if (voice in now) != on:
            self._instrument.toggle_stem(setting, voice)
