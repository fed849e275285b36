"""All that can be set from outside, as one table; its names are OSC addresses, and what knobs move."""

import enum
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import SettingError
from ..metadata import ModelMetadata
from ..metronome import Metronome
from ..shaping.settings import MAX_STEPS, RANGES
from ..tempo import MAX_BPM, MIN_BPM, Quantise, TempoMode

SLOTS = range(1, 10)
BARS = (None, 1, 2, 4)
"""Lengths of the loop by the values of `bars`; None is the model's own."""
LONGEST_LOOP_BARS = 4


class Form(enum.Enum):
    """A number; off or on (0 or 1); one of a list (counted from 0); or a push (from 0.5 up)."""

    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    PUSH = "push"


@dataclass(frozen=True)
class Parameter:
    """One thing that can be set.

    Attributes:
        name: such as "tempo" or "macro/swung".
        meaning: in words.
        form: how values are read.
        low, high: its range.
        choices: words for the values of a choice.
        of: the model's own name of what it sets, where there is one.
    """

    name: str
    meaning: str
    form: Form = Form.NUMBER
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    of: str = ""

    def held(self, value: float) -> float:
        """The value within the range: whole for a choice, 0 or 1 for a switch or push.

        Raises:
            SettingError: it is no finite number.
        """
        if not math.isfinite(value):
            raise SettingError(f"{self.name} is {value}, expected {self.low:g} to {self.high:g}")
        if self.form in (Form.SWITCH, Form.PUSH):
            return float(value >= 0.5)
        value = min(max(float(value), self.low), self.high)
        return float(round(value)) if self.form is Form.CHOICE else value

    def number(self, word: str) -> float:
        """The value that a word stands for, such as "bar".

        Raises:
            SettingError: none.
        """
        if word in self.choices:
            return float(self.choices.index(word))
        raise SettingError(f"{self.name} is {word[:40]!r}, expected "
                           + (f"one of {', '.join(self.choices)}" if self.choices else "a number"))


def slug(name: str) -> str:
    """A model's name of something as a part of an OSC address: "Ghost notes" is "ghost_notes"."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "_"


def _choice(name: str, meaning: str, values: type[enum.Enum]) -> Parameter:
    words = tuple(str(v.value) for v in values)
    return Parameter(name, meaning, Form.CHOICE, 0, len(words) - 1, words)


FIXED = (
    Parameter("x", "pad, left to right", low=-1),
    Parameter("y", "pad, below to above", low=-1),
    Parameter("mix", "the way from A to B"),
    Parameter("freeze", "keep the loop while the pad moves on", Form.SWITCH),
    Parameter("jump", "go anywhere on the pad", Form.PUSH),
    Parameter("mutate", "take a small step aside", Form.PUSH),
    Parameter("centre", "go to the middle of the pad", Form.PUSH),
    Parameter("morph", "beats that going to a snapshot takes", high=16),
    Parameter("path", "play the recorded path", Form.SWITCH),
    Parameter("path/record", "record where the pad goes, then repeat it", Form.SWITCH),
    Parameter("path/speed", "speed of the path, 1 as recorded", low=0.125, high=8),
    Parameter("chain", "play the chain, a bar each place, or leave it", Form.SWITCH),
    Parameter("chain/add", "one bar more, from where the pad is", Form.PUSH),
    Parameter("chain/clear", "take all bars out of the chain", Form.PUSH),
    Parameter("bars", "length of the loop in bars", Form.CHOICE, 0, len(BARS) - 1,
              tuple("own" if bars is None else str(bars) for bars in BARS)),
    Parameter("record", "record what is heard into a new file, or end that", Form.SWITCH),
    Parameter("tempo", "BPM", low=MIN_BPM, high=MAX_BPM),
    Parameter("tap", "one tap of a tempo", Form.PUSH),
    Parameter("nudge", "get ahead by this many ms, once", low=-100, high=100),
    Parameter("swing", "%, 50 is straight", low=50, high=75),
    Parameter("volume", "dB, -60 is silence", low=-60, high=6),
    Parameter("play", "start at the downbeat, or stop", Form.SWITCH),
    Parameter("continue", "go on where it was stopped", Form.PUSH),
    Parameter("stop", "stop", Form.PUSH),
    Parameter("panic", "silence, now", Form.PUSH),
    _choice("quantise", "when a new loop takes over", Quantise),
    _choice("mode", "how loops follow the tempo", TempoMode),
    _choice("metronome", "a click on every beat", Metronome),
    *(Parameter(f"shape/{name}", f"sound shaping, {unit or 'amount'}", low=low, high=high)
      for name, (low, high, unit) in RANGES.items()),
    *(Parameter(f"snapshot/{n}", f"go to snapshot {n}", Form.PUSH) for n in SLOTS),
    *(Parameter(f"store/{n}", f"keep what is set as snapshot {n}", Form.PUSH) for n in SLOTS),
    *(Parameter(f"store/{end}", f"keep what is set as end {end.upper()}", Form.PUSH) for end in "ab"),
)


def table(metadata: ModelMetadata) -> dict[str, Parameter]:
    """By name, all parameters that an instrument has.

    A macro has two names: "macro/" and its number from 1, which stays when the instrument changes, and
    "macro/" and its `slug`.
    """
    found = {p.name: p for p in FIXED}
    for group in metadata.latent_groups:
        found.setdefault(f"lock/{slug(group)}", Parameter(
            f"lock/{slug(group)}", f"hold {group} as it is", Form.SWITCH, of=group))
    for number, macro in enumerate(metadata.values.get("macros", ()), 1):
        for name in (str(number), slug(macro["name"])):
            found.setdefault(f"macro/{name}", Parameter(
                f"macro/{name}", macro["name"], low=macro["min"], high=macro["max"], of=macro["name"]))
    steps = 4 * max(metadata.loop.beats, LONGEST_LOOP_BARS * metadata.loop.beats_per_bar)
    for step in range(1, min(steps, MAX_STEPS) + 1):
        found[f"mute_step/{step}"] = Parameter(f"mute_step/{step}", f"silence step {step}", Form.SWITCH)
    for voice in metadata.voices:
        for verb, meaning in (("mute", "silence"), ("solo", "hear alone")):
            found.setdefault(f"{verb}/{slug(voice)}", Parameter(
                f"{verb}/{slug(voice)}", f"{meaning} {voice}", Form.SWITCH, of=voice))
    return found


def find(parameters: Mapping[str, Parameter], name: str) -> Parameter:
    """The parameter of a name.

    Raises:
        SettingError: there is none.
    """
    try:
        return parameters[name]
    except KeyError:
        raise SettingError(f"parameter is {name[:60]!r}, expected one that the instrument has") from None
