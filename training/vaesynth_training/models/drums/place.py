"""Placing one-shots on the bar: a circular convolution with impulses, as one matrix product a voice."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .groove import GRID
from .voices import HOP, Voice


class Placement(nn.Module):
    """Impulses on the 5 ms grid and one-shots → stems; tails wrap round the bar, so the loop is seamless."""

    def __init__(self, voices: tuple[Voice, ...]) -> None:
        super().__init__()
        self.voices = voices

    def forward(self, impulses: Tensor, shots: Sequence[Tensor]) -> list[Tensor]:
        """Stems, for each voice `(batch, 2, GRID * HOP)`.

        Args:
            impulses: amplitudes `(batch, voices, GRID)`.
            shots: one-shots, for each voice `(batch, 2, hops * HOP)`, or `(batch, 1, …)` for the centre.
        """
        # Row t of a voice's matrix holds the impulses at t, t - 1, t - 2, …, circular. Rows one place shorter
        # than the bar, laid end to end, are the reversed impulses over and over. Copied in blocks they cost
        # little; gathered value by value they would cost as much as the product.
        reverse = torch.cat([impulses[..., :1], impulses[..., 1:].flip(2)], 2)
        copies = reverse[:, :, None].expand(-1, -1, GRID - 1, -1)
        turned = copies.reshape(-1, len(self.voices), GRID, GRID - 1)
        stems = []
        for i, (voice, shot) in enumerate(zip(self.voices, shots, strict=True)):
            placed = turned[:, i : i + 1, :, : voice.hops] @ shot.reshape(-1, shot.shape[1], voice.hops, HOP)
            stems.append(placed.flatten(2).expand(-1, 2, -1))
        return stems
