"""The options that say what rendered bars are a mixture of, for every command that draws them."""

import argparse
import math

from vaesynth.errors import SettingError

from .draw import Mixture
from .pairs import STYLES, Recipe


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the seed and the shares of styles, fills and kits."""
    parser.add_argument("--seed", type=int, default=0, help="of everything that is drawn (%(default)s)")
    parser.add_argument(
        "--styles",
        default=",".join(f"{style}={share:g}" for style, share in Recipe().styles.items()),
        help="shares of grooves, as %(default)s",
    )
    parser.add_argument("--fills", type=float, default=Recipe().fills, help="share of fills (%(default)s)")
    parser.add_argument(
        "--hybrid", type=float, default=Mixture().hybrid, help="share of mixed kits (%(default)s)"
    )
    parser.add_argument(
        "--clean", type=float, default=Mixture().clean, help="share of kits as recorded (%(default)s)"
    )
    parser.add_argument(
        "--layered",
        type=float,
        default=Mixture().layered,
        help="chance of an instrument beneath another, by class (%(default)s)",
    )
    parser.add_argument(
        "--synthesised",
        type=int,
        default=Recipe().synthesised,
        metavar="N",
        help="synthesised kits beside the recorded ones, for training bars (%(default)s)",
    )


def recipe_of(options: argparse.Namespace) -> Recipe:
    """The mixture that the options ask for.

    Raises:
        SettingError: one of them is out of range.
    """
    shares: dict[str, float] = {}
    for entry in options.styles.split(","):
        style, _, text = entry.partition("=")
        try:
            shares[style] = float(text)
        except ValueError:
            shares[style] = math.nan
        if style not in STYLES or not 0 <= shares[style] < math.inf:
            raise SettingError(
                f"--styles has {entry!r}, expected STYLE=SHARE with a style of {', '.join(STYLES)}"
            )
    if not sum(shares.values()) > 0:
        raise SettingError(f"--styles is {options.styles!r}, expected a share above 0")
    for name in ("fills", "hybrid", "clean", "layered"):
        if not 0 <= getattr(options, name) <= 1:
            raise SettingError(f"--{name} is {getattr(options, name)}, expected 0 to 1")
    if options.seed < 0:
        raise SettingError(f"--seed is {options.seed}, expected 0 or more")
    if options.synthesised < 0:
        raise SettingError(f"--synthesised is {options.synthesised}, expected 0 or more")
    mixture = Mixture(hybrid=options.hybrid, clean=options.clean, layered=options.layered)
    return Recipe(options.seed, shares, options.fills, kits=mixture, synthesised=options.synthesised)
