"""A photo with a face → the frame that the bundled faces have: eyes level, at one place, at one distance."""

import importlib.util
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import SettingError
from ..geometry import ImageGeometry
from .image import FrameError

if TYPE_CHECKING:
    from PIL.Image import Image

EYES_APART, EYES_HEIGHT = 0.262, 0.38
"""Distance of the eyes' centres over the picture's width, and their height from its top over its height."""
SEARCHED = (800, 1600)
"""Longest sides at which a face is looked for: the second where the first shows none."""
MAX_ENLARGED = 4.0
ALIKE = 0.5
"""A second face with this share of the largest one's area leaves open whose photo it is."""
MAX_TURNED = 0.35
"""Of the nose from the middle between the eyes, in distances of the eyes."""
MAX_ADDED = 0.2
"""Share of the picture that may lie outside the photo; the photo's edge is drawn out over it."""
LANDMARKS = "shape_predictor_5_face_landmarks.dat"

Points = npt.NDArray[np.float64]


class EyesFrame:
    """Finds the face and turns, scales and cuts the photo by its eyes (a `Frame` for `prepare_image`).

    Detector: histograms of oriented gradients (Dalal & Triggs 2005); landmarks: an ensemble of regression
    trees (Kazemi & Sullivan 2014), both from dlib. Nobody is recognised: five points are measured.
    """

    __name__ = "eyes"  # what the data set says of how it was made

    def __init__(self) -> None:
        """Load the detector.

        Raises:
            SettingError: the extra `faces` is not installed.
        """
        package = importlib.util.find_spec("face_recognition_models")
        if package is None or importlib.util.find_spec("dlib") is None:
            raise SettingError("finding faces needs the packages dlib and face_recognition_models, expected "
                               "them to be installed (pip install 'vaesynth[faces]')")
        import dlib

        # The package itself imports pkg_resources, which new setuptools lack: its files are enough.
        folder = Path(next(iter(package.submodule_search_locations or ("",)))) / "models"
        self._detect: Any = dlib.get_frontal_face_detector()
        self._landmarks: Any = dlib.shape_predictor(str(folder / LANDMARKS))

    def __call__(self, image: "Image", geometry: ImageGeometry) -> "Image":
        """The face of an upright RGB photo, at a geometry.

        Raises:
            FrameError: there is no face, more than one, or none that can be used; says why.
        """
        right, left, nose = self.eyes(image)
        apart = float(np.hypot(*(left - right)))
        across, middle = (left - right) / max(apart, 1e-9), (left + right) / 2
        turned = abs(float((nose - middle) @ across)) / max(apart, 1e-9)
        if turned > MAX_TURNED:
            raise FrameError("the face is turned to the side, expected one that looks at the camera")
        unit = apart / (EYES_APART * geometry.width)  # photo pixels in one of the result
        if unit < 1 / MAX_ENLARGED:
            raise FrameError(f"the eyes are {apart:.0f} pixels apart, expected at least "
                             f"{EYES_APART * geometry.width / MAX_ENLARGED:.0f}")
        down = np.array([-across[1], across[0]])
        matrix = np.stack([across, down], 1) * unit
        offset = middle - matrix @ (0.5 * geometry.width, EYES_HEIGHT * geometry.height)
        added = _outside(matrix, offset, geometry, image.size)
        if added > MAX_ADDED:
            raise FrameError(f"the face is cut off: {added:.0%} of the picture would lie outside the photo, "
                             f"expected at most {MAX_ADDED:.0%}")
        return _cut(image, matrix, offset, geometry)

    def eyes(self, image: "Image") -> tuple[Points, Points, Points]:
        """Centres of the eye on the left of the photo, of that on its right, and foot of the nose, as (x, y).

        Raises:
            FrameError: there is no face, or more than one that it could be.
        """
        from PIL import Image

        for side in SEARCHED:
            scale = min(side / max(image.size), MAX_ENLARGED)
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            pixels = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
            boxes = sorted(self._detect(pixels), key=lambda box: -int(box.area()))
            if boxes:
                break
        else:
            raise FrameError("no face was found, expected one that looks at the camera")
        alike = sum(int(box.area()) > ALIKE * int(boxes[0].area()) for box in boxes)
        if alike > 1:
            raise FrameError(f"shows {alike} faces of about the same size, expected one")
        marks = np.array([(p.x, p.y) for p in self._landmarks(pixels, boxes[0]).parts()], np.float64) + 0.5
        marks *= np.array(image.size) / size
        # The corners of the eye on the photo's right come first, then those of the other, then the nose.
        return marks[2:4].mean(0), marks[0:2].mean(0), marks[4]


def _outside(matrix: Points, offset: Points, geometry: ImageGeometry, size: tuple[int, int]) -> float:
    """Share of the result that has no pixel in a photo of `size`."""
    line = (np.arange(32) + 0.5) / 32
    x, y = np.meshgrid(line * geometry.width, line * geometry.height)
    at = np.stack([x.ravel(), y.ravel()], 1) @ matrix.T + offset
    return float(((at < 0) | (at > np.array(size))).any(1).mean())


def _cut(image: "Image", matrix: Points, offset: Points, geometry: ImageGeometry) -> "Image":
    """The part of the photo at `matrix` · (x, y) + `offset`, free of aliasing; edges are drawn out."""
    from PIL import Image

    factor = max(1, math.floor(float(np.hypot(*matrix[:, 0]))))
    if factor > 1:
        image = image.reduce(factor)
    size = np.array([geometry.width, geometry.height])
    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)]) * size @ matrix.T + offset
    corners /= factor
    before = np.maximum(0, np.ceil(2 - corners.min(0))).astype(int)
    after = np.maximum(0, np.ceil(corners.max(0) + 2 - image.size)).astype(int)
    pixels = np.pad(np.asarray(image), ((before[1], after[1]), (before[0], after[0]), (0, 0)), mode="edge")
    (a, b), (d, e) = matrix / factor / 2  # twice as large first: Lanczos' filter does the rest
    c, f = offset / factor + before
    double = (2 * geometry.width, 2 * geometry.height)
    turned = Image.fromarray(pixels).transform(
        double, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BICUBIC)
    return turned.resize((geometry.width, geometry.height), Image.Resampling.LANCZOS)
