"""The studies of `evaluate`: reconstruction, the bound, the latent space, generation, interpolation.

Each takes a model and items and returns plain figures; tensors that plots and players need stand beside them.
"""

import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from vaesynth.geometry import ImageGeometry, LoopGeometry

from .interpolation import path
from .losses.elbo import gaussian_log_likelihood, importance_weighted_bound, optimal_log_deviation
from .metrics import active_units, item_metrics, mel_spectrogram, nats_per_dimension, sharpness
from .model import Model, Posterior

Geometry = LoopGeometry | ImageGeometry
Figures = dict[str, Any]
CHUNK = 4
IWAE_ITEMS, IWAE_DRAWS = 16, 16


@dataclass(frozen=True)
class Paths:
    """Decoded paths between items: kind → one `(steps, …)` tensor a pair."""

    pairs: list[tuple[int, int]]
    decoded: dict[str, list[Tensor]] = field(default_factory=dict)


def decode(model: Model, z: Tensor) -> Tensor:
    """Decoded latents, a few at a time, float32 on the CPU."""
    return torch.cat([model.decode(part).float() for part in torch.split(z, CHUNK)])


def encode(model: Model, x: Tensor) -> Posterior:
    """Posterior of items, a few at a time."""
    parts = [model.encode(part) for part in torch.split(x, CHUNK)]
    return Posterior(
        torch.cat([p.mean for p in parts]).float(), torch.cat([p.log_variance for p in parts]).float()
    )


def features(x: Tensor, geometry: Geometry) -> Tensor:
    """Vectors whose RMS difference says how different items look or sound: `(batch, features)`.

    Loops: level in dB of 40 mel bands every 10 ms, mono. Images: luminance, scaled to 32 pixels of height,
        in 0 to 255.
    """
    if isinstance(geometry, LoopGeometry):
        hop = max(1, round(0.01 * geometry.sample_rate))
        n_fft = 1 << round(math.log2(0.04 * geometry.sample_rate))
        return torch.cat(
            [
                mel_spectrogram(part.mean(1), geometry.sample_rate, n_fft, hop, 40).flatten(1)
                for part in torch.split(x, CHUNK)
            ]
        )
    size = (32, max(1, round(32 * geometry.width / geometry.height)))
    return 255 * F.interpolate(x.mean(1, keepdim=True), size, mode="area").flatten(1)


def distances(a: Tensor, b: Tensor) -> Tensor:
    """RMS difference of each feature vector of `a` from each of `b`: `(len(a), len(b))`."""
    return torch.cdist(a, b) / math.sqrt(a.shape[1])


def reconstruction(x: Tensor, decoded: Tensor, geometry: Geometry) -> tuple[Figures, list[dict[str, float]]]:
    """Means over the items, and the figures of each item; items are decoded from their posterior means."""
    chunks = zip(torch.split(decoded, CHUNK), torch.split(x, CHUNK), strict=True)
    parts = [item_metrics(d, t, geometry) for d, t in chunks]
    columns = {name: torch.cat([p[name] for p in parts]) for name in parts[0]}
    rows = [{k: round(float(v[i]), 4) for k, v in columns.items()} for i in range(len(x))]
    return {k: round(float(v.mean()), 4) for k, v in columns.items()}, rows


def bound(model: Model, x: Tensor, posterior: Posterior) -> Figures:
    """The Gaussian ELBO of the items in nats, and the tighter importance-weighted bound on a few of them.

    σ of the observation noise is the model's own where it has one (`log_deviation`), else the one of greatest
    likelihood on these items, which flatters a model without one a little. A model may name what its
    likelihood is of (`modelled`: grey values, say); for others it is every sample or colour.
    """
    modelled = getattr(model, "modelled", lambda items: items.flatten(1))
    target, decoded = modelled(x), modelled(decode(model, posterior.sample()))
    own = getattr(model, "log_deviation", None)
    log_deviation = float(own) if isinstance(own, Tensor) else float(optimal_log_deviation(target, decoded))
    likelihood = gaussian_log_likelihood(target, decoded, log_deviation)
    kl = posterior.kl().sum(1)
    few = slice(0, IWAE_ITEMS)
    q = Posterior(posterior.mean[few], posterior.log_variance[few])
    z = torch.stack([q.sample() for _ in range(IWAE_DRAWS)])
    means = torch.stack([modelled(decode(model, part)) for part in z])
    iwae = importance_weighted_bound(target[few], means, z, q, log_deviation)
    values = target.shape[1]
    elbo = likelihood - kl
    return {
        "elbo": float(elbo.mean()),
        "log_likelihood": float(likelihood.mean()),
        "kl": float(kl.mean()),
        "elbo_per_value": float(elbo.mean()) / values,
        "values": values,
        "deviation": float(torch.tensor(log_deviation, dtype=torch.float64).exp()),
        "deviation_is_the_model's": isinstance(own, Tensor),
        f"importance_weighted_{IWAE_DRAWS}": float(iwae.mean()),
        "elbo_of_the_same_items": float(elbo[few].mean()),
    }


def latent(mean: Tensor, log_variance: Tensor) -> Figures:
    """How much of the latent space is used: nats, active units, and how far the aggregate posterior is from
    the prior.
    """
    nats = nats_per_dimension(mean, log_variance)
    aggregate = mean.var(0, correction=0) + log_variance.exp().mean(0)
    return {
        "dimensions": mean.shape[1],
        "active_units": active_units(mean),
        "nats_total": float(nats.sum()),
        "nats_per_dimension": [round(float(n), 4) for n in nats],
        "aggregate_mean": float(mean.mean(0).norm()),
        "aggregate_deviation": float(aggregate.sqrt().mean()),
    }


def generation(
    model: Model, real: Tensor, mean: Tensor, count: int, geometry: Geometry
) -> tuple[Figures, Tensor]:
    """Samples of the prior beside real items.

    `nearest` is the median distance (see `features`) to the nearest real item: for real items to the nearest
    other one, for samples of the prior, and for samples of a Gaussian fitted to the posterior means, which
    even a plain autoencoder can be asked for. `cycle` is the relative error of encode(decode(z)) for z of
    the prior.
    """
    z = torch.randn(count, model.latent_dim)
    samples = decode(model, z)
    fitted = decode(model, mean.mean(0) + mean.std(0, correction=0) * torch.randn(count, model.latent_dim))
    reference = features(real, geometry)
    to_real = {
        name: distances(features(x, geometry), reference).amin(1).median()
        for name, x in (("prior", samples), ("fitted", fitted))
    }
    between = distances(reference, reference)
    between.fill_diagonal_(float("inf"))
    made = features(samples, geometry)
    cycle = (encode(model, samples).mean - z).norm(dim=1) / z.norm(dim=1)
    figures: Figures = {
        "samples": count,
        "nearest": {k: float(v) for k, v in to_real.items()},
        "spread_ratio": _spread(made) / max(_spread(reference), 1e-9) if len(real) > 1 else None,
        "cycle": float(cycle.median()),
    }
    if len(real) > 1:
        figures["nearest"]["real"] = float(between.amin(1).median())
    if isinstance(geometry, LoopGeometry):
        level = samples.square().mean((1, 2)).sqrt()
        figures["silent_share"] = float((level < 0.01).float().mean())
    else:
        figures["sharpness_ratio"] = float(sharpness(samples).mean() / sharpness(real).mean().clamp_min(1e-9))
    return figures, samples


def interpolation(
    model: Model,
    real: Tensor,
    mean: Tensor,
    pairs: int,
    steps: int,
    geometry: Geometry,
) -> tuple[Figures, Paths]:
    """Straight and spherical paths between posterior means of pairs of items.

    `middle_nearest`: median distance of the half-way item to the nearest real one, beside `ends_nearest`,
    that of the decoded ends. `level_dip`: level (loops, dB) or contrast (images, dB) half-way against the
    mean of the ends'. `largest_step`: largest step on the path against the mean step, 1 where change is even.
    """
    chosen = spread_pairs(features(real, geometry), pairs)
    paths = Paths(chosen)
    figures: Figures = {"pairs": len(chosen), "steps": steps}
    reference = features(real, geometry)
    for kind in ("lerp", "slerp"):
        nearest, ends, dips, evenness = [], [], [], []
        paths.decoded[kind] = []
        for i, j in chosen:
            decoded = decode(model, path(mean[i], mean[j], steps, "lerp" if kind == "lerp" else "slerp"))
            paths.decoded[kind].append(decoded)
            seen = features(decoded, geometry)
            away = distances(seen, reference).amin(1)
            nearest.append(away[steps // 2])
            ends.append((away[0] + away[-1]) / 2)
            levels = 10 * _power(decoded, geometry).clamp_min(1e-9).log10()
            dips.append(levels[steps // 2] - (levels[0] + levels[-1]) / 2)
            walk = (seen[1:] - seen[:-1]).norm(dim=1)
            evenness.append(walk.max() / walk.mean().clamp_min(1e-9))
        if chosen:
            figures[kind] = {
                name: float(torch.stack(values).median())
                for name, values in (
                    ("middle_nearest", nearest),
                    ("ends_nearest", ends),
                    ("level_dip", dips),
                    ("largest_step", evenness),
                )
            }
    return figures, paths


def spread_pairs(seen: Tensor, count: int) -> list[tuple[int, int]]:
    """Pairs of items far from each other, each item at most once: what interpolation finds hardest."""
    away = distances(seen, seen)
    ordered = sorted(itertools.combinations(range(len(seen)), 2), key=lambda p: -float(away[p]))
    used: set[int] = set()
    chosen: list[tuple[int, int]] = []
    for i, j in ordered:
        if len(chosen) < count and not used & {i, j}:
            chosen.append((i, j))
            used |= {i, j}
    return chosen


def _power(x: Tensor, geometry: Geometry) -> Tensor:
    """Power of loops, or variance of images, `(batch,)`."""
    return x.square().mean((1, 2)) if isinstance(geometry, LoopGeometry) else x.mean(1).flatten(1).var(1)


def _spread(seen: Tensor) -> float:
    """RMS distance from the mean."""
    return float((seen - seen.mean(0)).square().mean().sqrt())
