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


class GrooveEncoder(nn.Module):
    """Patterns, in whole or as far as they are sure, → the parameters of q(z_groove | pattern).

    The first `TIMES` latents are how late each 16th is played, on average over its hits: many small
    independent numbers, which layers would be slow to learn to pass on. The others are what is played.
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
            nn.Linear(hidden, 2 * latent_dim - TIMES),
        )
        self.straight = nn.Linear(inputs, latent_dim - TIMES)

    def forward(self, pattern: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance `(batch, latent_dim)` of `pattern` `(batch, voices, STEPS, 3)`."""
        hit, velocity, offset = pattern[:, :, ::2].unbind(3)
        late = (velocity * offset).sum(1) / (velocity * hit).sum(1).clamp_min(0.05)
        flat = pattern.flatten(1)
        dim = self.straight.out_features
        played, log_variance = self.net(flat).tensor_split([dim], 1)
        return torch.cat([late / LATENESS, played + self.straight(flat)], 1), log_variance.clamp(-10, 2)


class GrooveDecoder(nn.Module):
    """`groove` latents → pattern → amplitude and place of every hit."""

    def __init__(self, latent_dim: int, hidden: int = 384, sharpness: float = 4.0) -> None:
        super().__init__()
        self.sharpness = sharpness
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
        raw = (self.net(z) + self.straight(z)).reshape(-1, len(VOICES), STEPS, 3)
        # A 16th's time is that of its hits; what each hit departs from it is the layers' to say.
        late = functional.pad(LATENESS * z[:, :TIMES, None], (0, 1)).flatten(1)
        return raw[..., 0], raw[..., 1].sigmoid(), (late[:, None] + 0.1 * raw[..., 2]).clamp(-REACH, REACH)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Amplitudes and places of the hits of `z` `(batch, latent_dim)`, each `(batch, voices, STEPS)`.

        Places are in bars, [0, 1).
        """
        logit, velocity, offset = self.pattern(z)
        amplitude = torch.sigmoid(self.sharpness * logit) * velocity**VELOCITY_CURVE
        steps = torch.arange(STEPS, device=z.device, dtype=z.dtype)
        return amplitude, torch.remainder((steps + offset) / STEPS, 1.0)


def pattern_loss(decoded: Pattern, pattern: Tensor) -> dict[str, Tensor]:
    """Negative log-likelihood of `pattern` in nats a bar.

    Hits are Bernoulli, velocities Gaussian, offsets Laplacian; the last two count where hits are. The
    deviations, 0.12 of full velocity and 0.05 steps (3 ms) at full velocity, are what a listener lets pass.
    """
    logit, velocity, offset = decoded
    hit = pattern[..., 0]
    hits = functional.binary_cross_entropy_with_logits(logit, hit, reduction="none")
    velocities = hit * 0.5 * ((velocity - pattern[..., 1]) / 0.12) ** 2
    offsets = pattern[..., 1] * (offset - pattern[..., 2]).abs() / 0.05
    parts = {"hits": hits, "velocities": velocities, "offsets": offsets}
    return {name: part.sum((1, 2)).mean() for name, part in parts.items()}
