"""A photo of one's own as a place on the pad of faces: align, encode, point."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .encoder import Encoder
from .errors import ModelError
from .geometry import ImageGeometry
from .latent_map import Latent

if TYPE_CHECKING:
    from .prepare.image import Frame


@dataclass(frozen=True, eq=False)
class OwnFace:
    """A photo on the pad.

    Attributes:
        name: of its file, without suffix.
        x, y: pad position whose face is nearest to it, in latent space.
        z: its own latent `(latent_dim,)`: the pad is a plane, so the face at (x, y) is a relative at best.
        photo: what was encoded, RGB `(height, width, 3)`.
    """

    name: str
    x: float
    y: float
    z: Latent
    photo: npt.NDArray[np.uint8]


def place(photo: Path, encoder: Encoder, frame: "Frame | None" = None) -> OwnFace:
    """Find the place of a photo.

    Args:
        photo: JPEG, PNG or WebP file with one face; its EXIF orientation is followed.
        encoder: of the faces.
        frame: how the photo is brought to the model's geometry; None: by its eyes (extra `faces`).

    Raises:
        ImageFileError: the file is no picture, or shows no face that can be used.
        ModelError: the encoder is not one of pictures.
        SettingError: the extra `faces` is needed and not installed.
    """
    if encoder.metadata.kind != "image":
        raise ModelError(f"{encoder.path.name}: kind is loop, expected a model of kind image")
    from .prepare.image import prepare_image
    from .prepare.photo import EyesFrame

    if frame is None:
        frame = EyesFrame()
    values = encoder.metadata.values
    geometry = ImageGeometry(values["height"], values["width"])
    pixels = prepare_image(photo, geometry, frame=frame)
    mean, _ = encoder.encode_image(pixels)
    x, y = encoder.metadata.pad.position(mean)
    return OwnFace(photo.stem, x, y, mean, pixels)
