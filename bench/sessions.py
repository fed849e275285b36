"""Settings of ONNX Runtime's sessions, by the processor time of a decode.

    python bench/sessions.py [MODEL.decoder.onnx] [--runs 60]

Each variant changes one thing against the settings of `vaesynth.providers`. All run in turn, one decode
each, so that what slows the machine slows all alike; the ratio to the present settings is what to look at.
Processor time counts all threads of the process. Wall time is for the variants with several threads, which
need idle cores to mean anything.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort

from vaesynth import models, onnx_file, providers

Run = Callable[[np.ndarray], object]


def session(graph: bytes, change: Callable[[ort.SessionOptions], None] | None = None,
            threads: int = 1) -> ort.InferenceSession:
    """A session with the present settings, but for one change."""
    providers._bound_memory()
    options = providers._options("cpu", threads)
    if change is not None:
        change(options)
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def entry(key: str, value: str) -> Callable[[ort.SessionOptions], None]:
    """A change of one configuration entry."""
    return lambda options: options.add_session_config_entry(key, value)


def attribute(name: str, value: object) -> Callable[[ort.SessionOptions], None]:
    """A change of one attribute of the options."""
    return lambda options: setattr(options, name, value)


def plain(opened: ort.InferenceSession, outputs: list[str]) -> Run:
    """`run` by name."""
    return lambda z: opened.run(outputs, {"z": z})


def bound(opened: ort.InferenceSession, outputs: list[str]) -> Run:
    """`run_with_iobinding` into the same output memory each time."""
    binding = opened.io_binding()
    shapes = {o.name: [1, *o.shape[1:]] for o in opened.get_outputs()}
    arrays = {name: np.empty(shapes[name], np.float32) for name in outputs}
    for name, array in arrays.items():
        binding.bind_output(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)

    def run(z: np.ndarray) -> object:
        binding.bind_cpu_input("z", z)
        opened.run_with_iobinding(binding)
        return arrays
    return run


def variants(graph: bytes) -> dict[str, Run]:
    """Name → decode."""
    level = ort.GraphOptimizationLevel
    present = session(graph)
    names = [o.name for o in present.get_outputs()]
    changed = {
        "two threads": session(graph, threads=2),
        "basic graph optimisation": session(
            graph, attribute("graph_optimization_level", level.ORT_ENABLE_BASIC)),
        "extended, no layout change": session(
            graph, attribute("graph_optimization_level", level.ORT_ENABLE_EXTENDED)),
        "no memory pattern": session(graph, attribute("enable_mem_pattern", False)),
        "no arena": session(graph, attribute("enable_cpu_mem_arena", False)),
        "denormals are zero": session(graph, entry("session.set_denormal_as_zero", "1")),
        "no prepacking": session(graph, entry("session.disable_prepacking", "1")),
        "parallel execution": session(graph, attribute("execution_mode", ort.ExecutionMode.ORT_PARALLEL)),
        "approximate GELU": session(graph, entry("optimization.enable_gelu_approximation", "1")),
    }
    return {"present settings": plain(present, names), **{k: plain(s, names) for k, s in changed.items()},
            "bound output memory": bound(present, names), "audio without stems": plain(present, ["audio"])}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=60)
    options = parser.parse_args()
    file = onnx_file.read(options.model or models.bundled("loop"))
    runs = variants(file.data)
    latents = np.random.default_rng(1).standard_normal((options.runs + 3, 1, file.inputs[0].shape[1] or 1))
    processor: dict[str, list[float]] = {name: [] for name in runs}
    wall: dict[str, list[float]] = {name: [] for name in runs}
    for turn, z in enumerate(latents.astype(np.float32)):
        for name, run in runs.items():
            begun, used = time.perf_counter(), time.process_time()
            run(z)
            if turn >= 3:
                processor[name].append(1000 * (time.process_time() - used))
                wall[name].append(1000 * (time.perf_counter() - begun))
    present = statistics.median(processor["present settings"])
    print(f"{'variant':28} processor median   min   ratio   wall median (ms)")
    for name, times in processor.items():
        median = statistics.median(times)
        print(f"{name:28} {median:16.1f} {min(times):5.1f} {median / present:7.2f} "
              f"{statistics.median(wall[name]):13.1f}")


if __name__ == "__main__":
    main()
