"""A round of each fault of `bench/faults.py`: the sound goes on, or comes back by itself."""

import sys
from pathlib import Path

import jack
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process's files")


@pytest.mark.parametrize("kind", ["desk", "server", "decoder", "disk", "provider", "midi", "panic"])
def test_the_sound_outlives(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not jack.available():
        pytest.skip("needs JACK's programs (Debian: jackd2 and jack-tools)")
    pytest.importorskip("sounddevice", exc_type=OSError)
    pytest.importorskip("onnx")
    pytest.importorskip("rtmidi")
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    import faults

    assert faults.run(kind, 1, tmp_path / "stage")["rounds"] == 1
