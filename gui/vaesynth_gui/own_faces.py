# SPDX-License-Identifier: GPL-3.0-or-later
"""A photo of the musician's own: dropped on the window, it becomes a place of the face."""

from pathlib import Path
from typing import TYPE_CHECKING

from vaesynth.errors import ModelError

if TYPE_CHECKING:
    from vaesynth.own_face import OwnFace

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp"))


def find(photo: Path, faces: Path | None) -> "OwnFace":
    """The place of a photo on the pad of faces.

    Args:
        photo: JPEG, PNG or WebP.
        faces: decoder of the faces in use; None: the bundled one.

    Raises:
        ImageFileError: the photo cannot be used, or shows no face that can be.
        ModelError: the faces have no encoder, or one that does not fit.
        SettingError: the extra `faces` is not installed.
    """
    from vaesynth import models
    from vaesynth.decoder import Decoder
    from vaesynth.encoder import Encoder
    from vaesynth.own_face import place

    decoder = faces or models.bundled("image")
    beside = models.encoder_of(decoder)
    if beside is None:
        wanted = models.model_name(decoder) + models.ENCODER_SUFFIX
        raise ModelError(f"{decoder.name}: has no encoder, expected {wanted} beside it to place {photo.name}")
    return place(photo, Encoder.open(beside, Decoder.open(decoder).metadata, "cpu"))
