"""Options for the sound shaping."""

import argparse
from typing import TYPE_CHECKING

from ..errors import SettingError

if TYPE_CHECKING:
    from ..metadata import ModelMetadata
    from ..shaping import Shaping

NUMBERS = {
    "loudness": ("LUFS", "bring the loop to this loudness, -40 to -6"),
    "low_cut": ("HZ", "take away what lies below, 20 to 2000"),
    "high_cut": ("HZ", "take away what lies above, 200 to 20000"),
    "drive": ("DB", "saturate, 0 to 36"),
    "compressor": ("AMOUNT", "compress, 0 to 1 (needs the extra fx)"),
    "reverb": ("AMOUNT", "reverberate, 0 to 1; tails go round the loop"),
    "reverb_seconds": ("S", "time in which the reverberation falls by 60 dB, 0.1 to 10 (default: 1.2)"),
}
NAMES = {"muted_stems": "mute", "solo_stems": "solo"}


def add_shaping(parser: argparse.ArgumentParser) -> None:
    """Add the options; `shaping_of` reads them."""
    group = parser.add_argument_group("sound shaping", "Each is off unless given.")
    for name, (unit, told) in NUMBERS.items():
        group.add_argument(f"--{name.replace('_', '-')}", type=float, metavar=unit, help=told)
    group.add_argument("--mute-steps", type=_steps, metavar="N,N,…",
                       help="silence these steps of the 16th grid, counted from 0")
    group.add_argument("--mute", action="append", metavar="STEM",
                       help="silence a stem of the model; may be given several times")
    group.add_argument("--solo", action="append", metavar="STEM",
                       help="hear a stem of the model alone; may be given several times")


def shaping_of(options: argparse.Namespace) -> "Shaping":
    """The shaping that was asked for.

    Raises:
        SettingError: a value is out of range, or needs a package that is not installed.
    """
    from ..shaping import Shaping

    values = {name: getattr(options, name) for name in NUMBERS}
    values["muted_steps"] = options.mute_steps
    values |= {name: getattr(options, option) for name, option in NAMES.items()}
    shaping = Shaping(**{name: value for name, value in values.items() if value is not None})
    shaping.check_installed()
    return shaping


def check_shaping(options: argparse.Namespace, metadata: "ModelMetadata", places: int) -> None:
    """Refuse stems and steps that the model does not have: sessions, whose model may change, pass over them.

    Args:
        options: with those of `add_shaping`.
        metadata: of a loop model.
        places: how many positions are played in turn, a bar of each.

    Raises:
        SettingError: names the option, its value and the names or numbers there are.
    """
    for option in NAMES.values():
        for name in getattr(options, option) or ():
            if name not in metadata.voices:
                known = ", ".join(metadata.voices) or "none, as it has no stems"
                raise SettingError(f"--{option} is {name!r}, expected a stem of {metadata.name}: {known}")
    loop = metadata.loop
    steps = 4 * (loop.beats if places == 1 else places * loop.beats_per_bar)
    for step in options.mute_steps or ():
        if step >= steps:
            raise SettingError(f"--mute-steps has {step}, expected steps from 0 to {steps - 1}")


def _steps(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.strip().isascii() and part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"is {text!r}, expected whole numbers with commas between them")
    return [int(part) for part in parts]
