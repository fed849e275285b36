"""The window on the real engine and a dummy sound card."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from monkey import DroppedAtOnce, let_go, play
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from rig import Bench

from vaesynth.metronome import Metronome
from vaesynth_gui import files
from vaesynth_gui.opening import AudioSettings, open_engine, open_face

sys.path.append(str(Path(__file__).parents[1] / "audio"))
jack = pytest.importorskip("jack")
tone_model = pytest.importorskip("tone_model")

pytestmark = pytest.mark.skipif(not jack.available(), reason="needs jackd, jack_lsp and jack_rec")


class RealBench(Bench):
    """The application as people start it, but for its folder."""

    audio = AudioSettings(device="system")
    openers = (open_engine, open_face)


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "runtime"))
    with jack.jack_server(tmp_path):
        yield


@pytest.fixture
def real(qapp, card: None, tmp_path: Path) -> Iterator[RealBench]:
    bench = RealBench(tmp_path)
    bench.model = tone_model.write_tone_model(tmp_path / "tones.decoder.onnx")
    yield bench
    bench.app.close()
    bench.window.deleteLater()


def test_first_click_is_heard_and_a_bad_file_does_not_end_it(real: RealBench, tmp_path: Path) -> None:
    statuses = []
    real.app.bridge.status.connect(statuses.append)
    real.show()
    real.press(-0.5, 0.0)
    real.wait(lambda: bool(statuses) and statuses[-1].playing and max(statuses[-1].peak) > 0.05)
    first = real.window.panel.loop.loop
    assert first is not None
    real.drag_to(0.8, 0.3)
    real.release(0.8, 0.3)
    real.wait(lambda: real.window.panel.loop.loop is not first)
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no model at all")
    real.window.files.open(bad)
    real.wait(lambda: "bad.onnx" in real.window.banner.message)
    del statuses[:]
    real.wait(lambda: len(statuses) > 10)
    assert all(s.server_alive and s.playing for s in statuses)
    assert "system" in real.window.line.text
    QTest.keyClick(real.pad, Qt.Key.Key_Space)
    real.wait(lambda: not statuses[-1].playing and max(statuses[-1].peak) < 1e-3)


def test_no_sound_is_stuck_after_a_monkey(real: RealBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "QDrag", DroppedAtOnce)
    statuses = []
    real.app.bridge.status.connect(statuses.append)
    real.show()
    play(real, 400)
    let_go(real)
    real.instrument.set_metronome(Metronome.OFF)
    real.instrument.set_playing(True)
    real.instrument.set_volume(0)
    real.wait(lambda: bool(statuses) and statuses[-1].playing and statuses[-1].server_alive)
    real.instrument.set_playing(False)
    real.wait(lambda: not statuses[-1].playing and max(statuses[-1].peak) < 1e-3)


def test_plane_is_painted_from_the_model(real: RealBench, tmp_path: Path) -> None:
    real.show()
    real.wait(lambda: real.pad._contents.picture is not None)
    real.wait(lambda: any((tmp_path / "cache").glob("*.npz")))


def test_absent_device_is_a_message(qapp, card: None, tmp_path: Path) -> None:
    class Absent(RealBench):
        audio = AudioSettings(device="no such device")
    bench = Absent(tmp_path)
    bench.model = tone_model.write_tone_model(tmp_path / "tones.decoder.onnx")
    bench.app.show(bench.model)
    bench.wait(lambda: "no such device" in bench.window.banner.message)
    assert bench.instrument.metadata is not None, "the pad shows the model even without sound"
    bench.app.close()
    bench.window.deleteLater()
