"""Times of hits that are written down, made exact by the rise of energy near them.

A network that hears spectra 5 ms apart says within some 3 ms when a hit is; the attack itself says it within
one.
"""

import torch
from torch import Tensor

from .groove import REACH, STEPS, Pattern
from .place import ROW, ROWS

BANDS = (0, 1, 1, 2, 2, 1, 2, 1)
"""For each voice, how often the sound is differenced: the more, the brighter is what is listened for."""

LAG = 1.2
"""Rows (1 ms) by which energy rises fastest after a hit's place, on average over rendered bars."""

SPAN = 2
"""Rows over which a rise is measured."""

NEAR, DEVIATION = 12, 7.0
"""Rows either way that are looked at, and how fast belief in them falls."""

DECIDED = 6
"""Power to which rises are weighed against each other."""

LEAST, FIRM = 0.3, 20.0
"""Rise, in decades of energy, below which there is no attack to hold on to; how firmly that is taken."""

QUIET = 1e-4
"""Energy, of the loudest row's, below which no rise is heard."""


def aligned(audio: Tensor, written: Pattern) -> Pattern:
    """The pattern with each offset moved to the attack that is nearest.

    Args:
        audio: the bars that were written down, `(batch, 2, frames)`.
        written: hit logits, velocities and offsets in steps, each `(batch, voices, STEPS)`.
    """
    logit, velocity, offset = written
    rise = rises(audio)[:, BANDS]
    around = torch.arange(-NEAR, NEAR + 1, device=offset.device)
    place = (torch.arange(STEPS, device=offset.device) + offset) * (ROWS / STEPS) + LAG
    row = place.round()
    rows = (row[..., None] + around).remainder(ROWS).long()
    found = rise.gather(2, rows.flatten(2)).reshape(rows.shape)
    found = found * torch.exp(-0.5 * ((around - (place - row)[..., None]) / DEVIATION).square())
    weight = found**DECIDED
    nearest = row + (weight * around).sum(3) / weight.sum(3).clamp_min(1e-12)
    sure = torch.sigmoid(FIRM * (found.amax(3) - LEAST))
    return logit, velocity, (offset + sure * (nearest - place) * (STEPS / ROWS)).clamp(-REACH, REACH)


def rises(audio: Tensor) -> Tensor:
    """How fast energy rises in each row, in decades: `(batch, bands, ROWS)`, circular, never negative."""
    sound, bands = audio.mean(1), []
    for _ in range(max(BANDS) + 1):
        bands.append(sound.reshape(-1, ROWS, ROW).square().mean(2))
        sound = sound - sound.roll(1, 1)
    energy = torch.stack(bands, 1)
    energy = energy + energy.roll(1, 2)
    level = torch.log10(energy / energy.amax(2, keepdim=True).clamp_min(1e-9) + QUIET)
    return (level - level.roll(SPAN, 2)).clamp_min(0)
