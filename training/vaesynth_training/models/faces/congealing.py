"""Congealing: faces are moved onto one another until few components tell them all (Learned-Miller 2006).

Each face gets a smooth displacement that makes it most like what the leading principal components of all
faces, as they are moved so far, say of it. Components are few at first and pictures blurred, so that heads
come to lie on heads before mouths do on mouths. There are no landmarks in it, and no network that learnt from
other people's photos.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .layers import principal
from .warp import Field, centres, look_up

SIDE, NODES = 64, 9
"""Of the pictures, and of the displacements along each axis."""
STAGES = ((4, 3.0, 0.010), (8, 2.0, 0.008), (16, 1.5, 0.006), (32, 1.0, 0.005))
"""Principal components, deviation of the blur in pixels, and step size, in half widths of the picture."""
LEAST = 8
"""Images that each component has to tell: more of these, and they tell faces where they lie."""
STEPS, FRESH = 30, 8
"""Steps in a stage, and after how many of them the components are found anew."""
ROUGHNESS, SIZE = 3e-4, 3e-5
"""Cost of a displacement's curvature and of its square, in pixels at the nodes."""
BATCH = 256


def importance(side: int = SIDE) -> Tensor:
    """Weights `(side, side)` of pixels: 1 on the face, next to nothing in the corners."""
    at = centres(side)
    return torch.exp(-((((at / 0.62) ** 2)[None] + (((at - 0.05) / 0.75) ** 2)[:, None]) ** 2))


def grey(x: Tensor) -> Tensor:
    """Images `(batch, 3, side, side)` as grey ones of mean 0 and deviation 1 on the face."""
    y, weights = x.mean(1, keepdim=True), importance(x.shape[-1]).to(x)
    y = y - (y * weights).sum((2, 3), keepdim=True) / weights.sum()
    deviation = ((y.square() * weights).sum((2, 3), keepdim=True) / weights.sum()).sqrt()
    return y / (deviation + 0.03)


def mirrored(nodes: Tensor) -> Tensor:
    """Displacements of the mirror images."""
    return nodes.flip(3) * torch.tensor([-1.0, 1.0]).to(nodes)[:, None, None]


def in_batches(of: Callable[..., Tensor], *parts: Tensor) -> Tensor:
    """What `of` makes of some items at a time, put together."""
    return torch.cat([of(*some) for some in zip(*(torch.split(x, BATCH) for x in parts), strict=True)])


def congeal(x: Tensor) -> Tensor:
    """Displacements `(2 · items, 2, NODES, NODES)` of images and of their mirror images.

    Args:
        x: images `(items, 3, SIDE, SIDE)` in [0, 1].

    Returns:
        Where each pixel of the common shape is looked up, relative to its own place; 0 at the edge.
    """
    items = len(x)
    pictures, field = torch.cat([x, x.flip(3)]), Field(NODES, SIDE).to(x.device)
    weights = importance().to(x)
    inner = F.pad(x.new_ones(NODES - 2, NODES - 2), (1, 1, 1, 1))
    nodes = x.new_zeros(2 * items, 2, NODES, NODES)
    for components, blur, rate in STAGES:
        seen = in_batches(lambda part, blur=blur: _blurred(grey(part), blur), pictures)
        optimiser = torch.optim.Adam([nodes], rate, betas=(0.9, 0.95), eps=1e-4)
        for step in range(STEPS):
            if step % FRESH == 0:
                mean, directions = _leading(seen, nodes, field, weights, min(components, 1 + items // LEAST))
            nodes.grad = inner * in_batches(
                lambda part, at, parts=(mean, directions): _slope(part, at, field, weights, *parts),
                seen,
                nodes,
            )
            optimiser.step()
            # A mirror image is moved as its original is, and nobody is moved on average.
            one = (nodes[:items] + mirrored(nodes[items:])) / 2
            both = torch.cat([one, mirrored(one)])
            nodes.copy_(both - both.mean(0, keepdim=True))
    return nodes


def _leading(
    seen: Tensor, nodes: Tensor, field: Field, weights: Tensor, components: int
) -> tuple[Tensor, Tensor]:
    """Mean `(pixels,)` and leading principal directions `(components, pixels)` of the moved pictures."""
    moved = in_batches(lambda part, at: (look_up(part, field(at)) * weights.sqrt()).flatten(1), seen, nodes)
    mean = moved.mean(0)
    return mean, principal(moved - mean, components)[1]


def _slope(
    seen: Tensor, nodes: Tensor, field: Field, weights: Tensor, mean: Tensor, directions: Tensor
) -> Tensor:
    """Gradient, for the nodes of each picture, of what the directions leave of it and of roughness."""
    with torch.enable_grad():
        q = nodes.detach().requires_grad_()
        moved = (look_up(seen, field(q)) * weights.sqrt()).flatten(1) - mean
        left = (moved - moved @ directions.T @ directions).square().sum() / weights.sum()
        p = q * (SIDE / 2)
        bend = 4 * p[..., 1:-1, 1:-1] - p[..., :-2, 1:-1] - p[..., 2:, 1:-1] - p[..., 1:-1, :-2]
        bend = bend - p[..., 1:-1, 2:]
        cost = left + (ROUGHNESS * bend.square().sum() + SIZE * p.square().sum()) / 4
        return torch.autograd.grad(cost, q)[0]


def _blurred(x: Tensor, deviation: float) -> Tensor:
    """Pictures `(batch, 1, side, side)` under a Gaussian of so many pixels."""
    reach = int(3 * deviation) + 1
    bell = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * deviation**2)).to(x)
    bell = (bell / bell.sum()).view(1, 1, 1, -1)
    x = F.conv2d(F.pad(x, (reach, reach, 0, 0), mode="replicate"), bell)
    return F.conv2d(F.pad(x, (0, 0, reach, reach), mode="replicate"), bell.transpose(2, 3))
