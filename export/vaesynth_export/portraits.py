"""The pad of pictures: a plane through the middle of the prior, along many visible directions, none far.

Faces far out on a few directions are caricatures, and a sheet bent through photos jumps from one to the next.
Here each axis is a sum of many latent dimensions, half of the most visible ones, each at about one standard
deviation at the edge of the pad: where faces are, and where the decoder has learnt them.
"""

from collections.abc import Mapping

import numpy as np

from vaesynth.latent_map import LatentMap

from .descriptors import Descriptors
from .plane import Plane, candidates
from .quality import Decode, Latents, assess, describe
from .sheet import Floats, nodes, spearman

REACH = 0.7
"""Of each direction at the edge, in standard deviations of the items."""
DIRECTIONS = 144
"""Most that the two axes share."""
DRAWS = 8
"""Choices of signs that are tried; that whose axes have the clearest words is taken."""
RASTER = 7


def build(decode: Decode, descriptors: Descriptors, means: Latents, seed: int = 0) -> Plane:
    """A calm plane for a decoder of pictures.

    Args:
        decode: latents `(n, latent_dim)` → items.
        descriptors: what to measure, and words for the axes.
        means: posterior means of the training items `(n, latent_dim)`; points of the prior stand in for none.
        seed: of the choice of signs.
    """
    rng = np.random.default_rng(seed)
    latents, _ = candidates(means, rng)
    described = describe(decode, descriptors, latents)
    whole = (means if len(means) > 1 else latents).astype(np.float64)
    centre, deviation = whole.mean(0), whole.std(0)
    directions = _visible(decode, descriptors, centre, deviation)
    best: tuple[float, LatentMap, tuple[str, str]] | None = None
    for _ in range(DRAWS):
        signed = rng.choice([-1.0, 1.0], len(directions)) * REACH * deviation[directions]
        axes = np.zeros((2, len(centre)))
        axes[0, directions[::2]], axes[1, directions[1::2]] = signed[::2], signed[1::2]
        clarity, pair, signs = _words(decode, descriptors, centre, axes)
        x_axis, y_axis = signs[:, None] * axes
        corners = [[centre + y * y_axis + x * x_axis for x in (-1, 1)] for y in (-1, 1)]
        plane = LatentMap(np.asarray(corners, np.float32), *(descriptors.words[name][0] for name in pair))
        if best is None or clarity > best[0]:
            best = clarity, plane, pair
    assert best is not None  # there is at least one draw
    _, plane, pair = best
    quality = assess(plane, decode, descriptors, described, pair)
    return Plane(plane, pair, {}, quality, latents, described)


def _visible(decode: Decode, descriptors: Descriptors, centre: Floats, deviation: Floats) -> list[int]:
    """Latent dimensions, those first whose deviation to either side changes the embedding most."""
    ahead, behind = (
        describe(decode, descriptors, centre + side * np.diag(deviation)).embedding for side in (1.0, -1.0)
    )
    change = np.linalg.norm(ahead - behind, axis=1)
    order = [int(i) for i in np.argsort(-change)[:DIRECTIONS]]
    return order if len(order) > 1 else [0, 0]


def _words(
    decode: Decode, descriptors: Descriptors, centre: Floats, axes: Floats
) -> tuple[float, tuple[str, str], Floats]:
    """How clearly each axis follows a descriptor of its own, which ones, and signs that let them rise."""
    at = nodes(RASTER).reshape(-1, 2)
    values: Mapping[str, Floats] = describe(decode, descriptors, centre + at @ axes).values
    rho = {name: np.array([spearman(v, at[:, i]) for i in (0, 1)]) for name, v in values.items()}
    # What the other axis changes as well is no name for this one.
    clear = {name: np.abs(r) - np.abs(r[::-1]) for name, r in rho.items()}
    pairs = [(a, b) for a in clear for b in clear if a != b]
    pair = max(pairs, key=lambda p: min(clear[p[0]][0], clear[p[1]][1]))
    signs = np.array([1.0 if rho[name][i] >= 0 else -1.0 for i, name in enumerate(pair)])
    return min(float(clear[pair[0]][0]), float(clear[pair[1]][1])), pair, signs
