"""A wish: the loop that the controls ask for at one moment."""

import math
from dataclasses import dataclass, replace

from ..latent_controls import LatentControls, LoopDecoder
from ..shaping import NEUTRAL, Shaping
from ..tempo import TempoMode
from .maker import Recipe

CELLS = 128
"""Cells of the pad from edge to edge while it moves, as fine as MIDI's controllers; at rest it is exact."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Everything that shapes the loop.

    Attributes:
        decoder: the instrument.
        controls: pad, macros and lock.
        sample_rate: of the device, in Hz.
        mode: how the loop follows the tempo.
        bpm: the tempo.
        due: the grid line that it is meant for (time.monotonic), infinity for none.
        shaping: of the sound.
        chain: pad positions of further loops, whose bars follow in turn.
        bars: see `Recipe`.
        heading: speed of the pad in its own units a second, (0, 0) at rest.
    """

    decoder: LoopDecoder
    controls: LatentControls
    sample_rate: int
    mode: TempoMode
    bpm: float
    due: float
    shaping: Shaping = NEUTRAL
    chain: tuple[tuple[float, float], ...] = ()
    bars: int | None = None
    heading: tuple[float, float] = (0.0, 0.0)

    @property
    def moving(self) -> bool:
        """Whether the pad is on its way."""
        return self.heading != (0.0, 0.0)

    def recipe(self) -> Recipe:
        """What the loop is to be made of."""
        chain = tuple(self.controls.at(x, y).latent() for x, y in self.chain)
        return Recipe(self.decoder, self.controls.latent(), self.sample_rate, self.mode, self.bpm,
                      self.shaping, chain, self.bars)

    def near(self) -> "Wanted":
        """The same on the nearest place of the pad's grid."""
        controls = self.controls
        if controls.fixed is not None or self.chain:
            return self
        return replace(self, controls=controls.at(_snapped(controls.x), _snapped(controls.y)))

    def neighbours(self, radius: int, ahead: float) -> list["Wanted"]:
        """Places of the grid up to `radius` cells round where the pad is `ahead` s later, nearest first;
        none round a chain."""
        if self.chain:
            return []
        x, y = self.controls.x + ahead * self.heading[0], self.controls.y + ahead * self.heading[1]
        cell, reach = 2 / CELLS, range(-radius, radius + 1)
        places = {(_snapped(x + i * cell), _snapped(y + j * cell)) for i in reach for j in reach}
        nearest = sorted(places, key=lambda place: math.dist(place, (x, y)))
        return [replace(self, controls=self.controls.at(*place)) for place in nearest]


def _snapped(value: float) -> float:
    return min(1.0, max(-1.0, round(value * CELLS / 2) / (CELLS / 2)))
