"""Faces for the pad: decoded beside the sound, newest position first."""

import threading
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .errors import VaesynthError
from .latent_map import Latent
from .metadata import ModelMetadata

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
        self._lock = threading.Lock()
        self._wanted: tuple[float, float] | None = None
        self._wake = threading.Event()
        self._latest: tuple[int, Image] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="vaesynth-face", daemon=True)
        self._thread.start()

    @property
    def metadata(self) -> ModelMetadata:
        """What the model says of itself."""
        return self._decoder.metadata

    def move_to(self, x: float, y: float) -> None:
        """Ask for the face at a pad position in [-1, 1]; returns at once."""
        with self._lock:
            self._wanted = (x, y)
        self._wake.set()

    def latest(self) -> tuple[int, Image] | None:
        """Serial number and newest face, None before the first."""
        return self._latest

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wake.set()
        self._thread.join(2.0)

    def _work(self) -> None:
        serial = 0
        while True:
            self._wake.wait()
            with self._lock:
                self._wake.clear()
                wanted, self._wanted = self._wanted, None
            if self._closed:
                return
            if wanted is None:
                continue
            try:
                image = self._decoder.decode_image(self._decoder.metadata.pad.point(*wanted))
            except VaesynthError as e:
                self.notice = str(e)
                continue
            serial += 1
            image.flags.writeable = False
            self._latest, self.notice = (serial, image), None
