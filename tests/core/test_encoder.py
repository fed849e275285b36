"""Encoders: what they want, what they give, and whom they belong to."""

from pathlib import Path

import numpy as np
import pytest
import toy_models as toy

from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.errors import ModelError
from vaesynth.loop import Loop


def loop(frames: int = toy.FRAMES, channels: int = toy.CHANNELS, rate: int = toy.RATE) -> Loop:
    audio = np.random.default_rng(2).uniform(-1, 1, (frames, channels)).astype(np.float32)
    return Loop(audio, rate, beats=1)


@pytest.fixture
def encoder(tmp_path: Path) -> Encoder:
    return Encoder.open(toy.write(tmp_path / "toy.encoder.onnx", toy.encoder()))


def test_mean_and_log_variance(encoder: Encoder) -> None:
    mean, log_variance = encoder.encode_loop(loop())
    assert mean.shape == log_variance.shape == (toy.DIM,)
    assert mean.any()
    np.testing.assert_array_equal(log_variance, -mean)  # as the toy has it


def test_mono_is_spread_over_the_channels(encoder: Encoder) -> None:
    mono = loop(channels=1)
    both = Loop(np.repeat(mono.audio, 2, axis=1), mono.sample_rate, beats=1)
    np.testing.assert_allclose(encoder.encode_loop(mono)[0], encoder.encode_loop(both)[0], atol=1e-7)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (loop(frames=3999), "3999 frames at 8000 Hz, expected 4000 at 8000 Hz"),
        (loop(rate=8001), "at 8001 Hz"),
    ],
)
def test_other_geometries_are_refused(encoder: Encoder, wrong: Loop, expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        encoder.encode_loop(wrong)


def test_values_that_are_not_finite(encoder: Encoder) -> None:
    audio = np.full((toy.FRAMES, toy.CHANNELS), np.nan, np.float32)
    with pytest.raises(ModelError, match="mean holds NaN"):
        encoder.encode_loop(Loop(audio, toy.RATE, beats=1))


def test_images(tmp_path: Path) -> None:
    encoder = Encoder.open(toy.write(tmp_path / "toy.encoder.onnx", toy.encoder("image")))
    image = np.random.default_rng(0).integers(0, 256, (toy.HEIGHT, toy.WIDTH, 3)).astype(np.uint8)
    mean, _ = encoder.encode_image(image)
    red = encoder.encode_image(image * np.array([1, 0, 0], np.uint8))[0]
    assert mean.shape == (toy.DIM,)
    assert not np.allclose(mean, red)
    with pytest.raises(ModelError, match="expected uint8"):
        encoder.encode_image(image[:-1])
    with pytest.raises(ModelError, match="kind is image"):
        encoder.encode_loop(loop())


def test_it_belongs_to_its_decoder(tmp_path: Path) -> None:
    decoder = Decoder.open(toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder()))
    path = toy.write(tmp_path / "toy.encoder.onnx", toy.encoder())
    assert Encoder.open(path, decoder.metadata).metadata.name == "toy"


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("loop", {"pair": "other"}, "pair is 'other', expected 'toy'"),
        ("loop", {"beats": 2, "bpm": 240.0}, "geometry is LoopGeometry"),
        ("image", {}, "kind is 'image', expected 'loop'"),
    ],
)
def test_other_decoders_encoders_are_refused(
    tmp_path: Path, kind: str, changes: dict[str, object], expected: str
) -> None:
    decoder = Decoder.open(toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder()))
    path = toy.write(tmp_path / "other.encoder.onnx", toy.encoder(kind, toy.metadata(kind, **changes)))
    with pytest.raises(ModelError, match=expected) as error:
        Encoder.open(path, decoder.metadata)
    assert "other.encoder.onnx" in str(error.value)


def test_decoder_given_as_encoder(tmp_path: Path) -> None:
    path = toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder())
    with pytest.raises(ModelError, match="graph inputs are z, expected audio alone"):
        Encoder.open(path)


def test_missing_output(tmp_path: Path) -> None:
    proto = toy.encoder()
    del proto.graph.output[1]
    with pytest.raises(ModelError, match="output log_variance is missing"):
        Encoder.open(toy.write(tmp_path / "toy.encoder.onnx", proto))
