"""A folder of pictures → a data set of images."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

from ..errors import SettingError
from ..geometry import NATIVE_IMAGE, ImageGeometry
from .build import Made, Progress, Recipe, build
from .image import SUFFIXES, Frame, centre_crop, prepare_image
from .report import Report
from .sources import Choice, Source

TABLE = "faces.csv"
SHARD_ITEMS = 1024


def prepare_faces(folder: Path, out: Path, geometry: ImageGeometry = NATIVE_IMAGE, *, grey: bool = False,
                  frame: Frame = centre_crop, choice: Choice | None = None, validation: Sequence[str] = (),
                  overwrite: bool = False, progress: Progress | None = None) -> Report:
    """Prepare every picture of a folder and its subfolders.

    Args:
        folder: searched for JPEG, PNG and WebP files.
        out: the data set to write.
        geometry: of every image.
        grey: luma in all three channels.
        frame: how a picture is brought to the geometry.
        choice: which files to use.
        validation: see `assign_splits`.
        overwrite: replace the data set `out`.
        progress: told of each file.

    Raises:
        DatasetError: no picture can be used.
        OutputError: `out` cannot be written.
        SettingError: an option does not fit.
    """
    if importlib.util.find_spec("PIL") is None:
        raise SettingError("pictures need the package pillow, expected it to be installed "
                           "(pip install 'vaesynth[prepare]')")

    def make(entry: Source) -> Made:
        image = prepare_image(entry.path, geometry, grey, frame)
        return Made([(image, {"name": entry.path.stem})])

    about = {"made_by": "vaesynth prepare --faces", "grey": grey,
             "frame": getattr(frame, "__name__", str(frame))}
    recipe = Recipe("image", geometry, SUFFIXES, TABLE, (), SHARD_ITEMS, about, make)
    return build(folder, out, recipe, choice or Choice(), validation, overwrite, progress)
