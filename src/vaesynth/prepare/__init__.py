"""Preparation: any folder of audio or pictures → a data set at one geometry, nothing dropped in silence."""

from .bars import PreparedBar, prepare_file
from .faces import prepare_faces
from .image import prepare_image
from .loops import prepare_loops

__all__ = ["PreparedBar", "prepare_faces", "prepare_file", "prepare_image", "prepare_loops"]
