"""Options that several commands share, and the types of their values."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SettingError

if TYPE_CHECKING:
    from ..decoder import Decoder
    from ..onnx_file import OnnxFile

PROVIDERS = ("auto", "cuda", "coreml", "directml", "cpu")


def add_provider(parser: argparse._ActionsContainer) -> None:
    """Add `--provider`; `provider_of` reads it."""
    parser.add_argument(
        "--provider",
        choices=PROVIDERS,
        default="auto",
        metavar="NAME",
        help=f"what computes the loops: {', '.join(PROVIDERS)} (default: auto, the first that works)",
    )


def provider_of(options: argparse.Namespace) -> str | None:
    """The provider that was asked for, None for the first that works."""
    return None if options.provider == "auto" else str(options.provider)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`."""
    parser.add_argument(
        "--model",
        metavar="FILE|NAME",
        help="a decoder file, or a name that `vaesynth models` lists (default: the bundled drums)",
    )


def add_facts(parser: argparse.ArgumentParser, bpm: bool = True) -> None:
    """Add the options for decoders of other tools; `checked_file` reads them.

    Args:
        parser: of a command with `--model` or a file.
        bpm: whether to add `--bpm`, where the command has none of its own.
    """
    group = parser.add_argument_group(
        "decoders of other tools",
        "An ONNX file without vaesynth's metadata needs --sample-rate, and --beats or --bpm. It must take "
        "float32 [batch, latent_dim] and give [batch, channels, frames] or [batch, frames].",
    )
    group.add_argument(
        "--sample-rate", type=whole(8_000, 192_000), metavar="HZ", help="sample rate of its loops"
    )
    either = group.add_mutually_exclusive_group()
    either.add_argument("--beats", type=whole(1, 64), metavar="N", help="beats of a loop")
    if bpm:
        either.add_argument("--bpm", type=number(1, 1000), metavar="BPM", help="tempo of its loops")
    parser.set_defaults(bpm_is_fact=bpm)


def has_facts(options: argparse.Namespace) -> bool:
    """Whether any option of `add_facts` was given."""
    tempo = options.bpm if options.bpm_is_fact else None
    return any(fact is not None for fact in (options.sample_rate, options.beats, tempo))


def checked_file(path: Path, options: argparse.Namespace) -> "OnnxFile":
    """The model file at `path`, a decoder of another tool completed by what the options say of it.

    Raises:
        ModelError: the file cannot be used.
        SettingError: the options do not fit it.
    """
    from .. import foreign, onnx_file

    file = onnx_file.read(path)
    if not has_facts(options):
        return file
    if options.sample_rate is None:
        raise SettingError(f"{file.where}: its beats or tempo are given, expected --sample-rate beside them")
    return foreign.adopt(file, foreign.Facts(options.sample_rate, options.beats, options.bpm))


def open_decoder(path: Path, options: argparse.Namespace, kind: str | None = None) -> "Decoder":
    """`Decoder.open` of `checked_file` on the provider of the options; raises as both do."""
    from ..decoder import Decoder

    return Decoder.of(checked_file(path, options), path, provider_of(options), kind)


def number(low: float, high: float) -> Callable[[str], float]:
    """Type of an option that is a number from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"is {text!r}, expected a number from {low:g} to {high:g}")
        return value

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """Type of an option that is a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        value = int(text) if text.isascii() and text.lstrip("-").isdecimal() else low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"is {text!r}, expected a whole number from {low} to {high}")
        return value

    return parse
