"""Compare every ONNX Runtime provider of this machine with the CPU, in result and time.

    python bench/providers.py [MODEL.decoder.onnx] [--runs 20]

Without a model, the bundled drums. What the installed ONNX Runtime does not offer, or offers but cannot
start, is said in words. Times are medians of one decode, taken in turn with the CPU's.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np

from vaesynth import onnx_file
from vaesynth.models import find
from vaesynth.providers import PROVIDERS, Session, available, open_graph


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path, default=None)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    file = onnx_file.read(options.model or find("drums"))
    sessions: dict[str, Session] = {}
    absent = []
    for name in PROVIDERS:
        if name not in available():
            absent.append(f"{name}: this ONNX Runtime was built without it")
            continue
        opened = open_graph(file.data, file.where, name)
        if opened.provider == name:
            sessions[name] = opened
        else:
            absent.append(f"{name}: {opened.notice}")
    size = sessions["cpu"].session.get_inputs()[0].shape[1]
    output = sessions["cpu"].session.get_outputs()[0].name
    points = np.random.default_rng(0).standard_normal((options.runs, 1, size)).astype(np.float32)
    times: dict[str, list[float]] = {name: [] for name in sessions}
    apart = dict.fromkeys(sessions, 0.0)
    for z in points[:1].repeat(3, 0):  # plans memory, compiles kernels
        for opened in sessions.values():
            opened.session.run([output], {"z": z})
    for z in points:
        wanted = None
        for name in ["cpu", *(n for n in sessions if n != "cpu")]:
            begin = time.perf_counter()
            (found,) = sessions[name].session.run([output], {"z": z})
            times[name].append(time.perf_counter() - begin)
            wanted = found if wanted is None else wanted
            apart[name] = max(apart[name], float(np.abs(found - wanted).max()))
    print("| provider | median ms | times the CPU's | largest difference |\n|---|---|---|---|")
    cpu = statistics.median(times["cpu"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"| {name} | {1000 * median:.1f} | {median / cpu:.2f} | {apart[name]:.1e} |")
    print("\nNot here:" if absent else "\nAll providers are here.")
    for line in absent:
        print(f"- {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
