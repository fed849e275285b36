"""The web example in headless Chromium: its AudioWorklet puts out what Python decodes, without a gap."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vaesynth.decoder import Decoder
from vaesynth.models import find

FADE_FRAMES = 960 + 1  # 20 ms at 48 kHz


@pytest.fixture(scope="module")
def session(node: str, chromium: str, web_example: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a session in the browser left: the pad at one place, moved once, and sound all the while."""
    out = tmp_path_factory.mktemp("web")
    command = [node, "test/play.mjs", str(out), chromium]
    done = subprocess.run(command, cwd=web_example, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return out


@pytest.fixture(scope="module")
def report(session: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((session / "report.json").read_text())
    return loaded


def test_the_page_plays_without_a_complaint(report: dict[str, object]) -> None:
    assert report["problems"] == []
    assert report["gaps"] == 0
    assert "decoded in" in str(report["status"])
    x, y = report["second"]  # type: ignore[misc]
    assert report["third"] == pytest.approx([x - 0.2, y]), "ten steps by keyboard"


def place_of(part: np.ndarray, loop: np.ndarray) -> int:
    """The frame of a loop from which it is nearest to a part of what was heard, in squares."""
    frames = len(loop)
    window = np.fft.rfft(np.ones(len(part)), frames).conj()
    energy = np.fft.irfft(window * np.fft.rfft(np.square(loop, dtype=np.float64)), frames)
    likeness = np.fft.irfft(np.fft.rfft(part, frames).conj() * np.fft.rfft(loop), frames)
    return int((energy - 2 * likeness).argmin())


def test_the_browser_sounds_like_python_and_morphs_without_a_gap(
    session: Path, report: dict[str, object]
) -> None:
    drums = Decoder.open(find("drums"))
    assert report["sample_rate"] == drums.metadata.values["sample_rate"]
    heard = np.fromfile(session / "out.f32", "<f4").reshape(-1, 2)
    first, second = (
        drums.decode_loop(drums.metadata.pad.point(*report[name])).audio  # type: ignore[misc]
        for name in ("first", "second")
    )
    frames = len(first)
    assert len(heard) > 2 * frames
    places = (np.arange(len(heard)) + place_of(heard[: frames // 4, 0], first[:, 0])) % frames
    is_first = np.abs(heard - first[places]).max(1) <= 1e-3
    is_second = np.abs(heard - second[places]).max(1) <= 1e-3
    # All the time one of the two loops sounds at the frame where it ought to, but for one fade.
    fade = np.flatnonzero(~is_first & ~is_second)
    assert is_first[: frames // 2].all()
    assert is_second[-frames // 2 :].all()
    assert len(fade), "the pad was moved"
    assert fade[-1] - fade[0] < FADE_FRAMES
    assert is_first[: fade[0]].all()
    assert is_second[fade[-1] + 1 :].all()


def test_the_face_is_the_one_of_the_pad_position(report: dict[str, object]) -> None:
    faces = Decoder.open(find("faces"))
    x, y = report["third"]  # type: ignore[misc]
    wanted = faces.decode_image(faces.metadata.pad.point(x, y))
    shown = np.asarray(report["face"], np.uint8).reshape(*wanted.shape[:2], 4)[..., :3]
    assert np.abs(shown.astype(int) - wanted).max() <= 1
