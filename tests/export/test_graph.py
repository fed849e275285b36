"""PyTorch → ONNX: the same values, a plain graph, half the size on request."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor
from toys import LOOP, ToyImages, ToyLoops

from vaesynth import onnx_file
from vaesynth_export import graph, parity
from vaesynth_training.model import Model, Posterior


@pytest.fixture(scope="module")
def loops() -> Model:
    return ToyLoops().eval()


@pytest.fixture(scope="module")
def decoder(loops: Model) -> onnx.ModelProto:
    return graph.to_onnx(graph.DecoderGraph(loops))


def points(model: Model) -> dict[str, np.ndarray]:
    return parity.decoder_points(model.latent_dim, None)


def test_loop_decoder_is_the_model(loops: Model, decoder: onnx.ModelProto) -> None:
    found = parity.compare_decoder(decoder.SerializeToString(), loops, ["audio", "stems"], points(loops))
    assert [d.what for d in found] == ["audio of random z", "stems of random z"]
    parity.require(found, "toy", half=False)


def test_image_decoder_and_encoder_are_the_model() -> None:
    model = ToyImages().eval()
    proto = graph.to_onnx(graph.DecoderGraph(model))
    parity.require(
        parity.compare_decoder(proto.SerializeToString(), model, ["image"], points(model)), "toy", False
    )
    images = np.random.default_rng(0).random((5, 3, 16, 12), np.float32)
    encoder = graph.to_onnx(graph.EncoderGraph(model)).SerializeToString()
    parity.require(parity.compare_encoder(encoder, model, {"noise": images}), "toy", False)
    file = onnx_file.check(encoder, "toy")
    assert [(i.name, i.shape) for i in file.inputs] == [("image", (None, 3, 16, 12))]
    assert [(o.name, o.shape) for o in file.outputs] == [("mean", (None, 5)), ("log_variance", (None, 5))]


def test_a_tiny_floor_under_a_logarithm_survives(loops: Model) -> None:
    """Optimisers are fond of taking x + 1e-8 for x."""
    encoder = graph.to_onnx(graph.EncoderGraph(loops)).SerializeToString()
    silence = np.zeros((1, 2, 1600), np.float32)
    faint = np.full((1, 2, 1600), 1e-5, np.float32)
    parity.require(parity.compare_encoder(encoder, loops, {"silence": silence, "faint": faint}), "toy", False)


class Looked(ToyLoops):
    """Its encoder looks 200 cosines up in one turn."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("turn", (2 * torch.pi * torch.arange(LOOP.frames) / LOOP.frames).cos())

    def encode(self, x: Tensor) -> Posterior:
        places = torch.arange(200)[:, None] * torch.arange(LOOP.frames)
        found = x.mean(1) @ self.get_buffer("turn")[places % LOOP.frames].T
        return Posterior(found[:, :6], found[:, 6:12])


def test_what_can_be_looked_up_is_not_written_out() -> None:
    model = Looked().eval()
    proto = graph.to_onnx(graph.EncoderGraph(model))
    assert proto.ByteSize() < 100_000, "200 x 1,600 cosines would be 1.3 MB"
    noise = 0.5 * np.random.default_rng(0).standard_normal((2, 2, LOOP.frames)).astype(np.float32)
    found = parity.compare_encoder(proto.SerializeToString(), model, {"noise": noise})
    parity.require(found, "toy", half=False)


class Fading(ToyLoops):
    """Its noise is heard as it is and as it rises, as the drum model's carriers are."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("carriers", torch.randn(50, LOOP.frames))

    def decode_stems(self, z: Tensor) -> Tensor:
        ramp = torch.arange(LOOP.frames) / LOOP.frames
        both = torch.cat([self.carriers, self.carriers * ramp]) / 50
        levels = self.inp(z)[:, : 2 * 2 * len(self.carriers)].reshape(-1, 2, 2 * len(self.carriers))
        return 0.4 * torch.tanh(levels @ both)[:, :, None].expand(-1, -1, 2, -1)


def test_what_is_heard_twice_is_written_once() -> None:
    model = Fading().eval()
    proto = graph.to_onnx(graph.DecoderGraph(model))
    assert proto.ByteSize() < 400_000, "50 x 1,600 samples are 320 kB"
    found = parity.compare_decoder(proto.SerializeToString(), model, ["audio", "stems"], points(model))
    parity.require(found, "toy", half=False)


def test_the_graph_is_plain(loops: Model, decoder: onnx.ModelProto) -> None:
    file = onnx_file.check(decoder.SerializeToString(), "toy")
    assert file.opset <= onnx_file.MAX_OPSET
    assert [(o.name, o.shape) for o in file.outputs] == [
        ("audio", (None, 2, 1600)),
        ("stems", (None, 2, 2, 1600)),
    ]
    used = {name for node in decoder.graph.node for name in node.input}
    assert {t.name for t in decoder.graph.initializer} <= used
    assert not decoder.metadata_props
    assert not decoder.graph.value_info
    # The unused layer has 250,000 values; weight norm is computed once, at export.
    assert file.parameters < 30_000
    assert "ReduceL2" not in file.operators


def test_without_stems(loops: Model) -> None:
    wrapped = graph.DecoderGraph(loops, stems=False)
    assert wrapped.outputs == ["audio"]
    z = wrapped.example()
    torch.testing.assert_close(wrapped(z)[0], loops.decode(z))


def test_half_weights_halve_the_file_and_keep_the_sound(loops: Model, decoder: onnx.ModelProto) -> None:
    half = graph.with_half_weights(decoder)
    floats = [t for t in decoder.graph.initializer if t.data_type == onnx.TensorProto.FLOAT]
    large = {t.name for t in floats if len(t.dims) > 1 and np.prod(t.dims) >= graph.HALF_MIN_VALUES}
    stored = {t.name: t.data_type for t in half.graph.initializer}
    assert all(stored[f"{name}.float16"] == onnx.TensorProto.FLOAT16 for name in large)
    single = sum(len(t.raw_data) for t in decoder.graph.initializer if t.name in large)
    assert decoder.ByteSize() - half.ByteSize() > 0.45 * single
    found = parity.compare_decoder(half.SerializeToString(), loops, ["audio"], points(loops))
    assert found[0].largest > 1e-6  # it is another model
    parity.require(found, "toy", half=True)


class Swapped(ToyLoops):
    """Its stems are one another's."""

    def decode_stems(self, z: Tensor) -> Tensor:
        return super().decode_stems(z).flip(1)


class Breaking(ToyLoops):
    """What it decodes is not finite."""

    def decode_stems(self, z: Tensor) -> Tensor:
        return (super().decode_stems(z).abs() - 10).sqrt()


def test_stems_of_half_weights_are_compared_one_by_one(loops: Model) -> None:
    swapped = graph.to_onnx(graph.DecoderGraph(Swapped().eval())).SerializeToString()
    audio, stems = parity.compare_decoder(swapped, loops, ["audio", "stems"], points(loops))
    assert audio.half_is_good
    with pytest.raises(parity.ParityError, match=r"MR-STFT .* in stems of random z"):
        parity.require([stems], "toy", half=True)


def test_half_weights_that_break_the_sound_are_refused(loops: Model) -> None:
    broken = graph.to_onnx(graph.DecoderGraph(Breaking().eval())).SerializeToString()
    for found in parity.compare_decoder(broken, loops, ["audio", "stems"], points(loops)):
        with pytest.raises(parity.ParityError):
            parity.require([found], "toy", half=True)


def test_parts_that_a_model_names_stay_in_single_precision(decoder: onnx.ModelProto) -> None:
    half = graph.with_half_weights(decoder, ["head"])
    kept = {t.name for t in half.graph.initializer if not t.name.endswith(".float16")}
    assert "model.head.weight" in kept
    assert "model.basis" not in kept


class Wide(ToyLoops):
    """Its exact parts: a linear layer that gets three dimensions, and a factor that is squared."""

    exact = ("cells", "factor")

    def __init__(self) -> None:
        super().__init__()
        self.cells, self.plain = torch.nn.Linear(100, 24), torch.nn.Linear(100, 24)
        self.factor = torch.nn.ParameterDict({"root": torch.randn(24, 24) / 5})

    def encode(self, x: Tensor) -> Posterior:
        heard = x.mean(1).reshape(-1, 16, 100)
        root = self.factor["root"]
        turned = (self.cells(heard) + self.plain(heard)) @ root.square() @ (root @ self.cells.weight[:, :24])
        return Posterior(turned[:, 0, :6], turned[:, 1, :6])


def test_what_is_computed_of_exact_parts_stays_in_single_precision() -> None:
    model = Wide().eval()
    half = graph.with_half_weights(graph.to_onnx(graph.EncoderGraph(model)), model.exact)
    stored = [onnx.numpy_helper.to_array(t) for t in half.graph.initializer]
    root, cells = model.factor["root"].detach(), model.cells.weight.detach()
    for exact in (cells.T, root.square(), root @ cells[:, :24]):
        assert any(np.array_equal(values, exact.numpy()) for values in stored)
    halved = [values for values in stored if values.dtype == np.float16]
    assert [values.shape for values in halved] == [(100, 24)], "the plain layer's weights alone"


def test_weights_beyond_half_precision_and_biases_stay() -> None:
    wide = np.geomspace(1e-3, 1e9, 1000, dtype=np.float32)[None]
    flat = np.linspace(-1, 1, 1000, dtype=np.float32)[None]
    bias = flat[0] * np.pi
    nodes = [
        onnx.helper.make_node("Add", ["z", "wide"], ["a"]),
        onnx.helper.make_node("Add", ["a", "bias"], ["b"]),
        onnx.helper.make_node("Add", ["b", "flat"], ["audio"]),
    ]
    info = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1, 1000]) for n in ("z", "audio")]
    weights = [
        onnx.numpy_helper.from_array(v, n) for n, v in (("wide", wide), ("flat", flat), ("bias", bias))
    ]
    proto = onnx.helper.make_model(
        onnx.helper.make_graph(nodes, "g", info[:1], info[1:], weights),
        opset_imports=[onnx.helper.make_opsetid("", 18)],
        ir_version=8,
    )
    half = graph.with_half_weights(proto)
    assert {t.name for t in half.graph.initializer} == {"wide", "flat.float16", "bias"}


def test_a_graph_that_differs_is_refused(loops: Model, decoder: onnx.ModelProto) -> None:
    changed = onnx.ModelProto()
    changed.CopyFrom(decoder)
    tensor = next(t for t in changed.graph.initializer if t.name.endswith("head.bias"))
    values = onnx.numpy_helper.to_array(tensor) + np.float32(1e-2)
    tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))
    found = parity.compare_decoder(changed.SerializeToString(), loops, ["audio"], points(loops))
    with pytest.raises(
        parity.ParityError, match=r"toy: largest difference to PyTorch is .* in audio of random z, expected"
    ):
        parity.require(found, "toy", half=False)


def test_differences_that_are_not_numbers_are_refused() -> None:
    nan = parity.Difference("audio", float("nan"), float("nan"))
    for half in (False, True):
        with pytest.raises(parity.ParityError):
            parity.require([nan], "toy", half)


def test_a_latent_may_differ_by_rounding_and_a_sound_may_not() -> None:
    far = parity.Difference("mean of noise", 8e-4, 77.0, latent=True)
    parity.require([far], "toy", half=False)
    for refused in (replace(far, latent=False), replace(far, ratio_db=59.0)):
        with pytest.raises(parity.ParityError, match=r"8\.00e-04 in mean of noise"):
            parity.require([refused], "toy", half=False)
