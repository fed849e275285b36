"""Which two descriptors become the pad's axes."""

import itertools

import numpy as np

from . import sheet as weaving
from .descriptors import Described, Descriptors
from .quality import Latents
from .sheet import Floats

MAX_CORRELATION = 0.5
"""Of two axes: above it, moving along the one is moving along the other."""


def axis_pairs(descriptors: Descriptors, described: Described, latents: Latents) -> list[tuple[str, str]]:
    """Pairs of descriptors, the best axes first.

    The score of a pair: share of the embedding's variance that a quadratic surface over the ranks explains,
    times how well the latents predict each of the two, times how musical they are.
    """
    ranked = {name: weaving.ranks(v) for name, v in described.values.items() if np.ptp(v) > 1e-9}
    if len(ranked) < 2:  # a model that hardly says anything
        rest = [name for name in described.values if name not in ranked]
        first, second, *_ = [*ranked, *rest]
        return [(first, second)]
    control = {name: _control(latents, ranked[name]) for name in ranked}
    embedding = described.embedding - described.embedding.mean(0)
    total = float((embedding**2).sum()) + 1e-12

    def score(pair: tuple[str, str]) -> float:
        a, b = (ranked[name] for name in pair)
        surface = np.stack([np.ones_like(a), a, b, a * a, b * b, a * b], 1)
        fit = surface @ np.linalg.lstsq(surface, embedding, rcond=None)[0]
        explained = float((fit**2).sum()) / total
        musical = [descriptors.musical.get(name, 1.0) for name in pair]
        return explained * float(np.sqrt(control[pair[0]] * control[pair[1]] * musical[0] * musical[1]))

    pairs = list(itertools.combinations(ranked, 2))
    apart = [p for p in pairs if abs(weaving.spearman(ranked[p[0]], ranked[p[1]])) <= MAX_CORRELATION]
    order = sorted(apart or pairs, key=score, reverse=True)
    # What is played goes along x, what it sounds like along y, as the table of words lists them.
    position = {name: i for i, name in enumerate(descriptors.words)}
    return [(a, b) if position[a] < position[b] else (b, a) for a, b in order]


def gradient(latents: Latents, target: Floats) -> Floats:
    """Ridge regression of `(n,)` values on latents `(n, latent_dim)`: weights `(latent_dim,)`."""
    z = latents - latents.mean(0, dtype=np.float64)
    ridge = 0.1 * len(z) * max(float(z.var(0).mean()), 1e-9)
    return np.asarray(
        np.linalg.solve(z.T @ z + ridge * np.eye(z.shape[1]), z.T @ (target - target.mean())), np.float64
    )


def _control(latents: Latents, target: Floats) -> float:
    """How well the latents predict a descriptor on items left out (two folds), 0.01 to 1."""
    folds = np.arange(len(latents)) % 2
    guessed = np.zeros(len(target))
    for fold in (0, 1):
        train, test = folds != fold, folds == fold
        centre = latents[train].mean(0, dtype=np.float64)
        guessed[test] = (latents[test] - centre) @ gradient(latents[train], target[train])
    return max(0.01, weaving.spearman(guessed, target) ** 2)
