"""A dummy JACK server and a tone model, for tests with the real audio server."""

from collections.abc import Iterator
from pathlib import Path

import jack
import pytest


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running dummy sound card, and a runtime folder of its own."""
    if not jack.available():
        pytest.skip("needs JACK's programs (Debian: jackd2 and jack-tools)")
    pytest.importorskip("sounddevice", exc_type=OSError)
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "runtime"))
    with jack.jack_server(tmp_path) as name:
        yield name


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tone model's file."""
    pytest.importorskip("onnx")
    from tone_model import write_tone_model
    return write_tone_model(tmp_path_factory.mktemp("models") / "tones.decoder.onnx")
