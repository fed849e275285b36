"""Options that several commands share, and the types of their values."""

import argparse
import math
from collections.abc import Callable

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
