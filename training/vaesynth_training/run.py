"""A RUN folder: configuration, checkpoint, exported weights, latents and records of one training run.

config.yaml            the whole configuration, with the geometry of the data
checkpoints/last.ckpt  Lightning's, resumable
model.safetensors      running mean of the weights: what is evaluated and exported
latents.safetensors    {train,validation}_{mean,log_variance}: float32 (items, latent_dim)
items.json             {"train": […], "validation": […]}: the records, in the order of the latents
card.json              steps, minutes, scores, data and their licences, code version
log.csv, tensorboard/  what was logged;  evaluation/  what `evaluate` wrote
previews/              loops to listen to, while it goes on: original and reconstruction
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy
import safetensors.torch
from torch import Tensor

from vaesynth import models as installed
from vaesynth.dataset.info import INFO_FILE
from vaesynth.errors import OutputError, SettingError, in_words
from vaesynth.geometry import ImageGeometry, LoopGeometry

from . import configuration
from .configuration import Configuration
from .model import Model
from .models import build

CONFIG, WEIGHTS, LATENTS, ITEMS, CARD, LOG = (
    "config.yaml",
    "model.safetensors",
    "latents.safetensors",
    "items.json",
    "card.json",
    "log.csv",
)
CHECKPOINT = Path("checkpoints/last.ckpt")
MAX_JSON_BYTES = 512 * 2**20
Latents = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Run:
    """A run's folder and configuration; the rest is read when asked for."""

    folder: Path
    config: Configuration

    @classmethod
    def open(cls, folder: Path | str) -> "Run":
        """A finished or running run.

        Raises:
            SettingError: the folder holds no run, or its configuration is broken.
        """
        folder = Path(folder)
        path = folder / CONFIG
        if not path.is_file():
            raise SettingError(f"{folder} has no {CONFIG}, expected the folder of a training run")
        config = configuration.load(str(path))
        if config.geometry is None:
            raise SettingError(f"{path}: geometry is missing, expected that of the data")
        return cls(folder, config)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.resolve().name

    @property
    def geometry(self) -> LoopGeometry | ImageGeometry:
        """Of the items that the model decodes."""
        assert self.config.geometry is not None  # `open` has checked it
        return self.config.geometry

    @property
    def kind(self) -> str:
        """`loop` or `image`."""
        return "loop" if isinstance(self.geometry, LoopGeometry) else "image"

    def model(self) -> Model:
        """The model with its exported weights, in evaluation mode.

        Raises:
            SettingError: there are no weights yet, or they belong to another model.
        """
        model = build(self.config.model, self.config.settings, self.geometry)
        load_weights(model, self.folder / WEIGHTS)
        return model.eval()

    @cached_property
    def latents(self) -> dict[str, Latents]:
        """`train_mean`, `train_log_variance`, `validation_mean`, `validation_log_variance`: `(items,
        latent_dim)`.

        Raises:
            SettingError: they are missing, broken, or of a training that ran away.
        """
        path = self.folder / LATENTS
        try:
            found = dict(safetensors.numpy.load_file(path))
        except (OSError, safetensors.SafetensorError) as e:
            raise SettingError(
                f"{path} cannot be read ({in_words(e)}), expected the latents of a finished run"
            ) from e
        for name, values in found.items():
            with np.errstate(over="ignore"):
                powers = np.square(values) if name.endswith("_mean") else np.exp(values)
            if not np.isfinite(powers).all():  # nor are then the nats, and all that follows from them
                raise SettingError(
                    f"{path}: {name} is not finite or beyond bounds, expected the latents of a sound training"
                )
        return found

    @cached_property
    def items(self) -> dict[str, list[dict[str, Any]]]:
        """Split → records of its items, in the order of the latents."""
        return dict(self._json(ITEMS))

    @cached_property
    def card(self) -> dict[str, Any]:
        """What is known of the run: steps, minutes, scores, data, licences."""
        return dict(self._json(CARD))

    def _json(self, name: str) -> Any:
        path = self.folder / name
        try:
            if path.stat().st_size > MAX_JSON_BYTES:
                raise SettingError(
                    f"{path} has {path.stat().st_size} bytes, expected at most {MAX_JSON_BYTES}"
                )
            values = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as e:
            raise SettingError(
                f"{path} cannot be read ({in_words(e)}), expected the {name} of a finished run"
            ) from e
        if not isinstance(values, dict):
            raise SettingError(f"{path} holds a {type(values).__name__}, expected one JSON object")
        return values


def bundled_run(kind: str) -> Path:
    """The folder with the bundled instrument's weights, from which fine-tuning starts: beside its model file.

    Raises:
        SettingError: this installation has none.
    """
    decoder = installed.bundled(kind)
    folder = decoder.with_name(f"{installed.model_name(decoder)}.run")
    if not (folder / CONFIG).is_file():
        raise SettingError(
            f"the bundled {kind} model has no weights to train from, expected {folder.name} beside it"
        )
    return folder


def load_weights(model: Model, path: Path) -> None:
    """Fill the model with a safetensors file; a discriminator's weights may be missing from it.

    Raises:
        SettingError: the file is missing, broken, of another model, or not of finite numbers.
    """
    try:
        state = safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as e:
        raise SettingError(f"{path} cannot be read ({in_words(e)}), expected the weights of a run") from e
    for name, tensor in state.items():
        if not bool(tensor.isfinite().all()):
            raise SettingError(f"{path}: {name} is not finite, expected the weights of a sound training")
    adversary = model.adversary()
    prefix = next(
        (f"{n}." for n, m in model.named_modules() if adversary is not None and m is adversary), "\0"
    )
    try:
        missing, unexpected = model.load_state_dict(state, strict=False)
    except RuntimeError as e:
        raise SettingError(f"{path} does not fit the model ({' '.join(str(e).split())[:200]})") from e
    wrong = [k for k in missing if not k.startswith(prefix)] + list(unexpected)
    if wrong:
        raise SettingError(
            f"{path} does not fit the model: {wrong[0]} is {'missing' if wrong[0] in missing else 'unknown'}"
        )


def require_no_dataset(folder: Path) -> None:
    """Refuse to write a run into a data set, some of whose files have a run's names.

    Raises:
        SettingError: `folder` holds one.
    """
    if (folder / INFO_FILE).is_file():
        raise SettingError(
            f"{folder} is a data set ({INFO_FILE}), expected another folder for what is learnt"
        )


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as e:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputError(f"{path} cannot be written ({in_words(e)})") from e


def write_json(path: Path, value: Any) -> None:
    """`write_text` of JSON without NaN or Infinity."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """A safetensors file, whole or not at all. Raises as `write_text` does."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        safetensors.torch.save_file(
            {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, part
        )
        part.chmod(0o644)  # the library makes it readable for its owner alone
        os.replace(part, path)
    except (OSError, safetensors.SafetensorError) as e:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputError(f"{path} cannot be written ({in_words(e)})") from e
