"""Means of what is logged, over steps or items and over all devices."""

import math
from collections.abc import Mapping
from typing import Any

import torch.distributed as dist


class Means:
    """Means by name. A name counts where it was given: what only some batches have is the mean over these."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def add(self, values: Mapping[str, float], count: int) -> None:
        """Take in the means of `count` steps or items."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value * count
            self._counts[name] = self._counts.get(name, 0) + count

    def over_ranks(self, world: int) -> dict[str, float]:
        """The means over all `world` ranks, which must all call; a rank may have had nothing at all."""
        parts: list[Any] = [(self._sums, self._counts)]
        if world > 1:
            parts = [None] * world
            dist.all_gather_object(parts, (self._sums, self._counts))
        # In the order of the first rank that has a name.
        names = dict.fromkeys(name for sums, _ in parts for name in sums)
        return {
            name: math.fsum(sums.get(name, 0.0) for sums, _ in parts)
            / sum(counts.get(name, 0) for _, counts in parts)
            for name in names
        }
