"""A faces model is told from an instrument, shown, and remembered; a photo finds its place."""

import sys
from pathlib import Path

import numpy as np
import pytest
from rig import Bench

from vaesynth.errors import ImageFileError, ModelError
from vaesynth.own_face import OwnFace
from vaesynth_gui import own_faces

sys.path.append(str(Path(__file__).parents[1] / "core"))
toy = pytest.importorskip("toy_models")


def test_dropped_faces_replace_the_face_and_leave_the_sound(playing: Bench, tmp_path: Path) -> None:
    faces = toy.write(tmp_path / "toy faces.decoder.onnx", toy.image_decoder())
    playing.window.files.open(faces)
    playing.wait(lambda: playing.app.settings.faces == faces)
    assert playing.instrument.metadata.name == "drums"
    assert playing.window.banner.message == ""


def test_a_dropped_photo_becomes_the_face_of_its_place(
    playing: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The puck goes there; a photo without a face is refused in the banner, and the last one stays."""

    def find(photo: Path, faces: Path | None) -> OwnFace:
        assert faces is None  # the bundled ones
        if photo.stem == "wall":
            raise ImageFileError("wall.png: no face was found")
        return OwnFace(photo.stem, 0.4, -0.2, np.zeros(256, np.float32), np.zeros((128, 128, 3), np.uint8))

    monkeypatch.setattr(own_faces, "find", find)
    playing.window.files.open(tmp_path / "me.png")
    playing.wait(lambda: bool(playing.face.own))
    [shown] = playing.face.own
    assert shown.name == "me"
    playing.wait(lambda: (playing.instrument.session.x, playing.instrument.session.y) == (0.4, -0.2))
    playing.window.files.open(tmp_path / "wall.png")
    playing.wait(lambda: "no face was found" in playing.window.banner.message)
    assert playing.face.own == [shown]


def test_faces_without_an_encoder_say_what_they_miss(tmp_path: Path) -> None:
    faces = toy.write(tmp_path / "toy faces.decoder.onnx", toy.image_decoder())
    with pytest.raises(ModelError, match=r"expected toy faces\.encoder\.onnx beside it"):
        own_faces.find(tmp_path / "me.png", faces)
