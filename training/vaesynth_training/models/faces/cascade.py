"""Where an unknown face has to be looked up: a cascade of linear regressions (Xiong & De la Torre 2013).

Each stage sees the face as it is moved so far and says how it is to be moved on. All are fitted in closed
form, one after the other, to displacements that `congealing` found, of faces as they are and tilted, scaled
and shifted at random.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .congealing import NODES, SIDE, grey, importance, in_batches
from .layers import ridge_regression
from .warp import Field, look_up, node_points, pixels

STAGES, SEEN = 4, 32
"""Regressions, and the side of the picture that each of them sees."""
TILT, SCALE, SHIFT = 0.05, 0.04, 0.03
"""Deviations of what faces are changed by: radians, share, half widths."""
CHANGED = 4
"""Changed copies of each face that are learnt from beside it."""
RIDGE = 0.03
"""Of the regressions' squared weights, for each face."""


class Cascade(nn.Module):
    """Images `(batch, 3, SIDE, SIDE)` → displacements `(batch, 2, NODES, NODES)` onto the common shape."""

    weights: Tensor
    biases: Tensor
    importance: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.field = Field(NODES, SIDE)
        self.register_buffer("weights", torch.zeros(STAGES, 2 * NODES**2, SEEN**2))
        self.register_buffer("biases", torch.zeros(STAGES, 2 * NODES**2))
        self.register_buffer("importance", importance(SEEN).sqrt().flatten(), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The displacements."""
        nodes = self._step(0, self._see(x))  # nothing is moved yet
        for stage in range(1, STAGES):
            nodes = nodes + self._step(stage, self._see(look_up(x, self.field(nodes))))
        return nodes

    def _see(self, moved: Tensor) -> Tensor:
        return grey(F.avg_pool2d(moved, SIDE // SEEN)).flatten(1) * self.importance

    def _step(self, stage: int, seen: Tensor) -> Tensor:
        return F.linear(seen, self.weights[stage], self.biases[stage]).view(-1, 2, NODES, NODES)

    @torch.no_grad()
    def fit(self, x: Tensor, nodes: Tensor) -> None:
        """Learn that images `x` are to be moved by `nodes`; both as `forward` has them."""
        known, wanted = [x], [nodes]
        for _ in range(CHANGED):
            changed, moved = _changed(x, nodes)
            known.append(changed)
            wanted.append(moved)
        faces, goal = torch.cat(known), torch.cat(wanted)
        found = torch.zeros_like(goal)
        for stage in range(STAGES):
            seen = in_batches(lambda part, at: self._see(look_up(part, self.field(at))), faces, found)
            left = (goal - found).flatten(1)
            self.weights[stage], self.biases[stage] = ridge_regression(seen, left, RIDGE)
            found = found + self._step(stage, seen)


def _changed(x: Tensor, nodes: Tensor) -> tuple[Tensor, Tensor]:
    """Images tilted, scaled and shifted at random, and the displacements that these are to be moved by."""
    items = len(x)
    tilt, scale = TILT * torch.randn(items), 1 + SCALE * torch.randn(items)
    cosine, sine = scale * tilt.cos(), scale * tilt.sin()
    turn = torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1).to(x)
    shift = (SHIFT * torch.randn(items, 1, 1, 2)).to(x)
    here = pixels(SIDE).to(x)
    changed = in_batches(lambda a, b, c: look_up(a, _turned(here, b) + c), x, turn, shift)
    at = node_points(NODES).to(x)
    back = _turned(at + nodes.permute(0, 2, 3, 1) - shift, torch.linalg.inv(turn)) - at
    return changed, back.permute(0, 3, 1, 2)


def _turned(points: Tensor, turn: Tensor) -> Tensor:
    """Points `(batch or 1, rows, columns, 2)` under matrices `(batch, 2, 2)`."""
    return torch.einsum("bij,bhwj->bhwi", turn, points.expand(len(turn), -1, -1, -1))
