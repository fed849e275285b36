"""`python -m vaesynth_training compare FILE… --data DATASET`: how far sounds or pictures from anywhere are
from a data set.

For outputs of other programs, or of a paper: they need no run, only the geometry of the data.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from torch import Tensor

from vaesynth.errors import AudioFileError, ImageFileError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from .data import Data
from .metrics import HEADLINE, item_metrics, sharpness, spectral_flatness
from .storage import Place, Source
from .stream import item_to_tensor

MAX_ITEMS = 256
Geometry = LoopGeometry | ImageGeometry


@torch.no_grad()
def compare(files: Sequence[Path], places: Sequence[Place]) -> int:
    """Print, as JSON, the nearest training item of each file and the measures against it.

    Args:
        files: sounds or pictures of the data's geometry.
        places: data sets of one kind and geometry, folders or URLs.

    Returns:
        0.

    Raises:
        AudioFileError, ImageFileError: a file cannot be read, or has another shape than the data.
        DatasetError: the data cannot be used.
    """
    data = Data.open(places, Source.open(places[0]).kind)
    batches = list(data.once("train", 16, limit=MAX_ITEMS))
    items = torch.cat([b.x for b in batches])
    names = [str(info.get("name")) for b in batches for info in b.info]
    read = _read_loop if isinstance(data.geometry, LoopGeometry) else _read_image
    results = {path.name: nearest(read(path, data.geometry), items, names, data.geometry) for path in files}
    print(
        json.dumps({"files": results, "data": character(items, data.geometry)}, indent=1, ensure_ascii=False)
    )
    return 0


def nearest(x: Tensor, items: Tensor, names: Sequence[str], geometry: Geometry) -> dict[str, Any]:
    """The item that is nearest to `x` by the kind's main measure once `matched`, and all measures against it.

    Args:
        x: one item, `(channels, frames)` or `(3, height, width)`.
        items: `(n, …)`.
        names: of the items.
        geometry: of all of them.
    """
    measures = [item_metrics(matched(x, item, geometry)[None], item[None], geometry) for item in items]
    smaller_is_better = isinstance(geometry, LoopGeometry)
    headline = [float(m[HEADLINE["loop" if smaller_is_better else "image"]]) for m in measures]
    best = int(np.argmin(headline) if smaller_is_better else np.argmax(headline))
    figures: dict[str, Any] = {"nearest": names[best]}
    for label, values in (
        ("", item_metrics(x[None], items[best][None], geometry)),
        ("matched_", measures[best]),
    ):
        figures |= {f"{label}{name}": round(float(value), 4) for name, value in values.items()}
    return figures | character(x[None], geometry)


def matched(x: Tensor, item: Tensor, geometry: Geometry) -> Tensor:
    """`x` at the level of `item` (loops), or with its brightness and contrast (images): all that a dial
    could mend.
    """
    if isinstance(geometry, LoopGeometry):
        return x * (item.square().mean() / x.square().mean().clamp_min(1e-12)).sqrt()
    return (x - x.mean()) / x.std().clamp_min(1e-6) * item.std() + item.mean()


def character(items: Tensor, geometry: Geometry) -> dict[str, float]:
    """What items are like without reference to others, averaged over them: `(n, …)`."""
    if isinstance(geometry, LoopGeometry):
        flatness = spectral_flatness(items.mean(1)).mean()
        return {"spectral_flatness": round(float(flatness), 4), "level_db": round(_level(items), 2)}
    return {"sharpness": round(float(sharpness(items).mean()), 5)}


def _level(x: Tensor) -> float:
    return float(10 * x.square().mean((1, 2)).clamp_min(1e-10).log10().mean())


def _read_loop(path: Path, geometry: Geometry) -> Tensor:
    assert isinstance(geometry, LoopGeometry)
    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as e:
        raise AudioFileError(f"{path} cannot be read ({e}), expected a sound") from e
    if (rate, *audio.shape) != (geometry.sample_rate, geometry.frames, geometry.channels):
        raise AudioFileError(f"{path} has {audio.shape} samples at {rate} Hz, expected {geometry}")
    return item_to_tensor(np.nan_to_num(audio))


def _read_image(path: Path, geometry: Geometry) -> Tensor:
    from PIL import Image, UnidentifiedImageError

    assert isinstance(geometry, ImageGeometry)
    try:
        with Image.open(path) as image:
            if image.size != (geometry.width, geometry.height):
                raise ImageFileError(f"{path} is {image.width} × {image.height}, expected {geometry}")
            return item_to_tensor(np.asarray(image.convert("RGB")))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as e:
        raise ImageFileError(f"{path} cannot be read ({e}), expected a picture") from e
