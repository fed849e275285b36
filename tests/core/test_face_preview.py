import threading
import time

import numpy as np
import numpy.typing as npt
import pytest
from tones import values

from vaesynth import metadata
from vaesynth.errors import ModelError
from vaesynth.face_preview import FacePreview
from vaesynth.latent_map import Latent


class SlowFaces:
    """Decodes when told to; the red channel is x, the green one y."""

    def __init__(self) -> None:
        self.metadata = metadata.check(values(kind="image", height=8, width=8), "faces")
        self.go = threading.Semaphore(0)
        self.decoded: list[Latent] = []
        self.fails = False

    def decode_image(self, z: Latent) -> npt.NDArray[np.uint8]:
        self.decoded.append(z)
        self.go.acquire(timeout=10)
        if self.fails:
            raise ModelError("faces: decoding failed")
        return np.full((8, 8, 3), np.round(100 * np.array([*z, 0])).astype(np.uint8))


def wait_for(condition: object, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]  # a lambda
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def faces() -> SlowFaces:
    return SlowFaces()


def test_the_newest_position_wins_and_the_others_are_never_decoded(faces: SlowFaces) -> None:
    preview = FacePreview(faces)
    assert preview.latest() is None
    preview.move_to(0.1, 0)
    wait_for(lambda: faces.decoded)
    for x in np.linspace(0.2, 0.9, 50):
        preview.move_to(float(x), 0.5)
    faces.go.release(2)
    wait_for(lambda: (preview.latest() or (0,))[0] == 2)
    latest = preview.latest()
    assert latest is not None
    assert latest[1][0, 0].tolist() == [90, 50, 0]
    assert len(faces.decoded) == 2
    preview.close()


def test_a_failing_decoder_leaves_the_last_face(faces: SlowFaces) -> None:
    preview = FacePreview(faces)
    faces.go.release(3)
    preview.move_to(0.1, 0)
    wait_for(preview.latest)
    faces.fails = True
    preview.move_to(0.2, 0)
    wait_for(lambda: preview.notice)
    assert preview.notice == "faces: decoding failed"
    assert (preview.latest() or (0,))[0] == 1
    faces.fails = False
    preview.move_to(0.3, 0)
    wait_for(lambda: (preview.latest() or (0,))[0] == 2)
    assert preview.notice is None
    preview.close()
