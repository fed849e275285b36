"""A decoder with two stems, each a row of decaying tones: kick on the beats, hat between them."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE, FRAMES = 12_000, 24_000


def write_stem_model(path: Path) -> Path:
    """Write the decoder: the first two latents are the levels of kick and hat."""
    t = np.arange(1_200) / RATE
    basis = np.zeros((1, 2, 2, FRAMES), np.float32)
    for step in range(8):
        tone = np.sin(2 * np.pi * (80 if step % 2 == 0 else 3_000) * t) * np.exp(-60 * t)
        basis[0, step % 2, :, step * 3_000:step * 3_000 + len(t)] = 0.5 * tone
    constants = {"basis": basis, "shape": np.array([-1, 2, 1, 1], np.int64), "axis": np.array([1], np.int64),
                 "first": np.eye(4, 2, dtype=np.float32)}
    nodes = [helper.make_node("MatMul", ["z", "first"], ["two"]),
             helper.make_node("Sigmoid", ["two"], ["levels"]),
             helper.make_node("Reshape", ["levels", "shape"], ["gains"]),
             helper.make_node("Mul", ["gains", "basis"], ["stems"]),
             helper.make_node("ReduceSum", ["stems", "axis"], ["audio"], keepdims=0)]
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["batch", 2, FRAMES]),
               helper.make_tensor_value_info("stems", TensorProto.FLOAT, ["batch", 2, 2, FRAMES])]
    graph = helper.make_graph(
        nodes, "stems", [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 4])], outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"vaesynth": json.dumps({
        "format": 1, "kind": "loop", "name": "Two stems", "sample_rate": RATE, "channels": 2,
        "frames": FRAMES, "bpm": 120, "beats": 4, "beats_per_bar": 4, "latent_dim": 4,
        "latent_mean": [0] * 4, "latent_std": [1] * 4, "voices": ["kick", "hat_closed"],
        "pad": {"origin": [0] * 4, "x_axis": [1, 0, 0, 0], "y_axis": [0, 1, 0, 0], "x_label": "kick",
                "y_label": "hat"},
        "macros": [], "examples": [], "pair": "stems", "scores": {}, "trained": {}, "licence": "CC0-1.0",
        "data_licence": "none", "authors": []})})
    onnx.save(model, str(path))
    return path
