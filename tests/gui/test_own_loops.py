"""Loops of the musician's own find their place on the pad."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PyQt6.QtCore import Qt
from rig import Bench

from vaesynth import own_loops
from vaesynth.decoder import Decoder
from vaesynth.errors import AudioFileError, ModelError
from vaesynth.session import OwnLoop

sys.path.append(str(Path(__file__).parents[1] / "core"))
toy = pytest.importorskip("toy_models")


@pytest.fixture
def decoder(tmp_path: Path) -> Path:
    toy.write(tmp_path / "toy.encoder.onnx", toy.encoder())
    return toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder())


def beat(path: Path, bars: int = 1, bpm: float = 120.0) -> Path:
    """Clicks on every beat of 4/4."""
    rate, beats = 44_100, 4 * bars
    audio = np.zeros(round(rate * 60 / bpm * beats), np.float32)
    for i in range(beats):
        start = round(i * rate * 60 / bpm)
        audio[start:start + 200] = np.hanning(200) * (0.8 if i % 4 == 0 else 0.4)
    soundfile.write(path, audio, rate)
    return path


def test_a_file_becomes_places_named_after_it(decoder: Path, tmp_path: Path) -> None:
    metadata = Decoder.open(decoder).metadata
    file = beat(tmp_path / "my beat 120bpm.wav", bars=2)
    places = own_loops.encode(file, decoder, metadata)
    assert places
    assert all(p.name.startswith("my beat 120bpm") for p in places)
    assert len({p.name for p in places}) == len(places)
    assert all(-1 <= v <= 1 for p in places for v in (p.x, p.y))


def test_a_model_without_encoder_says_what_it_misses(decoder: Path, tmp_path: Path) -> None:
    metadata = Decoder.open(decoder).metadata
    (tmp_path / "toy.encoder.onnx").unlink()
    with pytest.raises(ModelError, match=r"expected toy\.encoder\.onnx beside it"):
        own_loops.encode(beat(tmp_path / "a 120bpm.wav"), decoder, metadata)


def test_a_text_named_wav_is_refused(decoder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("hello")
    with pytest.raises(AudioFileError, match=r"a\.wav"):
        own_loops.encode(tmp_path / "a.wav", decoder, Decoder.open(decoder).metadata)


def test_dropped_loop_appears_and_is_played(playing: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(own_loops, "encode", lambda file, model, metadata: [OwnLoop(file.stem, 0.25, -0.5)])
    playing.instrument.edit(None, morph_beats=0.0)
    playing.window.files.open(beat(tmp_path / "mine.wav"))
    playing.wait(lambda: playing.engine.position == (0.25, -0.5))
    assert playing.instrument.session.own_loops == (OwnLoop("mine", 0.25, -0.5),)
    assert playing.pad._contents.examples[0].own
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.instrument.session.own_loops == (), "one drop is one step"
    assert playing.engine.position == (0.0, 0.0)


def test_a_loop_that_is_gone_to_in_time_is_one_step(playing: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(own_loops, "encode", lambda file, model, metadata: [OwnLoop(file.stem, 0.25, -0.5)])
    before = playing.instrument.session
    assert before.morph_beats > 0
    playing.window.files.open(beat(tmp_path / "mine.wav"))
    playing.wait(lambda: playing.engine.position == (0.25, -0.5))
    after = playing.instrument.session
    playing.instrument.undo()
    assert playing.instrument.session == before
    playing.instrument.redo()
    assert playing.instrument.session == after


def test_a_dropped_loop_is_heard_while_a_path_plays(playing: Bench, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(own_loops, "encode", lambda file, model, metadata: [OwnLoop(file.stem, 0.25, -0.5)])
    playing.instrument.set_path(((0.0, 0.2, 0.2), (4.0, 0.6, 0.2)), 4.0)
    playing.wait(lambda: playing.engine.position[0] > 0.2)
    playing.window.files.open(beat(tmp_path / "mine.wav"))
    playing.wait(lambda: playing.engine.position == (0.25, -0.5))
    assert not playing.instrument.session.path_playing


def test_loop_that_cannot_be_used_is_a_message(playing: Bench, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_text("no audio")
    playing.window.files.open(tmp_path / "broken.wav")
    playing.wait(lambda: "broken.wav" in playing.window.banner.message)
