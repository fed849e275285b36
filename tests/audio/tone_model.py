"""A decoder of continuous tones: silence or a corner in the sound can only be a fault of the engine."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE, FRAMES, BEATS = 48_000, 96_000, 4
TONES = (220.0, 330.0, 495.0, 742.5, 1113.5, 1670.0)
"""Hz, all multiples of 0.5, so that each is seamless in 2 s."""
LEVEL = 0.4
SHARPNESS = 6.0


def weights(x: float) -> npt.NDArray[np.float64]:
    """How much of each tone sounds at pad position x: one after the other from left to right, `(tones,)`."""
    centres = np.linspace(-1, 1, len(TONES))
    logits = SHARPNESS * (2 * centres * x - centres**2)
    e = np.exp(logits - logits.max())
    return np.asarray(e / e.sum())


def write_tone_model(path: Path, rate: int = RATE, frames: int = FRAMES, channels: int = 2) -> Path:
    """Write the decoder: z = (x, y); x moves from tone to tone, y has no effect."""
    t = np.arange(frames) / rate
    basis = LEVEL * np.stack([np.sin(2 * np.pi * f * t) for f in TONES])
    basis = np.concatenate([basis] * channels, axis=1).astype(np.float32)
    centres = np.linspace(-1, 1, len(TONES))
    pull = np.stack([2 * SHARPNESS * centres, 0 * centres]).astype(np.float32)
    constants = {"pull": pull, "bias": (-SHARPNESS * centres**2).astype(np.float32), "basis": basis,
                 "shape": np.array([-1, channels, frames], np.int64)}
    nodes = [helper.make_node("MatMul", ["z", "pull"], ["pulled"]),
             helper.make_node("Add", ["pulled", "bias"], ["logits"]),
             helper.make_node("Softmax", ["logits"], ["weights"], axis=-1),
             helper.make_node("MatMul", ["weights", "basis"], ["flat"]),
             helper.make_node("Reshape", ["flat", "shape"], ["audio"])]
    graph = helper.make_graph(
        nodes, "tones", [helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", 2])],
        [helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["batch", channels, frames])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    metadata = {
        "format": 1, "kind": "loop", "name": "tones", "sample_rate": rate, "channels": channels,
        "frames": frames, "bpm": 60 * BEATS * rate / frames, "beats": BEATS, "beats_per_bar": 4,
        "latent_dim": 2, "latent_mean": [0, 0], "latent_std": [1, 1], "latent_groups": {"pitch": [0, 1]},
        "pad": {"origin": [0, 0], "x_axis": [1, 0], "y_axis": [0, 1],
                "x_label": "pitch", "y_label": "nothing"},
        "macros": [{"name": "shift", "direction": [1, 0], "min": -0.5, "max": 0.5, "default": 0}],
        "examples": [], "pair": "tones", "scores": {}, "trained": {}, "licence": "CC0-1.0",
        "data_licence": "none", "authors": []}
    helper.set_model_props(model, {"vaesynth": json.dumps(metadata)})
    onnx.save(model, str(path))
    return path


def tone_levels(audio: npt.NDArray[np.float32], rate: int = RATE) -> npt.NDArray[np.float64]:
    """Amplitude of each tone in a stretch of audio `(frames,)`, by least squares, `(tones,)`."""
    t = np.arange(len(audio)) / rate
    waves = np.concatenate([[np.sin(2 * np.pi * f * t), np.cos(2 * np.pi * f * t)] for f in TONES])
    parts = np.linalg.solve(waves @ waves.T, waves @ audio)
    return np.hypot(parts[0::2], parts[1::2])
