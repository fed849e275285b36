"""Sound shaping: rendered into the loop before it is handed over, so that the callback only mixes.

Everything is computed round the loop: what rings beyond its end rings on at its beginning, and a shaped loop
is as seamless as it was.
"""

from .chain import SHAPED_PEAK, shape
from .settings import NEUTRAL, Shaping

__all__ = ["NEUTRAL", "SHAPED_PEAK", "Shaping", "shape"]
