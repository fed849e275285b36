"""Files dragged by a real pointer out of a second process, and dropped on the window."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PyQt6.QtGui import QGuiApplication
from rig import Bench

from vaesynth import encoder
from vaesynth.loop import Loop

pytestmark = pytest.mark.skipif(not shutil.which("xdotool") or not shutil.which("Xvfb"),
                                reason="needs Xvfb and xdotool")
START = 1620, 620


class OneForAll:
    """An encoder to which all bars are the same."""

    def encode_loop(self, loop: Loop) -> tuple[np.ndarray, np.ndarray]:
        assert np.abs(loop.audio).max() > 0.3
        return np.array([0.25, -0.5, 1.0, 0.0], np.float32), np.zeros(4, np.float32)


@pytest.fixture
def encoding(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The window on a double of a model that has an encoder; files are read and cut for real."""
    if QGuiApplication.platformName() != "xcb":
        pytest.skip("needs an X server")
    (playing.folder / "drums.encoder.onnx").touch()
    monkeypatch.setattr(encoder.Encoder, "open", lambda *_: OneForAll())
    playing.window.move(0, 0)
    return playing


def clicks() -> np.ndarray:
    """A bar of 120 BPM with a hit on each beat."""
    audio = np.zeros(88_200, np.float32)
    for beat in range(4):
        audio[beat * 22_050:beat * 22_050 + 300] = np.hanning(300) * (0.8 if beat == 0 else 0.4)
    return audio


def drop(bench: Bench, files: list[Path], until: Callable[[], bool]) -> None:
    """Drag files from beside the window onto the middle of its pad, and wait for what comes of it."""
    ready = bench.folder / "ready"
    ready.unlink(missing_ok=True)
    left, top = (str(place - 20) for place in START)
    program = [sys.executable, str(Path(__file__).parent / "drag_source.py"), left, top, str(ready)]
    source = subprocess.Popen([*program, *map(str, files)])
    try:
        bench.wait(ready.exists)
        end = bench.pad.mapToGlobal(bench.pad.plate().center().toPoint())
        moves = [f"mousemove {START[0]} {START[1]}", "sleep 0.3", "mousedown 1"]
        for i in range(1, 13):
            x, y = (a + (b - a) * i // 12 for a, b in zip(START, (end.x(), end.y()), strict=True))
            moves += [f"mousemove {x} {y}", "sleep 0.08"]
        hand = subprocess.Popen(["xdotool", *" ".join([*moves, "sleep 0.3", "mouseup 1"]).split()])
        bench.wait(lambda: hand.poll() is not None and until())
    finally:
        source.kill()
        source.wait()


def test_loops_of_every_format_come_in_beside_each_other(encoding: Bench) -> None:
    bench, session = encoding, encoding.instrument
    files = [bench.folder / f"{kind} 120bpm.{kind}" for kind in ("wav", "aiff", "flac", "ogg", "mp3")]
    for file in files:
        soundfile.write(file, clicks(), 44_100, format=file.suffix[1:].upper())
    drop(bench, files, lambda: len(session.session.own_loops) == len(files))
    assert bench.window.banner.message == ""
    own = session.session.own_loops
    assert [loop.name for loop in own] == [file.stem for file in files]
    for loop in own:  # all hold the same bar, and yet each can be taken hold of
        mark = bench.pad.mark_at(bench.place(loop.x, loop.y))
        assert mark is not None
        assert mark.name == loop.name
    bench.wait(lambda: bench.engine.position == (own[-1].x, own[-1].y))
    assert bench.engine.latent() == pytest.approx(own[-1].z, abs=1e-4), "it is played as it is"


def test_files_of_no_use_are_a_sentence_each(encoding: Bench) -> None:
    for name, content in (("notes.txt", b"hello"), ("broken.wav", b"RIFFnone"), ("broken.onnx", b"broken")):
        file = encoding.folder / name
        file.write_bytes(content)
        drop(encoding, [file],
             lambda name=name: encoding.window.banner.message.startswith(f"{name}: "))
    assert not encoding.instrument.session.own_loops
    assert encoding.instrument.metadata.name == "drums"


def test_what_is_wrong_with_each_of_a_handful_is_told(encoding: Bench) -> None:
    files = [encoding.folder / name for name in ("notes.txt", "list.csv", "broken.wav")]
    for file in files:
        file.write_bytes(b"nothing")
    drop(encoding, files,
         lambda: all(f"{file.name}: " in encoding.window.banner.message for file in files))
    assert encoding.window.banner.message.count("\n") == 2
