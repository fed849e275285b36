"""The models by name, each with the dataclass of its settings; imported only when asked for.

To add one: write a `Model` whose constructor takes `(settings, geometry)`, and name it in `MODELS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from ..model import Model


@dataclass(frozen=True)
class Entry:
    """Where a model lives: module (relative to this package), its `Model` class and its settings class."""

    module: str
    model: str
    settings: str


MODELS: Mapping[str, Entry] = {
    "dense": Entry(".paper", "DenseVae", "DenseSettings"),
    "direct": Entry(".direct.model", "DirectVae", "DirectSettings"),
    "drums": Entry(".drums.model", "DrumVae", "DrumSettings"),
    "faces": Entry(".faces.model", "FacesVae", "FacesSettings"),
    "pca": Entry("..baselines", "LinearPca", "PcaSettings"),
}


def _load(name: str) -> tuple[type[Model], type]:
    if name not in MODELS:
        raise SettingError(f"model is {name!r}, expected one of {', '.join(sorted(MODELS))}")
    entry = MODELS[name]
    module = import_module(entry.module, __package__)
    return getattr(module, entry.model), getattr(module, entry.settings)


def settings_class(name: str) -> type:
    """The dataclass of the model's settings.

    Raises:
        SettingError: no model has this name.
    """
    return _load(name)[1]


def build(name: str, settings: Any, geometry: LoopGeometry | ImageGeometry) -> Model:
    """A fresh model for items of `geometry`.

    Raises:
        SettingError: no model has this name, or this one cannot decode that geometry.
    """
    return _load(name)[0](settings, geometry)
