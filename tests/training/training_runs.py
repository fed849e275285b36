"""Training runs for tests, by the command line, and what they leave."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaesynth_training.cli import main
from vaesynth_training.models.paper import DenseSettings


@dataclass(frozen=True)
class ToySettings(DenseSettings):
    """As the dense model's."""

    hidden: tuple[int, ...] = (8,)
    latent_dim: int = 2


def train(data: Path, out: Path, *more: str, config: Path | str = "paper_drums", kind: str = "drums") -> int:
    return main(
        [kind, "--data", str(data), "--config", str(config), "--out", str(out), "--device", "cpu", *more]
    )


def card(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "card.json").read_text()))


def logged(run: Path, name: str, split: str = "train") -> list[float]:
    with open(run / "log.csv", newline="") as file:
        return [float(r["value"]) for r in csv.DictReader(file) if r["name"] == name and r["split"] == split]
