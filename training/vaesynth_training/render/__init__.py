"""The drum renderer: grooves × kits → one-bar loops whose every hit is known."""

from ..voices import VOICES
from .bar import render_bar, render_stems
from .draw import Mixture, draw_instance
from .grooves import Groove, load_grooves
from .instance import KitInstance
from .kits import Kit, load_kits
from .pairs import Plan, Recipe
from .synthesis import synth_kits
from .voices import Hit

__all__ = [
    "VOICES",
    "Groove",
    "Hit",
    "Kit",
    "KitInstance",
    "Mixture",
    "Plan",
    "Recipe",
    "draw_instance",
    "load_grooves",
    "load_kits",
    "render_bar",
    "render_stems",
    "synth_kits",
]
