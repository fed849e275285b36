"""Decode time of model files on one CPU thread, beside a fixed yardstick.

    python bench/decode.py MODEL.decoder.onnx [OTHER.decoder.onnx …] [--runs 60]

The yardstick is a graph of four products, four sines and sums of fixed size. It is run in turn with the
models, one run each, so that what slows the machine slows all of them alike: a model's ratio to the yardstick
is what to compare between machines and days. Processor time leaves out what other programs took.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE = 512
YARDSTICK = "yardstick"


def yardstick() -> bytes:
    """A graph `z (1, n)` → `(n, n)`: four times sin(x @ w) + x, in single precision. About 1.1 GFLOP."""
    weights = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(np.float32) / SIDE**0.5
    nodes = [helper.make_node("Add", ["w", "z"], ["x0"])]
    for i in range(4):
        nodes += [
            helper.make_node("MatMul", [f"x{i}", "w"], [f"y{i}"]),
            helper.make_node("Sin", [f"y{i}"], [f"s{i}"]),
            helper.make_node("Add", [f"s{i}", f"x{i}"], [f"x{i + 1}"]),
        ]
    graph = helper.make_graph(
        nodes,
        YARDSTICK,
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [1, SIDE])],
        [helper.make_tensor_value_info("x4", TensorProto.FLOAT, [SIDE, SIDE])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def session(model: bytes | Path) -> onnxruntime.InferenceSession:
    """A session on one CPU thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    source = str(model) if isinstance(model, Path) else model
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def measure(
    sessions: dict[str, onnxruntime.InferenceSession], runs: int
) -> dict[str, tuple[list[float], list[float]]]:
    """Wall and processor times in ms of each session, run in turn on a new random input each time."""
    random = np.random.default_rng(1)
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in sessions}
    for turn in range(runs + 5):
        for name, s in sessions.items():
            shape = (1, s.get_inputs()[0].shape[1])
            z: NDArray[np.float32] = random.standard_normal(shape).astype(np.float32)
            wall, cpu = time.perf_counter(), time.thread_time()
            s.run(None, {"z": z})
            if turn >= 5:
                times[name][0].append(1000 * (time.perf_counter() - wall))
                times[name][1].append(1000 * (time.thread_time() - cpu))
    return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    sessions = {YARDSTICK: session(yardstick())} | {str(path): session(path) for path in options.models}
    times = measure(sessions, options.runs)
    unit = statistics.median(times[YARDSTICK][1])
    for name, (wall, cpu) in times.items():
        size = "" if name == YARDSTICK else f"   {Path(name).stat().st_size / 1e6:5.2f} MB"
        print(
            f"{name}\n    wall median {statistics.median(wall):6.2f} min {min(wall):6.2f} ms   "
            f"processor median {statistics.median(cpu):6.2f} min {min(cpu):6.2f} ms   "
            f"{statistics.median(cpu) / unit:5.2f} yardsticks{size}"
        )


if __name__ == "__main__":
    main()
