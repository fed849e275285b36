"""The groove half of the drum model: which voice is hit when and how hard, as latents.

A bar is a grid of 32 steps with a hit, a velocity and a timing offset for each voice, the representation of
GrooVAE (Gillick et al. 2019, section 3) on twice as fine a grid.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from .voices import VOICES

STEPS = 32
"""Steps of a bar."""

REACH = 1.0
"""Largest timing offset, in steps either way (62.5 ms)."""

TIMES = STEPS // 2
"""Latents of timing: one for each 16th."""

LATENESS = 0.2
"""Steps by which a 16th is late where its latent is 1 (12.5 ms): as drummers are, about."""

VELOCITY_CURVE = 1.6
"""A hit's amplitude is its velocity to this power, as in the renderer."""

SHARPNESS = 4.0
"""Factor on the logits of hits: the decoder plays a likely hit in full and an unlikely one hardly at all."""

VELOCITY_DEVIATION, FELT_DEVIATION, OFFSET_DEVIATION = 0.17, 0.12, 0.025
"""What a listener lets pass in velocity, in hit times velocity, in a full hit's offset (1.6 ms, in steps)."""

DEPARTURE = 0.1
"""Steps that one unit of the decoder's layers moves a hit from its 16th's time."""


Pattern = tuple[Tensor, Tensor, Tensor]
"""Hit logits, velocities and offsets in steps, each `(batch, voices, STEPS)`."""


def pattern_of(hits: Sequence[Sequence[float]]) -> Tensor:
    """Grid `(voices, STEPS, 3)` of hit (0 or 1), velocity and offset in steps.

    Args:
        hits: (position in bars [0, 1), voice, velocity (0, 1], …) each.

    A hit belongs to the nearest 16th; where a louder one is there already, to the 32nd on its own side of it.
    """
    grid = torch.zeros(len(VOICES), STEPS, 3)
    for position, voice, velocity, *_ in sorted(hits, key=lambda h: -h[2]):
        exact = position * STEPS
        near = 2 * round(exact / 2)
        side = near + (1 if exact > near else -1)
        for step in (near, side):
            cell = grid[int(voice), step % STEPS]
            if not cell[0] and abs(exact - step) <= REACH:
                cell[0], cell[1], cell[2] = 1.0, velocity, exact - step
                break
    return grid


def loudness(velocity: Tensor) -> Tensor:
    """Amplitudes of hits in a neutral mix, like `velocity` `(batch, voices, STEPS)`."""
    levels = torch.tensor([voice.level for voice in VOICES], device=velocity.device, dtype=velocity.dtype)
    return velocity**VELOCITY_CURVE * levels[:, None]


def timing_weight(velocity: Tensor) -> Tensor:
    """How much the time of hits counts, like `velocity`: by loudness, and soft hits a little."""
    return (loudness(velocity) + 0.1 * velocity) / OFFSET_DEVIATION


def parted(pattern: Tensor) -> Pattern:
    """Hits, velocities and offsets of a pattern whose last two are multiplied by how sure a hit is."""
    hit, velocity, offset = pattern.unbind(3)
    sure = hit.clamp_min(0.05)
    return hit, (velocity / sure).clamp(0, 1), offset / sure


def lateness(pattern: Tensor) -> Tensor:
    """How late each 16th of `pattern` `(batch, voices, STEPS, 3)` is played, in steps: `(batch, TIMES)`.

    A mean over the hits that are on it, in which the loud ones decide: they are what a listener hears.
    """
    hit, velocity, offset = parted(pattern[:, :, ::2])
    weight = hit * loudness(velocity).square()
    return (weight * offset).sum(1) / (weight.sum(1) + 1e-3)


class GrooveEncoder(nn.Module):
    """Patterns, in whole or as far as they are sure, → the parameters of q(z_groove | pattern).

    The first `TIMES` latents are how late each 16th is played: many small independent numbers, which layers
    would be slow to learn to pass on. The others are what is played.
    """

    def __init__(self, latent_dim: int, hidden: int = 512) -> None:
        super().__init__()
        inputs = len(VOICES) * STEPS * 3
        self.net = nn.Sequential(
            nn.Linear(inputs, hidden),
            nn.SiLU(),
            nn.Dropout(0.1),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, 2 * latent_dim),
        )
        self.straight = nn.Linear(inputs, latent_dim - TIMES)
        last = self.net[-1]
        assert isinstance(last, nn.Linear)
        with torch.no_grad():
            last.weight[:TIMES] *= 0.05
            last.bias.zero_()
            # Small deviations at first: a decoder that hears noise for latents learns to do without them.
            last.bias[latent_dim:] = -3.0

    def forward(self, pattern: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance `(batch, latent_dim)` of `pattern` `(batch, voices, STEPS, 3)`."""
        flat = pattern.flatten(1)
        mean, log_variance = self.net(flat).chunk(2, 1)
        plain = torch.cat([lateness(pattern) / LATENESS, self.straight(flat)], 1)
        return mean + plain, log_variance.clamp(-10, 2)


class GrooveDecoder(nn.Module):
    """`groove` latents → pattern → amplitude and place of every hit."""

    def __init__(self, latent_dim: int, hidden: int = 384) -> None:
        super().__init__()
        cells = len(VOICES) * STEPS
        self.net = nn.Sequential(
            nn.Linear(latent_dim, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, 3 * cells),
        )
        self.straight = nn.Linear(latent_dim, 3 * cells)

    def pattern(self, z: Tensor) -> Pattern:
        """Hit logits, velocities in (0, 1) and offsets in steps, each `(batch, voices, STEPS)`."""
        return self.cells(self.net(z) + self.straight(z), z)

    def cells(self, raw: Tensor, z: Tensor) -> Pattern:
        """The pattern of what the layers give, `raw` `(batch, 3 * voices * STEPS)`, for `z`."""
        logit, velocity, offset = raw.reshape(-1, len(VOICES), STEPS, 3).unbind(3)
        # A 16th's time is that of its hits, and what lies between two of them goes along with both; what each
        # hit departs from it is the layers' to say.
        late = LATENESS * z[:, :TIMES]
        between = (late + late.roll(-1, 1)) / 2
        steps = torch.stack([late, between], 2).flatten(1)
        return logit, velocity.sigmoid(), (steps[:, None] + DEPARTURE * offset).clamp(-REACH, REACH)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Amplitudes and places of the hits of `z` `(batch, latent_dim)`, each `(batch, voices, STEPS)`.

        Places are in bars, [0, 1).
        """
        return hits_of(self.pattern(z))


def hits_of(pattern: Pattern) -> tuple[Tensor, Tensor]:
    """Amplitudes and places of a pattern's hits, as `GrooveDecoder` gives them."""
    logit, velocity, offset = pattern
    amplitude = torch.sigmoid(SHARPNESS * logit) * velocity**VELOCITY_CURVE
    steps = torch.arange(STEPS, device=offset.device, dtype=offset.dtype)
    return amplitude, torch.remainder((steps + offset) / STEPS, 1.0)


def pattern_loss(decoded: Pattern, pattern: Tensor) -> dict[str, Tensor]:
    """Negative log-likelihood of `pattern` in nats a bar.

    Hits are Bernoulli; velocities Gaussian, and offsets Laplacian, where hits are; what is felt of both hit
    and velocity, their product, is Laplacian everywhere. Offsets count by loudness: a hat that is early
    beside a snare costs less than the snare. Their deviations are `VELOCITY_DEVIATION` and so on.
    """
    logit, velocity, offset = decoded
    hit, played, late = pattern.unbind(3)
    hits = functional.binary_cross_entropy_with_logits(logit, hit, reduction="none")
    velocities = hit * ((velocity - played) / VELOCITY_DEVIATION).square() / 2
    felt = (torch.sigmoid(SHARPNESS * logit) * velocity - hit * played).abs() / FELT_DEVIATION
    offsets = hit * timing_weight(played) * (offset - late).abs()
    parts = {"hits": hits, "velocities": velocities, "felt": felt, "offsets": offsets}
    return {name: part.sum((1, 2)).mean() for name, part in parts.items()}
