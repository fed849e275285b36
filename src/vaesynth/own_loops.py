"""Loops of the musician's own: a dropped audio file becomes places on the pad."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from .audio_suffixes import SUFFIXES as SUFFIXES
from .errors import AudioFileError, ModelError
from .metadata import ModelMetadata
from .session import OwnLoop

MAX_BARS = 16
"""Of one file: a whole song would cover the pad."""
APART = 0.06
"""Least distance of two loops in pad units: both can be taken hold of."""


def encode(file: Path, decoder: Path, metadata: ModelMetadata) -> list[OwnLoop]:
    """Cut an audio file into bars as training does, encode them, and find their nearest places on the pad.

    Args:
        file: with one of `SUFFIXES`.
        decoder: the model in use; its encoder lies beside it.
        metadata: the decoder's.

    Raises:
        AudioFileError: the file cannot be used; it is called by its name, without its folder.
        ModelError: the model has no encoder, or one that does not fit.
    """
    from . import models
    from .encoder import Encoder
    from .prepare.bars import prepare_file

    beside = models.encoder_of(decoder)
    if beside is None:
        wanted = models.model_name(decoder) + models.ENCODER_SUFFIX
        raise ModelError(f"{metadata.name}: has no encoder, expected {wanted} beside it to place {file.name}")
    encoder = Encoder.open(beside, metadata, "cpu")
    try:
        bars = prepare_file(file, metadata.loop)[:MAX_BARS]
    except AudioFileError as e:
        raise AudioFileError(str(e).replace(str(file), file.name)) from e
    found: list[OwnLoop] = []
    for bar in bars:
        mean, _ = encoder.encode_loop(bar.loop)
        x, y = metadata.pad.position(mean)
        name = file.stem if len(bars) == 1 else f"{file.stem} {int(bar.record['bar']) + 1}"
        found.append(OwnLoop(name, x, y, tuple(float(v) for v in mean)))
    return found


def apart(loops: Iterable[OwnLoop], others: Iterable[OwnLoop]) -> list[OwnLoop]:
    """The loops, moved so that none shares a place with another or with `others`: each can be played."""
    placed: list[OwnLoop] = []
    taken = list(others)
    for loop in loops:
        x, y = _beside((loop.x, loop.y), [*taken, *placed])
        placed.append(replace(loop, x=x, y=y))
    return placed


def _beside(place: tuple[float, float], others: list[OwnLoop]) -> tuple[float, float]:
    """The nearest place on a widening ring that is `APART` from all others."""
    for step in range(200):
        angle, radius = 2.4 * step, APART * step**0.5  # sunflower: each step falls into the largest gap
        x, y = (min(max(c + radius * f(angle), -1.0), 1.0)
                for c, f in zip(place, (math.cos, math.sin), strict=True))
        if all(math.hypot(x - o.x, y - o.y) >= 0.99 * APART for o in others):
            return x, y
    return place
