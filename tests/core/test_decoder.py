"""Decoders: what comes out, and every way in which a file can be wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import toy_models as toy

from vaesynth import providers
from vaesynth.decoder import Decoder
from vaesynth.errors import ModelError, SettingError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "toy.decoder.onnx"


def opened(path: Path, proto: onnx.ModelProto, **options: Any) -> Decoder:
    return Decoder.open(toy.write(path, proto), **options)


def refused(path: Path, proto: onnx.ModelProto) -> str:
    """The one sentence with which the file is refused; it names the file."""
    with pytest.raises(ModelError) as error:
        opened(path, proto)
    message = str(error.value)
    assert "toy.decoder.onnx" in message
    assert "expected" in message
    assert "\n" not in message
    return message


def test_loop_is_transposed_and_follows_z(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder())
    loop = decoder.decode_loop([1.0, 0, 0, 0])
    assert loop.audio.shape == (toy.FRAMES, toy.CHANNELS)
    assert (loop.sample_rate, loop.beats, loop.beats_per_bar) == (toy.RATE, 1, 4)
    assert loop.bpm == 120
    spectrum = np.abs(np.fft.rfft(loop.audio[:, 0] - decoder.decode_loop(np.zeros(4)).audio[:, 0]))
    assert np.argmax(spectrum) == 2  # the first latent plays the sine of two cycles
    np.testing.assert_array_equal(loop.audio, decoder.decode([[1, 0, 0, 0]])[0].T)
    with pytest.raises(ValueError, match="read-only"):
        loop.audio[0] = 0


def test_a_run_that_is_halted_fails_and_the_next_does_not(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder())
    halt = providers.Halt()
    halt.now()
    with halt, pytest.raises(ModelError, match="decoding failed"):
        decoder.decode_loop(np.zeros(4))
    assert decoder.decode_loop(np.zeros(4)).frames == toy.FRAMES


def test_loop_is_clipped(path: Path) -> None:
    audio = opened(path, toy.loop_decoder(gain=5.0)).decode_loop(np.ones(4)).audio
    assert audio.max() == 1
    assert audio.min() == -1


def test_stems_sum_to_the_audio(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder(stems=True))
    loop = decoder.decode_loop([0.3, -1, 0, 2])
    assert loop.stems is not None
    assert loop.stems.shape == (2, toy.FRAMES, toy.CHANNELS)
    np.testing.assert_allclose(loop.stems.sum(0), loop.audio, atol=1e-6)
    assert decoder.metadata.voices == ("low", "high")


def test_no_stems_where_the_graph_has_none(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder())
    assert decoder.decode_loop(np.zeros(4)).stems is None
    with pytest.raises(ModelError, match="stems is missing"):
        decoder.decode_stems(np.zeros((1, 4)))


def test_image_has_rows_columns_and_colours(path: Path) -> None:
    decoder = opened(path, toy.image_decoder())
    image = decoder.decode_image(np.full(4, 0.5))
    assert image.shape == (toy.HEIGHT, toy.WIDTH, 3)
    assert image.dtype == np.uint8
    raw = decoder.decode(np.full((1, 4), 0.5))[0]
    np.testing.assert_array_equal(image[..., 1], np.rint(raw[1] * 255))


def test_kinds_do_not_mix(path: Path) -> None:
    with pytest.raises(ModelError, match="kind is image"):
        opened(path, toy.image_decoder()).decode_loop(np.zeros(4))
    with pytest.raises(ModelError, match="kind is loop"):
        opened(path, toy.loop_decoder()).decode_image(np.zeros(4))


def test_batches_are_as_singles_and_wrong_widths_are_refused(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder())
    z = np.random.default_rng(0).standard_normal((3, 4))
    np.testing.assert_allclose(decoder.decode(z)[1], decoder.decode(z[1:2])[0], atol=1e-6)
    with pytest.raises(ModelError, match=r"z has shape \(1, 3\), expected \(batch, 4\)"):
        decoder.decode(np.zeros((1, 3)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty"),
        (b"\x00" * 64, "no ONNX file"),
        (b"RIFF\x24\x08\x00\x00WAVEfmt ", "no ONNX file"),
        (bytes(np.random.default_rng(3).integers(0, 256, 5000, np.uint8)), "no ONNX file"),
    ],
)
def test_what_is_no_onnx_file(path: Path, content: bytes, expected: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ModelError, match=expected) as error:
        Decoder.open(path)
    assert path.name in str(error.value)


def test_absent_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.onnx"):
        Decoder.open(tmp_path / "nowhere.onnx")
    with pytest.raises(ModelError, match="is no file"):
        Decoder.open(tmp_path)


def test_missing_metadata(path: Path) -> None:
    proto = toy.loop_decoder()
    del proto.metadata_props[:]
    assert "metadata 'vaesynth' is missing" in refused(path, proto)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"frames": 2000, "bpm": 240.0},
            "audio is float32 [batch, 2, 4000], expected float32 [batch, 2, 2000]",
        ),
        ({"channels": 1}, "expected float32 [batch, 1, 4000]"),
        ({"voices": ["low", "high"]}, "graph outputs are audio, expected stems among them"),
    ],
)
def test_metadata_that_lie_about_the_graph(path: Path, changes: dict[str, Any], expected: str) -> None:
    assert expected in refused(path, toy.loop_decoder(toy.metadata(**changes)))


def test_latent_dim_that_lies(path: Path) -> None:
    values = toy.metadata(
        latent_dim=3,
        latent_mean=[0] * 3,
        latent_std=[1] * 3,
        pad={"origin": [0] * 3, "x_axis": [1, 0, 0], "y_axis": [0, 1, 0]},
    )
    assert "z is float32 [batch, 4], expected float32 [batch, 3]" in refused(path, toy.loop_decoder(values))


def test_stems_without_names(path: Path) -> None:
    assert "voices is missing" in refused(path, toy.loop_decoder(toy.metadata(), stems=True))


def test_image_metadata_on_a_loop_graph(path: Path) -> None:
    assert "graph outputs are audio, expected image" in refused(path, toy.loop_decoder(toy.metadata("image")))


def test_encoder_given_as_decoder(path: Path) -> None:
    assert "graph inputs are audio, expected z alone" in refused(path, toy.encoder())


def test_output_shape_that_the_graph_does_not_keep(path: Path) -> None:
    """The declared shapes agree with the metadata, but the values come out as something else."""
    proto = toy.loop_decoder()
    for tensor in proto.graph.initializer:
        if tensor.name == "shape":
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.array([-1, toy.FRAMES, 2], np.int64), "shape"))
    assert "audio" in refused(path, proto) or "loaded" in refused(path, proto)


def test_fixed_batch_is_refused(path: Path) -> None:
    proto = toy.loop_decoder()
    proto.graph.output[0].type.tensor_type.shape.dim[0].dim_value = 1
    assert "expected float32 [batch, 2, 4000]" in refused(path, proto)


def test_values_that_are_not_finite(path: Path) -> None:
    assert "audio holds NaN or infinity" in refused(path, toy.loop_decoder(gain=float("nan")))


def test_values_that_become_infinite_far_out(path: Path) -> None:
    """Opening decodes the pad's centre; a point where the graph overflows is refused when it is decoded."""
    proto = toy.loop_decoder()
    proto.graph.node[2].op_type = "Exp"
    decoder = opened(path, proto)
    with pytest.raises(ModelError, match="audio holds NaN or infinity"):
        decoder.decode_loop(np.full(4, 1e4))


def test_unknown_operator(path: Path) -> None:
    proto = toy.loop_decoder()
    proto.graph.node[2].op_type = "Tanhh"
    assert "cannot be loaded" in refused(path, proto)


def test_absent_provider_falls_back_and_says_so(path: Path) -> None:
    absent = next(name for name in ("cuda", "coreml", "directml") if name not in providers.available())
    decoder = opened(path, toy.loop_decoder(), provider=absent)
    assert decoder.provider == "cpu"
    assert decoder.notice is not None
    assert absent in decoder.notice
    assert decoder.decode_loop(np.zeros(4)).audio.any()


def test_provider_that_fails_at_load(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = providers._open

    def fail(graph: bytes, provider: str, threads: int) -> Any:
        if provider == "cuda":
            raise RuntimeError("[ONNXRuntimeError] : 1 : FAIL : libcudnn.so.9 is missing\nsecond line")
        return real(graph, provider, threads)

    monkeypatch.setattr(providers, "_open", fail)
    monkeypatch.setattr(providers, "available", lambda: ["cuda", "cpu"])
    decoder = opened(path, toy.loop_decoder())
    assert decoder.provider == "cpu"
    assert decoder.notice == "Provider cuda failed (libcudnn.so.9 is missing); using cpu."


def test_provider_that_fails_at_its_first_decode(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(providers.Session):
        def run(self, outputs: list[str], inputs: dict[str, Any]) -> list[Any]:
            raise RuntimeError("out of memory")

    real = providers.open_graph

    def open_graph(
        graph: bytes, where: str, provider: str | None = None, threads: int = 1
    ) -> providers.Session:
        session = real(graph, where, "cpu", threads)
        return session if provider == "cpu" else Broken(session.session, "cuda")

    monkeypatch.setattr(providers, "open_graph", open_graph)
    decoder = opened(path, toy.loop_decoder())
    assert decoder.provider == "cpu"
    assert decoder.notice is not None
    assert "cuda" in decoder.notice


def test_full_and_short_names_of_providers() -> None:
    assert providers.provider_name("CPUExecutionProvider") == "cpu"
    assert providers.provider_name("DirectML") == "directml"
    with pytest.raises(SettingError, match="provider is 'tpu', expected one of cuda, coreml, directml, cpu"):
        providers.provider_name("tpu")


def test_sessions_compute_on_one_thread_in_order(path: Path) -> None:
    options = opened(path, toy.loop_decoder()).session.session.get_session_options()
    assert options.intra_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_an_open_decoder_does_not_hold_the_files_bytes(path: Path) -> None:
    decoder = opened(path, toy.loop_decoder())
    assert decoder.file.size == path.stat().st_size
    assert not decoder.file.data
    held = [value for value in vars(decoder.session.session).values() if isinstance(value, bytes)]
    assert not held


def test_a_build_without_arenas_opens_models_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime as ort

    wrong = ort.RunOptions()
    wrong.add_run_config_entry("memory.enable_memory_arena_shrinkage", "gpu:7")
    monkeypatch.setattr(providers, "_shrinking", lambda: wrong)
    decoder = opened(path, toy.loop_decoder())
    assert decoder.decode_loop(np.zeros(4)).frames == toy.FRAMES
