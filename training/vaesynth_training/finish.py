"""The results of a run: weights, latents, records, card."""

import math
from collections.abc import Mapping
from contextlib import nullcontext
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .budget import Budget
from .data import Data
from .ema import ExponentialMean
from .lightning_module import ADVICE, TrainingError
from .metrics import HEADLINE, active_units, item_metrics, nats_per_dimension
from .model import Model
from .run import CARD, ITEMS, LATENTS, WEIGHTS, write_json, write_tensors

MAX_SCORED = {"train": 1_152, "validation": 128}
"""Items of each split that are decoded and measured, of all sets: the export weaves the pad of the best."""
ENCODE_BATCH = 8


def write_results(
    folder: Path,
    model: Model,
    weights: Mapping[str, Tensor],
    data: Data,
    budget: Budget,
    mean: ExponentialMean | None = None,
    encoded_items: int | None = None,
    seed: int = 0,
) -> None:
    """Write what is exported and reported into a RUN folder.

    Args:
        folder: the run's.
        model: on the CPU; holds its last weights.
        weights: what is written: the running mean of the weights, without a discriminator.
        data: what it was trained on.
        budget: what was spent.
        mean: the running mean, under which the model is settled and items are encoded.
        encoded_items: at most this many items of each split are encoded.
        seed: of what settling draws: the same weights settle alike, whatever was drawn before.

    Raises:
        TrainingError: weights, losses or latents are not finite; these are not written.
        OutputError: a file cannot be written.
    """
    model.eval()
    _require_finite(weights)
    with (
        mean.applied(model) if mean is not None else nullcontext(),
        torch.random.fork_rng(devices=[]),
    ):
        torch.manual_seed(seed)
        # Before all else, for what is no number makes models fail in ways of their own.
        with torch.no_grad():
            _require_finite(model.losses(next(iter(data.once("train", ENCODE_BATCH))), budget.steps))
        model.settle(data.once("train", ENCODE_BATCH, limit=encoded_items), data.records("train"))
        settled = model.state_dict()
        weights = {name: settled[name].clone() for name in weights}
        _require_finite(weights)
        write_tensors(folder / WEIGHTS, weights)
        latents, records, scores = _encode(model, data, encoded_items)
    train = latents["train_mean"], latents["train_log_variance"]
    nats = nats_per_dimension(*train)
    _require_finite(latents | {"nats": nats})
    write_tensors(folder / LATENTS, latents)
    write_json(folder / ITEMS, records)
    write_json(
        folder / CARD,
        {
            "model": type(model).__name__,
            "steps": budget.steps,
            "minutes": round(budget.seconds / 60, 3),
            "scores": scores,
            "latent": {
                "dimensions": model.latent_dim,
                "active_units": active_units(train[0]),
                "nats_total": round(float(nats.sum()), 3),
                "nats_per_dimension": [round(float(n), 4) for n in nats],
            },
            "parameters": sum(v.numel() for v in weights.values()),
            "data": [{"name": source.name, "items": dict(source.items)} for source in data.sets],
            "data_licences": data.licences(),
            "code_version": code_version(),
        },
    )


def _require_finite(values: Mapping[str, Tensor]) -> None:
    for name, value in values.items():
        if not bool(torch.isfinite(value).all()):
            raise TrainingError(
                f"{name} of the trained model is not finite, expected finite numbers "
                f"({ADVICE})"
            )


def _encode(
    model: Model, data: Data, limit: int | None
) -> tuple[dict[str, Tensor], dict[str, list[dict[str, Any]]], dict[str, Any]]:
    """Latents and records of all items; measures of reconstruction for some of each split, evenly spaced."""
    latents: dict[str, Tensor] = {}
    records: dict[str, list[dict[str, Any]]] = {"train": [], "validation": []}
    scores: dict[str, Any] = {}
    headline = HEADLINE[data.kind]
    for split in records:
        means, log_variances = [torch.zeros(0, model.latent_dim)], [torch.zeros(0, model.latent_dim)]
        found: dict[str, list[Tensor]] = {}
        share, scored = MAX_SCORED[split] / max(data.items(split, limit), 1), 0
        for batch in data.once(split, ENCODE_BATCH, limit=limit):
            with torch.no_grad():
                posterior = model.encode(batch.x)
                means.append(posterior.mean.float())
                log_variances.append(posterior.log_variance.float())
                rows = [dict(info) for info in batch.info]
                if scored <= share * len(records[split]):
                    scored += len(rows)
                    measures = item_metrics(model.decode(posterior.mean), batch.x, data.geometry)
                    for name, values in measures.items():
                        found.setdefault(name, []).append(values)
                    for row, score in zip(rows, measures[headline].tolist(), strict=True):
                        row["score"] = round(score, 4) if math.isfinite(score) else None
            records[split] += rows
        latents[f"{split}_mean"], latents[f"{split}_log_variance"] = (
            torch.cat(means),
            torch.cat(log_variances),
        )
        if found:
            means_of = {name: float(torch.cat(v).mean()) for name, v in found.items()}
            scores[split] = {k: round(v, 4) if math.isfinite(v) else None for k, v in means_of.items()}
            scores[split]["items"] = sum(len(v) for v in found[headline])
    return latents, records, scores


def code_version() -> str:
    """Version of the installed package."""
    try:
        return version("vaesynth")
    except PackageNotFoundError:
        return "unknown"
