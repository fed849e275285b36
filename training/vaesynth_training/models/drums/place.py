"""Placing one-shots on the bar: a circular convolution with sparse impulses, as one matrix product a voice."""

import torch
from torch import Tensor, nn

from .groove import GRID
from .voices import HOP, Voice


class Placement(nn.Module):
    """Impulses on the 5 ms grid and one-shots → stems; tails wrap round the bar, so the loop is seamless."""

    def __init__(self, voices: tuple[Voice, ...]) -> None:
        super().__init__()
        self.voices = voices

    def forward(self, impulses: Tensor, shots: Tensor) -> Tensor:
        """Stems `(batch, voices, 2, GRID * HOP)`.

        Args:
            impulses: amplitudes `(batch, voices, GRID)`.
            shots: one-shots `(batch, voices, 2, frames)`.
        """
        stems = []
        for i, voice in enumerate(self.voices):
            hops = voice.hops
            # Row t of the Toeplitz matrix holds the impulses at t - hops + 1, … t - 1, t, circular.
            wrapped = torch.cat([impulses[:, i, GRID - hops + 1:], impulses[:, i]], 1)
            toeplitz = wrapped.unfold(1, hops, 1)
            hop_rows = shots[:, i, :, :hops * HOP].reshape(-1, 2, hops, HOP).transpose(1, 2).flip(1).reshape(-1, hops, 2 * HOP)
            placed = (toeplitz @ hop_rows).reshape(-1, GRID, 2, HOP).transpose(1, 2)
            stems.append(placed.reshape(-1, 2, GRID * HOP))
        return torch.stack(stems, 1)
