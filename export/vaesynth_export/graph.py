"""PyTorch → ONNX: one static graph of standard operators, constants folded, float32 or float16 weights."""

import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import onnx
import onnx_ir as ir
import onnx_ir.passes.common as common_passes
import onnxscript.optimizer
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.model import Model

OPSET = 18
"""Known to every host of ONNX Runtime since 1.14, web and mobile included; format 1 allows up to 20."""
FOLDED_INPUT_VALUES = 2**24
FOLDED_OUTPUT_VALUES = 2**20
"""Constant expressions with up to so many values in and out are computed at export."""
TABLE_VALUES = 2**16
"""Expressions of more values that are made of far fewer, or are products, are kept as expressions."""
HALF_MIN_VALUES = 256
"""Smaller tensors, and all vectors, stay in single precision: biases and scales weigh little.

A drum model's pitches, in octaves, are biases: half precision puts them out of tune by up to 5 cents.
"""
PARTS = "model."
"""How the names of the model's own tensors begin in a graph."""
HALF_TOLERANCE = 1e-3
"""A tensor that would lose more than this share of its norm in half precision stays as it is."""


class DecoderGraph(nn.Module):
    """z `(batch, latent_dim)` → audio or image, and the stems that sum to it where the model has any."""

    def __init__(self, model: Model, stems: bool = True) -> None:
        super().__init__()
        self.model = model
        self.has_stems = stems and bool(model.voices)
        self.inputs = ["z"]
        self.outputs = [item_name(model), *(["stems"] if self.has_stems else [])]

    def forward(self, z: Tensor) -> tuple[Tensor, ...]:
        """The outputs, in the order of `outputs`."""
        if not self.has_stems:
            return (self.model.decode(z),)
        return self.model.decode_with_stems(z)

    def example(self) -> Tensor:
        """An input to trace with."""
        return torch.randn(2, self.model.latent_dim, generator=torch.Generator().manual_seed(0))


class EncoderGraph(nn.Module):
    """Audio or image → posterior mean and log variance, each `(batch, latent_dim)`."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.inputs = [item_name(model)]
        self.outputs = ["mean", "log_variance"]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The outputs, in the order of `outputs`."""
        posterior = self.model.encode(x)
        return posterior.mean, posterior.log_variance

    def example(self) -> Tensor:
        """An input to trace with."""
        return torch.rand(2, *item_shape(self.model), generator=torch.Generator().manual_seed(0))


def item_name(model: Model) -> str:
    """`audio` or `image`: what format 1 calls the model's items."""
    return "image" if isinstance(model.geometry, ImageGeometry) else "audio"


def item_shape(model: Model) -> tuple[int, ...]:
    """`(channels, frames)` or `(3, height, width)`."""
    g = model.geometry
    return (g.channels, g.frames) if isinstance(g, LoopGeometry) else (3, g.height, g.width)


def to_onnx(graph: DecoderGraph | EncoderGraph) -> onnx.ModelProto:
    """The graph as ONNX: opset `OPSET`, domain `ai.onnx` alone, batch the only dynamic dimension."""
    batch = torch.export.Dim("batch", min=1, max=1024)
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            graph.eval(),
            (graph.example(),),
            input_names=graph.inputs,
            output_names=graph.outputs,
            opset_version=OPSET,
            dynamo=True,
            dynamic_shapes=({0: batch},),
            optimize=False,
            verbose=False,
        )
        assert program is not None
        _fold(program.model, graph.model.exact)
    proto = program.model_proto
    _strip(proto)
    _name_batch(proto)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _fold(model: ir.Model, exact: Sequence[str]) -> None:
    """Compute what is constant, and drop what that leaves unused; `exact` as `_name_exact` has it.

    `onnxscript.optimizer.optimize` would do more, and too much: its rewriter takes x + 1e-8 for x + 0, and so
    removes the floor under a logarithm.
    """
    onnxscript.optimizer.inline(model)
    _name_exact(model.graph, exact)
    onnxscript.optimizer.fold_constants(
        model,
        input_size_limit=FOLDED_INPUT_VALUES,
        output_size_limit=FOLDED_OUTPUT_VALUES,
        should_fold=_no_table,
    )
    ir.passes.Sequential(
        common_passes.IdentityEliminationPass(),
        common_passes.RemoveUnusedNodesPass(),
        common_passes.RemoveUnusedOpsetsPass(),
        common_passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0),
        common_passes.DeduplicateInitializersPass(),
        common_passes.CommonSubexpressionEliminationPass(),
        common_passes.OutputFixPass(),
        common_passes.NameFixPass(),
    )(model)


def _name_exact(graph: ir.Graph, exact: Sequence[str]) -> None:
    """Name what is computed of exact parts alone after one of their tensors.

    Transposes, squares and so on become tensors of their own when they are folded, which keeps the names of
    values: by these `with_half_weights` knows them.
    """
    # What each constant is made of: a tensor of an exact part, or neither that nor any other part ("").
    made_of: dict[ir.Value, str] = {}
    for name, value in graph.initializers.items():
        if _in_parts(name, exact):
            made_of[value] = name
        elif not name.startswith(PARTS):
            made_of[value] = ""
    for node in graph:
        inputs = [value for value in node.inputs if value is not None]
        if not all(value in made_of for value in inputs):
            continue
        origin = next((made_of[value] for value in inputs if made_of[value]), "")
        for value in node.outputs:
            made_of[value] = origin
            if origin and not value.is_graph_output():
                value.name = f"{origin}.{value.name}"


def _in_parts(name: str, parts: Sequence[str]) -> bool:
    """Whether a tensor is of one of these parts of the model, or named after such a tensor."""
    return any(f".{part}." in name for part in parts)


def _no_table(node: ir.Node) -> bool | None:
    """False for what hosts can compute as they load the file, which would only make it longer.

    That is what a few values are spread to, such as angles, and large tensors multiplied by something, such
    as noise that fades in, beside the noise itself.
    """
    given, made = (sum(_values(v) for v in side) for side in (node.inputs, node.outputs))
    spread, again = made > 8 * given, node.op_type == "Mul"
    return False if made > TABLE_VALUES and (spread or again) else None


def _values(value: ir.Value | None) -> int:
    """How many numbers a value holds; 0 where that is not known."""
    if value is None or value.shape is None or not value.shape.is_static():
        return 0
    return math.prod(value.shape.numpy())


def with_half_weights(proto: onnx.ModelProto, exact: Sequence[str] = ()) -> onnx.ModelProto:
    """A copy whose large weights are stored as float16 and cast to float32 before anything is computed.

    Args:
        proto: a graph in single precision.
        exact: parts of the model that stay so, as `Model.exact` names them, with what is computed of them
            alone.
    """
    half = onnx.ModelProto()
    half.CopyFrom(proto)
    casts = []
    for tensor in half.graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT:
            continue
        if _in_parts(tensor.name, exact):
            continue
        values = numpy_helper.to_array(tensor)
        if values.ndim < 2 or values.size < HALF_MIN_VALUES or not _fits_half(values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.float16"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    onnx.checker.check_model(half, full_check=True)
    return half


def with_metadata(proto: onnx.ModelProto, properties: Mapping[str, str]) -> onnx.ModelProto:
    """A copy with these `metadata_props` and no others."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    del copy.metadata_props[:]
    onnx.helper.set_model_props(copy, dict(properties))
    return copy


def _fits_half(values: np.ndarray) -> bool:
    with np.errstate(over="ignore"):
        lost = np.linalg.norm((values - values.astype(np.float16).astype(np.float32)).ravel())
    return bool(lost <= HALF_TOLERANCE * np.linalg.norm(values.ravel()))


def _strip(proto: onnx.ModelProto) -> None:
    """Drop what only the exporter needs: dead initialisers, intermediate shapes, source positions."""
    used = {name for node in proto.graph.node for name in node.input} | {o.name for o in proto.graph.output}
    kept = [t for t in proto.graph.initializer if t.name in used]
    del proto.graph.initializer[:]
    proto.graph.initializer.extend(kept)
    del proto.graph.value_info[:]
    for message in (
        proto,
        proto.graph,
        *proto.graph.node,
        *proto.graph.initializer,
        *proto.graph.input,
        *proto.graph.output,
    ):
        message.ClearField("metadata_props")
        message.ClearField("doc_string")
    proto.graph.name = "vaesynth"


def _name_batch(proto: onnx.ModelProto) -> None:
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "batch"


@contextmanager
def _quiet() -> Iterator[None]:
    """The exporter's progress notes and deprecation warnings are no news to whoever exports."""
    loggers: Sequence[logging.Logger] = [
        logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")
    ]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
