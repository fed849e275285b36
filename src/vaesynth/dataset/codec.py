"""One item to bytes and back: loops as 16-bit FLAC, images as PNG."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from ..errors import DatasetError
from ..geometry import ImageGeometry, LoopGeometry

SUFFIX = {"loop": "flac", "image": "png"}
"""Kind of data set → suffix of its items inside a shard."""

Geometry = LoopGeometry | ImageGeometry
Item = npt.NDArray[Any]
"""A loop, float32 `(frames, channels)` in [-1, 1], or an image, uint8 `(height, width, 3)`."""


def item_shape(geometry: Geometry) -> tuple[int, ...]:
    """Shape of every item of a data set: `(frames, channels)` or `(height, width, 3)`."""
    if isinstance(geometry, LoopGeometry):
        return geometry.frames, geometry.channels
    return geometry.height, geometry.width, 3


def encode_item(array: Item, geometry: Geometry) -> bytes:
    """The bytes of one item; a pure function, so that worker processes can encode for one writer.

    Args:
        array: float32 `(frames, channels)` in [-1, 1], or uint8 `(height, width, 3)`.
        geometry: geometry of the data set.

    Raises:
        ValueError: shape or type do not match the geometry, or samples are not finite.
    """
    expected = np.dtype(np.float32 if isinstance(geometry, LoopGeometry) else np.uint8)
    if array.shape != item_shape(geometry) or array.dtype != expected:
        raise ValueError(f"item is {array.dtype} {array.shape}, expected {expected} {item_shape(geometry)}")
    out = io.BytesIO()
    if isinstance(geometry, LoopGeometry):
        if not np.isfinite(array).all():
            raise ValueError("item holds samples that are not finite")
        # Rounded here, because libsndfile's own conversion depends on its clipping flag.
        pcm = np.clip(np.rint(array * 32768.0), -32768, 32767).astype(np.int16)
        soundfile.write(out, pcm, geometry.sample_rate, subtype="PCM_16", format="FLAC")
    else:
        from PIL import Image
        Image.fromarray(array).save(out, "PNG")
    return out.getvalue()


def decode_item(payload: bytes, geometry: Geometry) -> Item:
    """The inverse of `encode_item`.

    Raises:
        DatasetError: the bytes are damaged or have another shape; names what was found and expected.
    """
    shape = item_shape(geometry)
    if isinstance(geometry, LoopGeometry):
        try:
            with soundfile.SoundFile(io.BytesIO(payload)) as file:
                found: tuple[int, ...] = (file.frames, file.channels)
                if found != shape or file.samplerate != geometry.sample_rate:
                    raise DatasetError(f"holds {found} samples at {file.samplerate} Hz, "
                                       f"expected {shape} at {geometry.sample_rate} Hz")
                return np.asarray(file.read(dtype="float32", always_2d=True), np.float32)
        except soundfile.LibsndfileError as e:
            raise DatasetError(f"is no readable FLAC ({e}), expected the item as it was written") from e
    from PIL import Image, UnidentifiedImageError
    try:
        with Image.open(io.BytesIO(payload), formats=["PNG"]) as image:
            found = (image.height, image.width, 3)
            if found != shape:
                raise DatasetError(f"holds an image of {found}, expected {shape}")
            return np.asarray(image.convert("RGB"), np.uint8)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError) as e:
        raise DatasetError(f"is no readable PNG ({e}), expected the item as it was written") from e
