"""Small model files, good ones and ones with a fault, written with the onnx package."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE, FRAMES, CHANNELS, DIM = 8_000, 4_000, 2, 4
HEIGHT, WIDTH = 12, 10


def metadata(kind: str = "loop", **changes: Any) -> dict[str, Any]:
    """Valid metadata of a kind; `changes` replace values, None takes a key out."""
    eye = np.eye(DIM).tolist()
    values: dict[str, Any] = {
        "format": 1,
        "kind": kind,
        "name": "toy",
        "latent_dim": DIM,
        "latent_mean": [0.0] * DIM,
        "latent_std": [1.0] * DIM,
        "pad": {"origin": [0.0] * DIM, "x_axis": eye[0], "y_axis": eye[1]},
        "macros": [],
        "examples": [],
        "pair": "toy",
        "scores": {},
        "trained": {},
        "licence": "CC0-1.0",
        "data_licence": "CC0-1.0",
        "authors": [],
    }
    if kind == "loop":
        values |= {
            "sample_rate": RATE,
            "channels": CHANNELS,
            "frames": FRAMES,
            "bpm": 120.0,
            "beats": 1,
            "beats_per_bar": 4,
        }
    else:
        values |= {"height": HEIGHT, "width": WIDTH}
    values |= changes
    return {key: value for key, value in values.items() if value is not None}


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    constants: Mapping[str, npt.NDArray[Any]],
    values: Mapping[str, Any] | str | None,
    opset: int = 17,
    domains: Sequence[str] = (),
) -> onnx.ModelProto:
    """A model of float32 inputs and outputs by shape, with metadata (an object, or a text as it is)."""

    def info(shapes: Mapping[str, Sequence[int | str]]) -> list[onnx.ValueInfoProto]:
        return [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]

    graph = helper.make_graph(
        list(nodes),
        "toy",
        info(inputs),
        info(outputs),
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    proto = helper.make_model(graph, opset_imports=imports, ir_version=8)
    if values is not None:
        text = values if isinstance(values, str) else json.dumps(values)
        helper.set_model_props(proto, {"vaesynth": text})
    return proto


def loop_decoder(
    values: Mapping[str, Any] | str | None = None,
    *,
    stems: bool = False,
    gain: float = 1.0,
    channels: int = CHANNELS,
    frames: int = FRAMES,
    seam: bool = False,
    stems_error: float = 0.0,
) -> onnx.ModelProto:
    """Sines of 2, 4, 6 … cycles, one for each latent dimension, through tanh; z = 0 sounds through a bias.

    Args:
        values: metadata; None: the valid ones for this graph.
        stems: give two stems that sum to the audio, up to `stems_error`.
        gain: factor on the output; NaN and values above 1 break the contract.
        seam: break the waveform at the seam.
    """
    t = np.arange(frames) / frames
    basis = np.stack([np.sin(2 * np.pi * (2 * d + 2) * t) for d in range(DIM)])
    if seam:
        basis += t
    basis = 0.3 * np.concatenate([basis * (1 - 0.3 * c) for c in range(channels)], 1)
    constants = {
        "basis": basis.astype(np.float32),
        "bias": (0.5 * basis.sum(0, keepdims=True)).astype(np.float32),
        "gain": np.float32(gain),
        "shape": np.array([-1, channels, frames], np.int64),
    }
    nodes = [
        helper.make_node("MatMul", ["z", "basis"], ["mixed"]),
        helper.make_node("Add", ["mixed", "bias"], ["biased"]),
        helper.make_node("Tanh", ["biased"], ["bounded"]),
        helper.make_node("Mul", ["bounded", "gain"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["audio"]),
    ]
    outputs: dict[str, Sequence[int | str]] = {"audio": ["batch", channels, frames]}
    if stems:
        share = np.array([0.25, 0.75 + stems_error], np.float32).reshape(1, 2, 1, 1)
        constants |= {"share": share, "axis": np.array([1], np.int64)}
        nodes += [
            helper.make_node("Unsqueeze", ["audio", "axis"], ["one"]),
            helper.make_node("Mul", ["one", "share"], ["stems"]),
        ]
        outputs["stems"] = ["batch", 2, channels, frames]
    if values is None:
        beats = metadata(voices=["low", "high"] if stems else None)
        values = beats | {"channels": channels, "frames": frames, "bpm": 60 * RATE / frames}
    return model(nodes, {"z": ["batch", DIM]}, outputs, constants, values)


def image_decoder(values: Mapping[str, Any] | str | None = None) -> onnx.ModelProto:
    """Smooth random images through a sigmoid."""
    basis = np.random.default_rng(0).standard_normal((DIM, 3 * HEIGHT * WIDTH)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["z", "basis"], ["mixed"]),
        helper.make_node("Sigmoid", ["mixed"], ["flat"]),
        helper.make_node("Reshape", ["flat", "shape"], ["image"]),
    ]
    return model(
        nodes,
        {"z": ["batch", DIM]},
        {"image": ["batch", 3, HEIGHT, WIDTH]},
        {"basis": basis, "shape": np.array([-1, 3, HEIGHT, WIDTH], np.int64)},
        metadata("image") if values is None else values,
    )


def encoder(kind: str = "loop", values: Mapping[str, Any] | str | None = None) -> onnx.ModelProto:
    """A linear encoder: mean = x · w, log variance = -x · w."""
    shape = (CHANNELS, FRAMES) if kind == "loop" else (3, HEIGHT, WIDTH)
    name = "audio" if kind == "loop" else "image"
    size = int(np.prod(shape))
    weights = np.random.default_rng(1).standard_normal((size, DIM)).astype(np.float32) / size
    nodes = [
        helper.make_node("Reshape", [name, "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "w"], ["mean"]),
        helper.make_node("Neg", ["mean"], ["log_variance"]),
    ]
    return model(
        nodes,
        {name: ["batch", *shape]},
        {"mean": ["batch", DIM], "log_variance": ["batch", DIM]},
        {"w": weights, "shape": np.array([-1, size], np.int64)},
        metadata(kind) if values is None else values,
    )


def write(path: Path, proto: onnx.ModelProto) -> Path:
    """The model as a file."""
    path.write_bytes(proto.SerializeToString())
    return path
