"""A training run → the metadata of its model file (format 1, docs/format.md)."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from vaesynth import metadata
from vaesynth.geometry import LoopGeometry
from vaesynth_training.figures import finite
from vaesynth_training.model import Model
from vaesynth_training.run import Run

from .plane import Plane
from .quality import Latents

MAX_AUTHORS = 200
MAX_NAME = 120
UNKNOWN_LICENCE = "unknown"


def build(
    run: Run,
    model: Model,
    plane: Plane,
    macros: Sequence[Mapping[str, Any]],
    *,
    name: str,
    licence: str | None = None,
    authors: Sequence[str] = (),
    weights: str = "float32",
    stems: bool = True,
) -> str:
    """The JSON text for `metadata_props["vaesynth"]`, checked as every host checks it.

    Args:
        run: the training run.
        model: its model with the exported weights.
        plane: the pad's sheet and what it shows.
        macros: as `macros.choose` gives them.
        name: shown to people.
        licence: of the weights; None: that of the data where all of it has the same, else `unknown`.
        authors: credits; the authors of the data are added.
        weights: how they are stored, `float32` or `float16`.
        stems: the graph has the output `stems`.

    Raises:
        ModelError: the run's facts do not make valid metadata; names the field.
    """
    records = training_records(run)
    licences = Counter(str(r.get("licence") or UNKNOWN_LICENCE) for r in records)
    data_licence = ", ".join(f"{text} ({n} items)" for text, n in licences.most_common())
    values: dict[str, Any] = {"format": metadata.FORMAT, "kind": run.kind, "name": name[:MAX_NAME]}
    values |= _geometry(run)
    values |= {"latent_dim": model.latent_dim, **aggregate(run, model.latent_dim)}
    if model.latent_groups:
        values["latent_groups"] = {k: [int(a), int(b)] for k, (a, b) in model.latent_groups.items()}
    values["pad"] = plane.map.to_metadata()
    values["macros"] = [dict(m) for m in macros]
    if model.voices and stems:
        values["voices"] = list(model.voices)
    values |= {
        "examples": examples(run, plane),
        "pair": pair(model),
        "scores": finite(_card(run).get("scores", {})),
        "trained": {**_trained(run), "weights": weights},
        "licence": licence or (next(iter(licences)) if len(licences) == 1 else UNKNOWN_LICENCE),
        "data_licence": data_licence or UNKNOWN_LICENCE,
        "authors": _authors(authors, records),
    }
    text = json.dumps(values, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    metadata.parse(text, name)
    return text


def training_records(run: Run) -> list[dict[str, Any]]:
    """Records of the training items, in the order of their latents; none where the run has no items.json."""
    return list(run.items.get("train", [])) if (run.folder / "items.json").is_file() else []


def posterior(run: Run, dim: int) -> tuple[Latents, Latents]:
    """Means and log variances `(items, latent_dim)` of the training items; empty without latents."""
    if not (run.folder / "latents.safetensors").is_file():
        return np.zeros((0, dim), np.float32), np.zeros((0, dim), np.float32)
    return run.latents["train_mean"], run.latents["train_log_variance"]


def aggregate(run: Run, dim: int) -> dict[str, list[float]]:
    """Mean and deviation of the aggregate posterior; of the prior where the run has no latents."""
    mean, log_variance = posterior(run, dim)
    if not len(mean):
        return {"latent_mean": [0.0] * dim, "latent_std": [1.0] * dim}
    variance = mean.var(0, dtype=np.float64) + np.exp(log_variance.astype(np.float64)).mean(0)
    return {"latent_mean": rounded(mean.mean(0, dtype=np.float64)), "latent_std": rounded(np.sqrt(variance))}


def examples(run: Run, plane: Plane) -> list[dict[str, Any]]:
    """The training items that the sheet passes through, as it holds them."""
    records = training_records(run)
    shown: list[dict[str, Any]] = []
    seen: Counter[str] = Counter()
    for index, (x, y) in plane.shown.items():
        record = records[index] if index < len(records) else {}
        name = label(record) or f"item {index + 1}"
        seen[name] += 1
        entry: dict[str, Any] = {
            "name": name if seen[name] == 1 else f"{name} {seen[name]}",
            "z": rounded(plane.map.point(x, y)),
            "x": round(x, 6),
            "y": round(y, 6),
            "licence": str(record.get("licence") or UNKNOWN_LICENCE),
        }
        score: Any = record.get("score")
        entry["score"] = float(score) if _is_finite(score) else None
        shown.append(entry)
    return shown


def label(record: Mapping[str, Any]) -> str:
    """A short name for the pad: the style of a loop out of a library, else the item's own name."""
    table = record.get("table")
    style = table.get("style") if isinstance(table, Mapping) else record.get("genre")
    if isinstance(style, str) and style.strip():
        # "afrobeat/highlife", "percussion (somebody)" → the first words, as a person would say them.
        short = style.partition("(")[0].partition("/")[0].strip() or style
        return (short[:1].upper() + short[1:])[:MAX_NAME]
    return str(record.get("name") or record.get("key") or "")[:MAX_NAME]


def pair(model: Model) -> str:
    """A text that an encoder and its decoder share: a digest of all weights."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:32]


def rounded(values: Any) -> list[float]:
    """Numbers with six digits: what float32 holds, in little text."""
    return [float(f"{v:.7g}") for v in np.asarray(values, np.float64)]


def _geometry(run: Run) -> dict[str, Any]:
    g = run.geometry
    return {**asdict(g), "bpm": g.bpm} if isinstance(g, LoopGeometry) else asdict(g)


def _trained(run: Run) -> dict[str, Any]:
    card = _card(run)
    facts = {key: card[key] for key in ("steps", "minutes", "code_version", "data", "latent") if key in card}
    return {**finite(facts), "model": run.config.model, "configuration": _plain(asdict(run.config))}


def _card(run: Run) -> dict[str, Any]:
    return run.card if (run.folder / "card.json").is_file() else {}


def _authors(given: Sequence[str], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Credits given, then the authors or sources that the data name, the most frequent first."""
    named: Counter[str] = Counter()
    for r in records:
        # A rendered bar is made of recordings and a groove, each with somebody to credit.
        parts = [k.get("source") for k in r.get("kits", ()) if isinstance(k, Mapping)]
        sources = [*parts, r.get("groove_source")] if parts else [r.get("author") or r.get("source")]
        named.update(text[:MAX_NAME] for text in sources if isinstance(text, str))
    return list(dict.fromkeys([*given, *(text for text, _ in named.most_common() if text)]))[:MAX_AUTHORS]


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: Any) -> Any:
    """Tuples as lists, so that the text is the same when it is read and written again."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
