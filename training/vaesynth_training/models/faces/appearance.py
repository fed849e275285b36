"""An active appearance model: shape and texture of faces, together linear in one latent (Cootes et al. 2001).

A face is a picture in the common shape, moved to its own. Features lie on features there, so that a sum of
faces is a face and not a double exposure. All is found in closed form from the training images, without
landmarks.
"""

import torch
from torch import Tensor, nn

from .cascade import Cascade
from .congealing import NODES, SIDE, congeal, importance, in_batches
from .layers import LinearBackbone, ridge_regression
from .warp import inverse, look_up

MOVED_NODES = 17
"""Nodes of the displacement from the common shape to a face's own, along each axis."""
OUTSIDE = 0.05
"""Weight of pixels far from the face, whose weight is 1: components are for faces, not for walls."""
SHAPE_SHARE = 0.1225
"""Variance of the displacements as the components see it, over that of the pixels."""
MOVED_RIDGE = 1e-3
"""Of the squared weights that tell this displacement from a latent, for each face."""


def weights(side: int) -> Tensor:
    """What the error of each pixel counts, `(side, side)`: 1 on the face, `OUTSIDE` far from it."""
    return OUTSIDE + (1 - OUTSIDE) * importance(side)


class AppearanceModel(nn.Module):
    """Probabilistic PCA of texture and shape; the prior of its latent is N(0, I).

    Attributes:
        linear: components of textures (in pixels, weighed) and displacements (scaled by `shape_scale`).
    """

    shape_scale: Tensor
    moved: Tensor
    moved_mean: Tensor
    weights: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.cascade = Cascade()
        self.linear = LinearBackbone(3 * SIDE**2 + 2 * NODES**2, latent_dim)
        self.register_buffer("shape_scale", torch.tensor(1.0))
        self.register_buffer("moved", torch.zeros(2 * MOVED_NODES**2, latent_dim))
        self.register_buffer("moved_mean", torch.zeros(2 * MOVED_NODES**2))
        self.register_buffer("weights", weights(SIDE).sqrt(), persistent=False)

    @torch.no_grad()
    def fit(self, x: Tensor) -> None:
        """Learn from images `(items, 3, SIDE, SIDE)` and their mirror images; one alone tells nothing."""
        if len(x) < 2:
            return
        both = torch.cat([x, x.flip(3)])
        self.cascade.fit(both, congeal(x))
        # Displacements as they are heard of unknown faces, not as they were found: one posterior for all.
        nodes = in_batches(self.cascade, both)
        textures = in_batches(lambda part, at: look_up(part, self.cascade.field(at)), both, nodes)
        shares = (textures * self.weights).var(0).sum() / nodes.flatten(1).var(0).sum().clamp_min(1e-9)
        self.shape_scale.copy_((SHAPE_SHARE * shares).sqrt())
        values = self._values(textures, nodes)
        self.linear.fit(values)
        moved = in_batches(lambda part: inverse(part, MOVED_NODES), nodes).flatten(1)
        weights, biases = ridge_regression(self.linear.encode(values), moved, MOVED_RIDGE)
        self.moved.copy_(weights)
        self.moved_mean.copy_(biases)

    def _values(self, textures: Tensor, nodes: Tensor) -> Tensor:
        """What the components are of, `(batch, values)`."""
        return torch.cat([(textures * self.weights).flatten(1), self.shape_scale * nodes.flatten(1)], 1)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior means `(batch, latent_dim)` of images `(batch, 3, SIDE, SIDE)`, and their textures."""
        nodes = self.cascade(x)
        texture = look_up(x, self.cascade.field(nodes))
        return self.linear.encode(self._values(texture, nodes)), texture

    def decode(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Textures `(batch, 3, SIDE, SIDE)`, and what moves them, `(batch, 2, MOVED_NODES, MOVED_NODES)`.

        Args:
            z: latents `(batch, latent_dim)`.
        """
        values = self.linear.decode(z)[:, : 3 * SIDE**2].view(-1, 3, SIDE, SIDE)
        moved = (z @ self.moved.T + self.moved_mean).view(-1, 2, MOVED_NODES, MOVED_NODES)
        return values / self.weights, moved
