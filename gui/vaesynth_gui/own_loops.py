# SPDX-License-Identifier: GPL-3.0-or-later
"""Loops of the musician's own: a dropped audio file becomes places on the pad."""

from pathlib import Path

from vaesynth.errors import ModelError
from vaesynth.metadata import ModelMetadata
from vaesynth.session import OwnLoop

SUFFIXES = frozenset((".wav", ".aif", ".aiff", ".flac", ".ogg", ".mp3"))
MAX_BARS = 16
"""Of one file: a whole song would cover the pad."""


def encode(file: Path, decoder: Path, metadata: ModelMetadata) -> list[OwnLoop]:
    """Cut an audio file into bars as training does, encode them, and find their nearest places on the pad.

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
    found = []
    for bar in bars:
        mean, _ = encoder.encode_loop(bar.loop)
        x, y = metadata.pad.position(mean)
        name = file.stem if len(bars) == 1 else f"{file.stem} {int(bar.record['bar']) + 1}"
        found.append(OwnLoop(name, x, y))
    return found
