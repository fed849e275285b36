"""The voices of a drum kit, as the structured drum model knows them."""

from dataclasses import dataclass
from itertools import pairwise

from ...voices import CYMBAL, HAT_CLOSED, HAT_OPEN, KICK, PERC, RIM_CLAP, SNARE, TOM
from ...voices import VOICES as NAMES

SAMPLE_RATE = 48_000
HOP = 240
"""The decoder's time grid: 5 ms at 48 kHz."""

PEAK = 0.891
"""Every loop's peak: -1 dBFS, as the training bars have it."""


@dataclass(frozen=True)
class Voice:
    """One voice of the kit.

    Attributes:
        name: as it appears in the model file's `voices`.
        hops: how long its one-shot may ring, in hops of 5 ms.
        latent_dim: its share of the `kit` latent group.
        level: peak of its hit at full velocity in a neutral mix, where the kick's is 1.
        lowest, highest: where its partials start out, in Hz.
        partial_hops: how long its partials may ring; None: as long as its noise, which costs less.
        centred: it has neither width nor pan: one channel is made and placed, at half the cost.
    """

    name: str
    hops: int
    latent_dim: int
    level: float
    lowest: float
    highest: float
    partial_hops: int | None = None
    centred: bool = False

    @property
    def channels(self) -> int:
        """1 where it is centred, else 2."""
        return 1 if self.centred else 2


VOICES = (
    Voice(NAMES[KICK], 120, 7, 1.0, 50, 400, partial_hops=80, centred=True),
    Voice(NAMES[SNARE], 120, 6, 0.85, 150, 1200, partial_hops=60, centred=True),
    Voice(NAMES[RIM_CLAP], 100, 3, 0.6, 300, 2500, partial_hops=60),
    Voice(NAMES[HAT_CLOSED], 60, 3, 0.4, 3000, 9000, partial_hops=20),
    Voice(NAMES[HAT_OPEN], 160, 2, 0.4, 3000, 9000, partial_hops=80),
    Voice(NAMES[TOM], 160, 2, 0.75, 70, 600, centred=True),
    Voice(NAMES[CYMBAL], 320, 2, 0.4, 500, 6000, partial_hops=80),
    Voice(NAMES[PERC], 100, 5, 0.5, 150, 2500, partial_hops=60),
)
KIT_DIM = sum(v.latent_dim for v in VOICES)


def voice_slices(voices: tuple[Voice, ...] = VOICES) -> list[slice]:
    """Where each voice's latents lie within the `kit` group."""
    edges = [0]
    for v in voices:
        edges.append(edges[-1] + v.latent_dim)
    return [slice(a, b) for a, b in pairwise(edges)]
