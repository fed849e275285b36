"""Recipes as text: what a take keeps of each loop that was handed over."""

import base64
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..chain import MAX_BARS
from ..decoder import Decoder
from ..errors import SettingError
from ..latent_controls import LoopDecoder
from ..shaping import Shaping
from ..tempo import TempoMode
from .maker import Recipe


def to_text(recipe: Recipe) -> str:
    """A recipe as one JSON object; the latents are base64 of little-endian float32."""
    decoder = recipe.decoder
    return json.dumps({
        "model": decoder.metadata.name,
        "path": str(decoder.path.absolute()) if isinstance(decoder, Decoder) else None,
        "digest": decoder.metadata.digest,
        "z": [base64.b64encode(z.astype("<f4").tobytes()).decode() for z in recipe.latents],
        "bars": recipe.bars,
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
        latents = [np.frombuffer(base64.b64decode(z, validate=True), "<f4").astype(np.float32)
                   for z in values["z"]]
        bars = None if values["bars"] is None else int(values["bars"])
        mode, bpm = TempoMode(values["mode"]), float(values["bpm"])
        shaping = Shaping.from_json(values["shaping"])
        digest = values["digest"]
    except (KeyError, TypeError, ValueError) as e:
        raise SettingError(f"recipe is {str(values)[:60]}, expected what a take says of a loop") from e
    metadata = opened.metadata
    if digest != metadata.digest:
        raise SettingError(f"model is {metadata.name} ({metadata.digest}), expected the one of the take, "
                           f"{values.get('model')} ({digest})")
    dim = metadata.latent_dim
    if not (latents and all(z.shape == (dim,) and np.isfinite(z).all() for z in latents)):
        raise SettingError(f"recipe has latents that {metadata.name} does not take, expected {dim} finite "
                           "numbers each")
    if not math.isfinite(bpm) or not (bars is None or 1 <= bars <= MAX_BARS) or len(latents) > MAX_BARS:
        raise SettingError(f"recipe is for {bars} bars at {bpm:g} BPM, expected 1 to {MAX_BARS} bars")
    return Recipe(opened, latents[0], sample_rate, mode, bpm, shaping, tuple(latents[1:]), bars)
