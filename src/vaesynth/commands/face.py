"""`vaesynth face`: where a photo of one's own lies on the pad of faces."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..decoder import Decoder
    from ..own_face import OwnFace

SUMMARY = "find the place of your own photo on the pad of faces"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="a JPEG, PNG or WebP file with one face")
    parser.add_argument(
        "--model",
        metavar="FILE|NAME",
        help="a decoder of faces with its encoder beside it (default: the bundled faces)",
    )
    parser.add_argument(
        "--out",
        metavar="PICTURE",
        type=Path,
        help="write a PNG: the photo as it was cut, as the model has it, and the pad's face at its place",
    )
    parser.add_argument(
        "--as-it-is", action="store_true", help="do not look for the face: the middle of the photo is taken"
    )


def run(options: argparse.Namespace) -> int:
    """Print the place, and write the picture; returns the exit code."""
    import importlib.util

    from .. import models
    from ..decoder import Decoder
    from ..encoder import Encoder
    from ..errors import ModelError, SettingError
    from ..own_face import place
    from ..prepare.image import centre_crop
    from ..terminal import printable

    if importlib.util.find_spec("PIL") is None:
        raise SettingError(
            "pictures need the package pillow, expected it to be installed (pip install 'vaesynth[faces]')"
        )
    path = models.bundled("image") if options.model is None else models.find(options.model)
    encoder_path = models.encoder_of(path)
    if encoder_path is None:
        raise ModelError(f"{path.name}: has no encoder beside it, expected NAME{models.ENCODER_SUFFIX}")
    decoder = Decoder.open(path)
    encoder = Encoder.open(encoder_path, decoder.metadata)
    own = place(options.photo, encoder, centre_crop if options.as_it_is else None)
    pad = decoder.metadata.pad
    print(
        f"{printable(options.photo.name)}: x {own.x:+.2f} ({printable(pad.x_label)}), "
        f"y {own.y:+.2f} ({printable(pad.y_label)})"
    )
    if options.out is not None:
        _write(options.out, decoder, own)
    return 0


def _write(out: Path, decoder: "Decoder", own: "OwnFace") -> None:
    """Photo, reconstruction and the pad's face side by side, whole or not at all."""
    import io
    import os

    import numpy as np
    from PIL import Image

    from ..errors import OutputError

    faces = (decoder.decode_image(z) for z in (own.z, decoder.metadata.pad.point(own.x, own.y)))
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate([own.photo, *faces], 1)).save(buffer, "PNG")
    part = out.with_name(f".{out.name}.part")
    try:
        part.write_bytes(buffer.getvalue())
        os.replace(part, out)
    except OSError as e:
        part.unlink(missing_ok=True)
        raise OutputError(f"{out}: cannot be written ({e.strerror}), expected a writable folder") from e
    print(f"wrote {out}")
