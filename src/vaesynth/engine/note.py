"""Recipes as text: what a take keeps of each loop that was handed over."""

import base64
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..decoder import Decoder
from ..errors import SettingError
from ..latent_controls import LoopDecoder
from ..shaping import Shaping
from ..tempo import TempoMode
from .maker import Recipe


def to_text(recipe: Recipe) -> str:
    """A recipe as one JSON object; the latent is base64 of little-endian float32."""
    decoder = recipe.decoder
    return json.dumps({
        "model": decoder.metadata.name,
        "path": str(decoder.path.absolute()) if isinstance(decoder, Decoder) else None,
        "digest": decoder.metadata.digest,
        "z": base64.b64encode(recipe.z.astype("<f4").tobytes()).decode(),
        "mode": recipe.mode.value,
        "bpm": recipe.bpm,
        "shaping": recipe.shaping.to_json()}, ensure_ascii=False)


def from_values(values: Any, sample_rate: int, decoder: Callable[[dict[str, Any]], LoopDecoder]) -> Recipe:
    """A recipe from its JSON object.

    Args:
        values: the object.
        sample_rate: of the take, in Hz.
        decoder: gives the model of such an object.

    Raises:
        SettingError: it is none, or its model is another one.
    """
    try:
        opened = decoder(values)
        z = np.frombuffer(base64.b64decode(values["z"], validate=True), "<f4").astype(np.float32)
        mode, bpm = TempoMode(values["mode"]), float(values["bpm"])
        shaping = Shaping.from_json(values["shaping"])
        digest = values["digest"]
    except (KeyError, TypeError, ValueError) as e:
        raise SettingError(f"recipe is {str(values)[:60]}, expected what a take says of a loop") from e
    metadata = opened.metadata
    if digest != metadata.digest:
        raise SettingError(f"model is {metadata.name} ({metadata.digest}), expected the one of the take, "
                           f"{values.get('model')} ({digest})")
    if z.shape != (metadata.latent_dim,) or not np.isfinite(z).all() or not math.isfinite(bpm):
        raise SettingError(f"recipe has a latent of {len(z)} numbers, expected {metadata.latent_dim} finite "
                           "ones")
    return Recipe(opened, z, sample_rate, mode, bpm, shaping)
