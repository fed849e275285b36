# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops of the musician's own: a dropped audio file becomes places on the pad."""

import math
from pathlib import Path

from vaesynth.errors import ModelError
from vaesynth.metadata import ModelMetadata
from vaesynth.session import OwnLoop

SUFFIXES = frozenset((".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3"))
MAX_BARS = 16
"""Of one file: a whole song would cover the pad."""
APART = 0.06
"""Least distance of two bars of a file, in pad units: both can be taken hold of."""


def encode(file: Path, decoder: Path, metadata: ModelMetadata) -> list[OwnLoop]:
    """Cut an audio file into bars as training does, encode them, and find their nearest places on the pad.

    Bars that would share a place are put side by side, so that each can be played as it is.

    Args:
        file: WAV, AIFF, FLAC, OGG or MP3.
        decoder: the model in use; its encoder lies beside it.
        metadata: the decoder's.

    Raises:
        AudioFileError: the file cannot be used.
        ModelError: the model has no encoder, or one that does not fit.
    """
    from vaesynth import models
    from vaesynth.encoder import Encoder
    from vaesynth.prepare.bars import prepare_file

    beside = models.encoder_of(decoder)
    if beside is None:
        wanted = models.model_name(decoder) + models.ENCODER_SUFFIX
        raise ModelError(f"{metadata.name}: has no encoder, expected {wanted} beside it to place {file.name}")
    encoder = Encoder.open(beside, metadata, "cpu")
    bars = prepare_file(file, metadata.loop)[:MAX_BARS]
    found: list[OwnLoop] = []
    for bar in bars:
        mean, _ = encoder.encode_loop(bar.loop)
        x, y = _beside(metadata.pad.position(mean), found)
        name = file.stem if len(bars) == 1 else f"{file.stem} {int(bar.record['bar']) + 1}"
        found.append(OwnLoop(name, x, y, tuple(float(v) for v in mean)))
    return found


def _beside(place: tuple[float, float], others: list[OwnLoop]) -> tuple[float, float]:
    """The nearest place on a widening ring that is `APART` from all others."""
    for step in range(200):
        angle, radius = 2.4 * step, APART * step**0.5  # sunflower: each step falls into the largest gap
        x, y = (min(max(c + radius * f(angle), -1.0), 1.0)
                for c, f in zip(place, (math.cos, math.sin), strict=True))
        if all(math.hypot(x - o.x, y - o.y) >= 0.99 * APART for o in others):
            return x, y
    return place
