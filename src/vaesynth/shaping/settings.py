"""What sound shaping is asked to do, as one value that never changes."""

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import SettingError

RANGES: Mapping[str, tuple[float, float, str]] = {
    "loudness": (-40.0, -6.0, "LUFS"),
    "low_cut": (20.0, 2_000.0, "Hz"),
    "high_cut": (200.0, 20_000.0, "Hz"),
    "drive": (0.0, 36.0, "dB"),
    "compressor": (0.0, 1.0, ""),
    "reverb": (0.0, 1.0, ""),
    "reverb_seconds": (0.1, 10.0, "s"),
}
"""Name → lowest and highest value, and unit."""
MAY_BE_OFF = ("loudness", "low_cut", "high_cut")
MAX_STEPS = 256
MAX_STEMS = 64


@dataclass(frozen=True)
class Shaping:
    """Settings of the sound shaping; the defaults leave a loop as it is, bit by bit.

    Attributes:
        loudness: LUFS to which every loop is brought, -40 to -6; None leaves each as loud as it is.
        low_cut, high_cut: corner frequencies of the high-pass and the low-pass in Hz (12 dB an octave); None
            is off.
        drive: gain into the saturation in dB, 0 (off) to 36; the peak level stays.
        compressor: amount from 0 (off) to 1. Needs the extra fx.
        reverb: level of the reverberation from 0 (off) to 1, as loud as the loop itself.
        reverb_seconds: its time to fall by 60 dB, 0.1 to 10 s.
        muted_steps: steps of the loop's 16th grid, from 0, whose slices are silent.
        muted_stems, solo_stems: names of voices; where one is soloed, only soloed ones sound. Names that a
            model does not have are passed over.

    Raises:
        SettingError: a value is out of range.
    """

    loudness: float | None = None
    low_cut: float | None = None
    high_cut: float | None = None
    drive: float = 0.0
    compressor: float = 0.0
    reverb: float = 0.0
    reverb_seconds: float = 1.2
    muted_steps: tuple[int, ...] = ()
    muted_stems: tuple[str, ...] = ()
    solo_stems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, (low, high, unit) in RANGES.items():
            value = getattr(self, name)
            if value is None and name in MAY_BE_OFF:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and low <= value <= high):
                off = ", or none" if name in MAY_BE_OFF else ""
                wanted = f"{low:g} to {high:g} {unit}".strip()
                raise SettingError(f"{name} is {str(value)[:40]}, expected {wanted}{off}")
            object.__setattr__(self, name, float(value))
        steps = self.muted_steps
        if not (isinstance(steps, list | tuple) and len(steps) <= MAX_STEPS and all(
                isinstance(s, int) and not isinstance(s, bool) and 0 <= s < MAX_STEPS for s in steps)):
            raise SettingError(f"muted_steps is {str(steps)[:40]}, expected steps from 0 to {MAX_STEPS - 1}")
        object.__setattr__(self, "muted_steps", tuple(sorted(set(steps))))
        for name in ("muted_stems", "solo_stems"):
            names = getattr(self, name)
            if not (isinstance(names, list | tuple) and len(names) <= MAX_STEMS
                    and all(isinstance(n, str) and len(n) <= 200 for n in names)):
                raise SettingError(f"{name} is {str(names)[:40]}, expected names of voices")
            object.__setattr__(self, name, tuple(sorted(set(names))))

    @property
    def uses_stems(self) -> bool:
        """Whether it needs the stems of a model that has them."""
        return bool(self.muted_stems or self.solo_stems)

    def sounding(self, voices: tuple[str, ...]) -> tuple[bool, ...]:
        """Which of a model's voices sound."""
        soloed = set(self.solo_stems) & set(voices)
        return tuple(v in soloed if soloed else v not in self.muted_stems for v in voices)

    def check_installed(self) -> None:
        """Say so at once where a setting needs a package that is not there.

        Raises:
            SettingError: it is not.
        """
        if self.compressor and importlib.util.find_spec("pedalboard") is None:
            raise SettingError(f"compressor is {self.compressor:g}, expected the package pedalboard for it "
                               "(pip install 'vaesynth[fx]')")

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; what is as by default is left out."""
        default = Shaping()
        return {name: list(value) if isinstance(value, tuple) else value
                for name, value in asdict(self).items() if value != getattr(default, name)}

    @classmethod
    def from_json(cls, values: Any) -> "Shaping":
        """From what `to_json` gave; unknown keys are passed over, for a later version may know more.

        Raises:
            SettingError: it is no object, or a value is out of range.
        """
        if not isinstance(values, dict):
            raise SettingError(f"shaping is {str(values)[:40]}, expected an object of settings")
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


NEUTRAL = Shaping()
