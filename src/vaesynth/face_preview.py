"""Faces for the pad: decoded beside the sound, newest position first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from .errors import VaesynthError
from .latent_map import Latent
from .metadata import ModelMetadata
from .newest import NewestWorker
from .plane import AnchoredPlane, Plane

if TYPE_CHECKING:
    from .own_face import OwnFace

Image = npt.NDArray[np.uint8]
"""RGB `(height, width, 3)`."""


class ImageDecoder(Protocol):
    """What the preview asks of a decoder (`vaesynth.decoder.Decoder` is one)."""

    @property
    def metadata(self) -> ModelMetadata:
        """What it decodes."""

    def decode_image(self, z: Latent) -> Image:
        """The image of a latent `(latent_dim,)`."""


class FacePreview:
    """Decodes images in a thread of its own; a new position takes the place of one that still waits.

    Args:
        decoder: of kind image.

    Attributes:
        notice: why there is no new image, where decoding fails; else None.
    """

    def __init__(self, decoder: ImageDecoder) -> None:
        self._decoder = decoder
        self.notice: str | None = None
        self._plane: Plane = decoder.metadata.pad
        self._latest: tuple[int, Image] | None = None
        self._worker = NewestWorker("vaesynth-face", self._decode)

    @property
    def metadata(self) -> ModelMetadata:
        """What the model says of itself."""
        return self._decoder.metadata

    def move_to(self, x: float, y: float) -> None:
        """Ask for the face at a pad position in [-1, 1]; returns at once."""
        self._worker.ask((x, y))

    def show_own(self, faces: "Sequence[OwnFace]") -> None:
        """Let the pad pass through photos of one's own, each at its place; none: the pad as it is."""
        pad = self._decoder.metadata.pad
        places, latents = [(f.x, f.y) for f in faces], [f.z for f in faces]
        self._plane = AnchoredPlane(pad, places, latents) if faces else pad

    def latent(self, x: float, y: float) -> Latent:
        """What is decoded at a pad position, `(latent_dim,)`."""
        return self._plane.point(x, y)

    def latest(self) -> tuple[int, Image] | None:
        """Serial number and newest face, None before the first."""
        return self._latest

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _decode(self, position: tuple[float, float]) -> None:
        try:
            image = self._decoder.decode_image(self.latent(*position))
        except VaesynthError as e:
            self.notice = str(e)
            return
        image.flags.writeable = False
        serial = self._latest[0] if self._latest else 0
        self._latest, self.notice = (serial + 1, image), None
