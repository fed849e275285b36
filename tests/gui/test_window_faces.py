"""A faces model is told from an instrument, shown, and remembered."""

import sys
from pathlib import Path

import pytest
from rig import Bench

sys.path.append(str(Path(__file__).parents[1] / "core"))
toy = pytest.importorskip("toy_models")


def test_dropped_faces_replace_the_face_and_leave_the_sound(playing: Bench, tmp_path: Path) -> None:
    faces = toy.write(tmp_path / "toy faces.decoder.onnx", toy.image_decoder())
    playing.window.files.open(faces)
    playing.wait(lambda: playing.app.settings.faces == faces)
    assert playing.instrument.metadata.name == "drums"
    assert playing.window.banner.message == ""
