"""What a few loops have that no one-shot of the kit gives, kept as sound and heard near their own places.

A model trained on a handful of loops knows them by name, so to speak: nothing is won by letting it forget
what its eight voices cannot say. The rests are interpolated by radial basis functions (Powell 1987): at a
loop's own latents the loop sounds as it is, away from them its rest fades.
"""

import itertools
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ...model import Batch

MOST = 32
"""Loops that are remembered at most: each costs 0.4 MB of a file of half precision."""

WIDTH = 0.25
"""Of the kernel, in median distances between the loops: half-way between two, 13 % of each rest is heard."""


class Memory(nn.Module):
    """Rests of remembered loops over their latents; empty until `learn`."""

    places: Tensor
    rests: Tensor
    width: Tensor

    def __init__(self, latent_dim: int, channels: int, frames: int) -> None:
        super().__init__()
        self.register_buffer("places", torch.zeros(0, latent_dim))
        self.register_buffer("rests", torch.zeros(0, channels, frames))
        self.register_buffer("width", torch.ones(()))

    def __len__(self) -> int:
        return len(self.places)

    def forget(self) -> None:
        """Back to empty."""
        self.places, self.rests = self.places[:0], self.rests[:0]

    def learn(self, z: Tensor, rests: Tensor) -> None:
        """Remember the `rests` `(items, channels, frames)` at `z` `(items, latent_dim)`, and nothing else."""
        distances = torch.pdist(z) if len(z) > 1 else torch.full((1,), (2.0 * z.shape[1]) ** 0.5)
        self.places, self.width = z.clone(), WIDTH * distances.median().clamp_min(1e-3)
        # The ridge is for loops that are the same: they share what they have, instead of fighting over it.
        kernel = self._kernel(z) + 1e-3 * torch.eye(len(z))
        self.rests = torch.linalg.solve(kernel, rests.flatten(1)).reshape(rests.shape)

    def forward(self, z: Tensor) -> Tensor:
        """What is heard of the rests at `z` `(batch, latent_dim)`: `(batch, channels, frames)`."""
        return (self._kernel(z) @ self.rests.flatten(1)).reshape(-1, *self.rests.shape[1:])

    def _kernel(self, z: Tensor) -> Tensor:
        squares = (z[:, None] - self.places).square().sum(2)
        return torch.exp(-0.5 * squares / self.width.square())

    def _load_from_state_dict(self, state: Mapping[str, Any], prefix: str, *others: Any) -> None:
        # As many loops as the file remembers, not as many as this model did.
        for name in ("places", "rests"):
            own, saved = getattr(self, name), state.get(prefix + name)
            if saved is not None and saved.shape[1:] == own.shape[1:] and len(saved) <= MOST:
                setattr(self, name, torch.zeros(saved.shape, dtype=own.dtype, device=own.device))
        super()._load_from_state_dict(state, prefix, *others)


class Few:
    """Collects the bars of a handful of loops, and gives up where there are more.

    Args:
        most: bars that are kept. Of more loops than that none is kept; of fewer loops with more bars, each
            has its first before any has its second.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._loops: dict[str, list[Tensor]] = {}

    def add(self, batch: Batch) -> None:
        """Look at another batch."""
        for bar, record in zip(batch.x, batch.info, strict=True):
            if len(self._loops) > self._most:
                return
            bars = self._loops.setdefault(str(record.get("file", len(self._loops))), [])
            bars.append(bar[None].clone())
            if sum(map(len, self._loops.values())) > self._most:
                # The last bar of the longest, the later of two that are as long.
                max(reversed(self._loops.values()), key=len).pop()

    def bars(self) -> list[Tensor]:
        """The bars kept, each `(1, channels, frames)`."""
        if len(self._loops) > self._most:
            return []
        rounds = itertools.zip_longest(*self._loops.values())
        return [bar for turn in rounds for bar in turn if bar is not None]
