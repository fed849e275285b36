"""What takes the desk's memory, one after the other.

    python bench/footprint.py [--model NAME]

Loads what a desk loads, and prints for each what it takes (PSS, free memory given back before) and how long
(processor time). Linux alone tells.
"""

import argparse
import importlib
import threading
import time
from collections.abc import Callable

from vaesynth.bench.memory import pss_bytes

RUNS = 20


class Steps:
    """Prints how much memory each step takes; what steps return is held to the end."""

    def __init__(self) -> None:
        self._held: list[object] = []
        self._before = self._print("Python", 0, time.process_time())

    def take(self, name: str, step: Callable[[], object]) -> None:
        """Do a step."""
        begun = time.process_time()
        self._held.append(step())
        spent = time.process_time() - begun
        from vaesynth.engine.tuning import tidy
        tidy()
        self._before = self._print(name, self._before, spent)

    @staticmethod
    def _print(name: str, before: int, spent: float) -> int:
        now = pss_bytes("self") or 0
        print(f"{name:<30} {(now - before) / 1e6:+7.1f} MB   {now / 1e6:7.1f} MB  {spent:5.2f} s", flush=True)
        return now


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="drums", help="a name or file")
    options = parser.parse_args()
    steps = Steps()
    steps.take("vaesynth.engine with numpy", lambda: importlib.import_module("vaesynth.engine"))
    steps.take("onnxruntime", lambda: importlib.import_module("onnxruntime"))
    from vaesynth import models, onnx_file, providers
    from vaesynth.decoder import Decoder
    from vaesynth.engine.tuning import tune_process

    tune_process()
    path = models.find(options.model)
    steps.take("a session", lambda: providers.open_graph(onnx_file.read(path).data, path.name))
    decoders: list[Decoder] = []
    steps.take("another one, and its first run", lambda: decoders.append(Decoder.open(path)))
    z = decoders[0].metadata.pad.point(0, 0)

    def decode() -> None:
        for _ in range(RUNS):
            decoders[0].decode_loop(z, stems=False)

    def two_at_once() -> None:
        threads = [threading.Thread(target=decode) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    steps.take("its next runs", decode)
    steps.take("two runs at once", two_at_once)
    steps.take("given back what no run needs", decoders[0].give_back)
    steps.take("the face", lambda: Decoder.open(models.bundled("image")))
    for name in ("scipy", "scipy.ndimage", "scipy.signal", "pyloudnorm", "pedalboard"):
        steps.take(name, lambda name=name: importlib.import_module(name))  # type: ignore[misc]


if __name__ == "__main__":
    main()
