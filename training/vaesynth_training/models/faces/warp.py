"""Smooth displacements of images: a few nodes say where each pixel is looked up.

Coordinates run from -1 to 1 between the outer edges of an image, x first, as in `grid_sample`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def centres(side: int) -> Tensor:
    """Coordinates of the pixels' centres along one axis, `(side,)`."""
    return (2 * torch.arange(side) + 1) / side - 1


def pixels(side: int) -> Tensor:
    """Coordinates of the pixels' centres, `(1, side, side, 2)`."""
    return _square(centres(side))


def node_points(nodes: int) -> Tensor:
    """Coordinates of the nodes, which reach the outer edges, `(1, nodes, nodes, 2)`."""
    return _square(torch.linspace(-1, 1, nodes))


def _square(at: Tensor) -> Tensor:
    rows, columns = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([columns, rows], 2)[None]


def look_up(image: Tensor, where: Tensor) -> Tensor:
    """`image` `(batch, channels, …)` at coordinates `(batch, rows, columns, 2)`; its edge goes on outside."""
    return F.grid_sample(image, where, mode="bilinear", padding_mode="border", align_corners=False)


class Field(nn.Module):
    """Displacements at nodes `(batch, 2, nodes, nodes)` → coordinates `(batch, side, side, 2)` to look up at.

    Between nodes a cubic runs (Catmull-Rom), by two small matrix products: any ONNX host can do these.
    """

    cubic: Tensor
    pixels: Tensor

    def __init__(self, nodes: int, side: int) -> None:
        super().__init__()
        self.register_buffer("cubic", _cubic(nodes, side), persistent=False)
        self.register_buffer("pixels", pixels(side), persistent=False)

    def forward(self, nodes: Tensor) -> Tensor:
        """Where the pixels are looked up."""
        moved = self.cubic @ nodes @ self.cubic.T
        where: Tensor = self.pixels + moved.permute(0, 2, 3, 1)
        return where


def _cubic(nodes: int, side: int) -> Tensor:
    """Weights `(side, nodes)` of the nodes for each pixel along one axis."""
    at = ((centres(side) + 1) * (nodes - 1) / 2).double()
    left = at.floor()
    t = at - left
    weights = torch.stack(
        [
            ((2 - t) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        ],
        1,
    )
    near = (left.long()[:, None] + torch.arange(-1, 3)).clamp(0, nodes - 1)
    return torch.zeros(side, nodes, dtype=torch.double).scatter_add_(1, near, weights).float()


def inverse(nodes: Tensor, wanted: int, side: int = 64, rounds: int = 12) -> Tensor:
    """Nodes `(batch, 2, wanted, wanted)` of the field that undoes that of `nodes`, by fixed-point iteration.

    It converges where neighbouring pixels are moved nearly alike.
    """
    field = Field(nodes.shape[-1], side).to(nodes.device)
    moved = (field(nodes) - field.pixels).permute(0, 3, 1, 2)
    start = node_points(wanted).to(nodes).expand(len(nodes), -1, -1, -1)
    back = torch.zeros_like(start)
    for _ in range(rounds):
        back = -look_up(moved, start + back).permute(0, 2, 3, 1)
    return back.permute(0, 3, 1, 2)
