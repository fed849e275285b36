"""Any JPEG, PNG or WebP file → an upright RGB image of one geometry."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import ImageFileError, VaesynthError
from ..geometry import NATIVE_IMAGE, ImageGeometry

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_BYTES = 256 * 2**20
MAX_PIXELS = 80_000_000
MIN_SIDE = 16

Frame = Callable[["Image", ImageGeometry], "Image"]
"""Brings an upright RGB image to a geometry; `photo.EyesFrame` aligns faces."""


class FrameError(VaesynthError):
    """A picture does not suit a frame; the message says why and leaves the file's name to the caller."""


def centre_crop(image: "Image", geometry: ImageGeometry) -> "Image":
    """The greatest centred part with the geometry's aspect ratio, resized by Lanczos' filter."""
    from PIL import Image, ImageOps
    return ImageOps.fit(image, (geometry.width, geometry.height), Image.Resampling.LANCZOS)


def plain_resize(image: "Image", geometry: ImageGeometry) -> "Image":
    """The whole image, squeezed where its aspect ratio differs: the 2018 paper's way."""
    from PIL import Image
    return image.resize((geometry.width, geometry.height), Image.Resampling.LANCZOS)


def prepare_image(path: Path, geometry: ImageGeometry = NATIVE_IMAGE, grey: bool = False,
                  frame: Frame = centre_crop) -> npt.NDArray[np.uint8]:
    """An image file at a geometry.

    Turned upright by its EXIF tag; a colour profile is converted to sRGB, transparency is laid on white,
    16-bit greys are scaled; of an animation the first picture is taken. The declared size is checked before
    anything is decoded, so that a decompression bomb costs nothing.

    Args:
        path: JPEG, PNG or WebP.
        geometry: of the result.
        grey: luma (ITU-R 601) in all three channels.
        frame: how the image is brought to the geometry.

    Returns:
        uint8 `(height, width, 3)`.

    Raises:
        ImageFileError: the file cannot be used; one sentence with the reason.
    """
    try:
        size = path.stat().st_size
        if size == 0:
            raise ImageFileError(f"{path}: is empty (0 bytes), expected a JPEG, PNG or WebP image")
        if size > MAX_BYTES:
            raise ImageFileError(f"{path}: has {size} bytes, expected at most {MAX_BYTES}")
        payload = path.read_bytes()
    except OSError as e:
        raise ImageFileError(f"{path}: cannot be read ({e.strerror or e})") from e
    image = _decode(payload, path)
    if grey:
        image = image.convert("L").convert("RGB")
    try:
        return np.asarray(frame(image, geometry), np.uint8)
    except FrameError as e:
        raise ImageFileError(f"{path}: {e}") from e


def _decode(payload: bytes, path: Path) -> "Image":
    from PIL import Image, ImageOps, UnidentifiedImageError
    try:
        with warnings.catch_warnings():
            # Pillow warns above its own limit, which lies above ours.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(payload), formats=["JPEG", "PNG", "WEBP"])
        with image:
            width, height = image.size
            size = f"{path}: is {width}×{height} pixels"
            if width * height > MAX_PIXELS:
                raise ImageFileError(f"{size}, expected at most {MAX_PIXELS:,} in all")
            if min(width, height) < MIN_SIDE:
                raise ImageFileError(f"{size}, expected at least {MIN_SIDE} on each side")
            image.load()
            return _to_rgb(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError as e:
        raise ImageFileError(f"{path}: has too many pixels, expected at most {MAX_PIXELS:,}") from e
    except UnidentifiedImageError as e:
        raise ImageFileError(f"{path}: is no JPEG, PNG or WebP image, whatever its name says") from e
    # Pillow's parsers raise all of these on damaged files.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError) as e:
        raise ImageFileError(f"{path}: is damaged ({e}), expected a whole image") from e


def _to_rgb(image: "Image") -> "Image":
    from PIL import Image
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        # Pillow clips 16-bit greys where it should scale.
        image = Image.fromarray((np.asarray(image).astype(np.uint32) // 257).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
    elif image.mode == "P":
        image = image.convert("RGB")
    if profile and image.mode in ("RGB", "CMYK"):
        image = _to_srgb(image, profile)
    return image.convert("RGB")


def _to_srgb(image: "Image", profile: Any) -> "Image":
    from PIL import ImageCms
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        # A broken profile is common and harmless: the picture is nearly always sRGB then.
        return image
    return image if converted is None else converted
