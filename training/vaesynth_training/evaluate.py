"""`python -m vaesynth_training evaluate RUN --data DATASET`: figures, plots, sounds and a listening page.

Everything is written beside RUN/evaluation first and takes its name at the end: an evaluation is there whole
or not at all.
"""

import itertools
import math
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from vaesynth.errors import DatasetError, OutputError, SettingError
from vaesynth.geometry import LoopGeometry

from . import page, plots, show, studies
from .data import Data
from .figures import finite
from .imputation import imputation
from .run import Run, write_json, write_text
from .storage import Place
from .traversal import traversal

PAIRS, STEPS = 4, show.STEPS
DIMENSIONS, IMPUTED, COMPARED = 6, 6, 256


@torch.no_grad()
def evaluate(
    folder: Path,
    places: Sequence[Place],
    *,
    split: str | None = None,
    items: int = 64,
    seed: int = 0,
    out: Path | None = None,
) -> int:
    """Measure a run on a data set; prints the main figures.

    Args:
        folder: the RUN folder.
        places: data sets of the run's geometry, folders or URLs.
        split: `validation` or `train`; None takes the first of them that has items.
        items: at most so many.
        seed: of draws from posteriors and prior.
        out: where to write; None is RUN/evaluation.

    Returns:
        0.

    Raises:
        SettingError: the run is unfinished, of another geometry than the data, or ran away in training.
        DatasetError: the split has no items.
        OutputError: the results cannot be written.
    """
    run = Run.open(folder)
    data = Data.open(places, run.kind)
    if data.geometry != run.geometry:
        raise SettingError(
            f"{data.sets[0].place}: geometry is {data.geometry}, expected the run's, {run.geometry}"
        )
    split = split or ("validation" if data.items("validation") else "train")
    if not data.items(split):
        raise DatasetError(f"{data.sets[0].place}: no {split} items, expected at least one")
    x, records = _read(data, split, items)
    others = x if split == "train" else _read(data, "train", COMPARED)[0]
    real = x if split == "train" else torch.cat([x, others])
    model = run.model()
    torch.manual_seed(seed)
    posterior = studies.encode(model, x)
    decoded = studies.decode(model, posterior.mean)
    reconstruction, rows = studies.reconstruction(x, decoded, run.geometry)
    train_mean, train_log_variance = (
        torch.from_numpy(run.latents[f"train_{k}"]) for k in ("mean", "log_variance")
    )
    figures: dict[str, Any] = {
        "run": run.name,
        "model": run.config.model,
        "data": [source.name for source in data.sets],
        "split": split,
        "items": len(x),
        "limit": items,
        "seed": seed,
        "reconstruction": reconstruction,
        "bound": studies.bound(model, x, posterior) if getattr(model, "variational", True) else None,
        "latent": studies.latent(train_mean, train_log_variance),
    }
    _require_finite(folder, figures)
    figures["generation"], samples = studies.generation(
        model, real, train_mean, max(len(x), 16), run.geometry
    )
    figures["interpolation"], paths = studies.interpolation(
        model, x, posterior.mean, PAIRS, STEPS, run.geometry
    )
    figures["traversal"], walks = traversal(
        model,
        posterior.mean[0],
        figures["latent"]["nats_per_dimension"],
        DIMENSIONS,
        show.WALK,
        run.geometry,
    )
    figures["imputation"], imputed = imputation(model, x[:IMPUTED], others, run.geometry)
    figures["per_item"] = [
        {"name": str(r.get("name", i)), **row} for i, (r, row) in enumerate(zip(records, rows, strict=True))
    ]
    figures = finite(figures)
    out = out or folder / "evaluation"
    names = [entry["name"] for entry in figures["per_item"]]
    with _Folder(out) as part:
        write_json(part / "metrics.json", figures)
        train_names = [str(r.get("name", "")) for r in run.items["train"]]
        plots.save(
            plots.latents(train_mean, figures["latent"]["nats_per_dimension"], train_names),
            part / "latents.png",
        )
        found = show.Findings(figures, names, x, decoded, samples, paths, walks, imputed)
        if isinstance(run.geometry, LoopGeometry):
            sections = show.loops(part, run.geometry, found)
        else:
            sections = show.images(part, found)
        sections.append(
            ("Latent space", page.picture("latents.png", "posterior means and nats in each dimension"))
        )
        write_text(
            part / "index.html",
            page.page(
                f"{run.name}: {split} items of {', '.join(figures['data'])}",
                sections,
                {k: v for k, v in figures.items() if k != "per_item"},
            ),
        )
    print(summary(figures))
    print(f"Listening page: {out / 'index.html'}")
    return 0


def summary(figures: dict[str, Any]) -> str:
    """The main figures, one a line."""
    bound, generation = figures["bound"], figures["generation"]
    lines = [(f"reconstruction: {name}", value) for name, value in figures["reconstruction"].items()]
    if bound is not None:  # a plain autoencoder has none
        lines += [
            ("Gaussian ELBO (nats an item)", bound["elbo"]),
            ("  log-likelihood", bound["log_likelihood"]),
            ("  KL", bound["kl"]),
        ]
    lines.append(("active units", figures["latent"]["active_units"]))
    lines += [
        (f"distance to the nearest real item: {name}", value) for name, value in generation["nearest"].items()
    ]
    lines += [
        (f"the same half-way on a {kind}", figures["interpolation"][kind]["middle_nearest"])
        for kind in ("lerp", "slerp")
        if kind in figures["interpolation"]
    ]
    return "\n".join(f"{name:45s} {value:.4g}" for name, value in lines if value is not None)


def _read(data: Data, split: str, limit: int) -> tuple[Tensor, list[dict[str, Any]]]:
    batches = list(data.once(split, 8, limit=limit))
    return torch.cat([b.x for b in batches]), list(
        itertools.chain.from_iterable(map(dict, b.info) for b in batches)
    )


def _require_finite(folder: Path, figures: dict[str, Any]) -> None:
    """What a training that ran away cannot give; other figures may be missing."""
    found = figures["reconstruction"] | (figures["bound"] or {})
    for name, value in (found | {"nats_total": figures["latent"]["nats_total"]}).items():
        if not math.isfinite(value):
            raise SettingError(f"{folder}: {name} is {value}, expected a finite number, of a sound training")


class _Folder:
    """A folder that takes its name only when the `with` ends well; an older evaluation is replaced."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        try:
            self._require_replaceable()
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.part = Path(tempfile.mkdtemp(prefix=f".{self.target.name}.", dir=self.target.parent))
            self.part.chmod(0o755)
        except OSError as e:
            raise OutputError(f"{self.target} cannot be written ({e.strerror})") from e
        return self.part

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._require_replaceable()
                if self.target.exists():
                    shutil.rmtree(self.target)
                os.replace(self.part, self.target)
        except OSError as e:
            raise OutputError(f"{self.target} cannot be written ({e.strerror})") from e
        finally:
            shutil.rmtree(self.part, ignore_errors=True)

    def _require_replaceable(self) -> None:
        old = (self.target / "metrics.json").is_file()
        if self.target.exists() and not old and any(self.target.iterdir()):
            raise OutputError(
                f"{self.target} holds something else, expected a new folder or an old evaluation"
            )
