"""Which knob or note moves what: a table from MIDI controls to parameters, learnt or written by hand."""

import enum
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import SettingError

MAX_BINDINGS = 256
MAX_NAME = 200
NOTE_OFF, NOTE_ON, CONTROL_CHANGE, PITCH_BEND = 0x80, 0x90, 0xB0, 0xE0
CHANNEL_MODE = 120
"""Controllers from here on are messages to a channel, such as "all notes off"; they are no knobs."""


class Kind(enum.Enum):
    """What is moved: a controller, the pitch-bend wheel, or a key or pad that plays a note."""

    CC = "cc"
    PITCH_BEND = "pitch bend"
    NOTE = "note"


_HIGHEST = {Kind.CC: CHANNEL_MODE - 1, Kind.PITCH_BEND: 0, Kind.NOTE: 127}


@dataclass(frozen=True)
class Knob:
    """One control of a MIDI device.

    Attributes:
        kind: what it sends.
        number: of the controller, 0 to 119, or of the note, 0 to 127; 0 for pitch bend.
        channel: 1 to 16, or 0 for any.

    Raises:
        SettingError: number or channel is out of range.
    """

    kind: Kind
    number: int = 0
    channel: int = 0

    def __post_init__(self) -> None:
        what, most = "note" if self.kind is Kind.NOTE else "controller", _HIGHEST[self.kind]
        for name, value, high in ((what, self.number, most), ("channel", self.channel, 16)):
            if not (type(value) is int and 0 <= value <= high):
                raise SettingError(f"{name} is {str(value)[:40]}, expected 0 to {high}")

    def hears(self, moved: "Knob") -> bool:
        """Whether what was moved (on its real channel) is this one."""
        same = (self.kind, self.number) == (moved.kind, moved.number)
        return same and self.channel in (0, moved.channel)

    def __str__(self) -> str:
        shown = {Kind.CC: f"CC {self.number}", Kind.NOTE: f"note {self.number}"}.get(self.kind, "pitch bend")
        return f"{shown}, channel {self.channel}" if self.channel else shown


@dataclass(frozen=True)
class Binding:
    """A knob bound to a parameter.

    Attributes:
        knob: what is moved.
        parameter: what it moves, a name of `parameters.table`.
        low, high: value of the parameter with the knob at its lowest and at its highest; None is the end of
            the parameter's own range. `low` may be the higher one: then the knob works the other way round.

    Raises:
        SettingError: a value is no finite number, or the name is none.
    """

    knob: Knob
    parameter: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.parameter, str) and 0 < len(self.parameter) <= MAX_NAME):
            raise SettingError(f"parameter is {str(self.parameter)[:40]!r}, expected a parameter's name")
        for name in ("low", "high"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (number and math.isfinite(value)):
                raise SettingError(f"{name} of {self.parameter} is {str(value)[:40]}, expected a number")

    def value(self, position: float, lowest: float, highest: float) -> float:
        """The parameter's value for a knob at `position` (0 to 1), within its own range."""
        low = lowest if self.low is None else self.low
        high = highest if self.high is None else self.high
        return min(max(low + position * (high - low), lowest), highest)


def moved_knob(message: Sequence[int]) -> tuple[Knob, float] | None:
    """The knob that a MIDI message says was moved, and where it is now (0 to 1); None for other messages.

    Pitch bend at rest (8192) is exactly one half. A note is as far up as it was struck hard, and at 0 when it
    is let go.
    """
    if len(message) != 3 or message[1] > 127 or message[2] > 127:
        return None
    kind, channel = message[0] & 0xF0, (message[0] & 0x0F) + 1
    if kind == CONTROL_CHANGE and message[1] < CHANNEL_MODE:
        return Knob(Kind.CC, message[1], channel), message[2] / 127
    if kind in (NOTE_ON, NOTE_OFF):
        return Knob(Kind.NOTE, message[1], channel), message[2] / 127 if kind == NOTE_ON else 0.0
    if kind == PITCH_BEND:
        bend = message[1] + 128 * message[2] - 8192
        return Knob(Kind.PITCH_BEND, 0, channel), 0.5 + bend / (2 * 8192 if bend < 0 else 2 * 8191)
    return None


@dataclass(frozen=True)
class Mapping:
    """The table of bindings, as one value that never changes.

    Attributes:
        bindings: at most one for each knob and parameter; a knob may move several parameters.

    Raises:
        SettingError: there are too many.
    """

    bindings: tuple[Binding, ...] = ()

    def __post_init__(self) -> None:
        if len(self.bindings) > MAX_BINDINGS:
            raise SettingError(f"{len(self.bindings)} bindings, expected at most {MAX_BINDINGS}")

    def bound(self, binding: Binding) -> "Mapping":
        """With a binding, instead of the one that its parameter had."""
        return Mapping((*self.unbound(binding.parameter).bindings, binding))

    def unbound(self, parameter: str) -> "Mapping":
        """Without the bindings of a parameter."""
        return Mapping(tuple(b for b in self.bindings if b.parameter != parameter))

    def of(self, parameter: str) -> Binding | None:
        """What moves a parameter."""
        return next((b for b in self.bindings if b.parameter == parameter), None)

    def moved_by(self, knob: Knob) -> list[Binding]:
        """What a knob (on its real channel) moves."""
        return [b for b in self.bindings if b.knob.hears(knob)]

    def to_json(self) -> list[dict[str, Any]]:
        """As a JSON array."""
        return [{"knob": b.knob.kind.value, "number": b.knob.number, "channel": b.knob.channel,
                 "parameter": b.parameter, "low": b.low, "high": b.high} for b in self.bindings]

    @classmethod
    def from_json(cls, values: Any) -> "Mapping":
        """From what `to_json` gave.

        Raises:
            SettingError: it is something else.
        """
        if not isinstance(values, list) or not all(isinstance(v, dict) for v in values):
            raise SettingError(f"mapping is {str(values)[:40]}, expected a list of bindings")
        kinds = {kind.value: kind for kind in Kind}
        bindings = []
        for v in values:
            if v.get("knob") not in list(kinds):
                raise SettingError(f"knob is {str(v.get('knob'))[:40]}, expected one of {', '.join(kinds)}")
            knob = Knob(kinds[v["knob"]], v.get("number", 0), v.get("channel", 0))
            bindings.append(Binding(knob, v.get("parameter", ""), v.get("low"), v.get("high")))
        return cls(tuple(bindings))
