"""What takes the desk's memory, one after the other.

    python bench/footprint.py [--model NAME]

A process of its own loads what a desk loads, and prints what each takes (PSS, free memory given back before).
Linux alone tells.
"""

import argparse
import importlib
import threading
from collections.abc import Callable

from vaesynth.bench.memory import pss_bytes

RUNS = 20


class Steps:
    """Prints how much memory each step takes; what steps return is held to the end."""

    def __init__(self) -> None:
        self._held: list[object] = []
        self._before = self._print("Python", 0)

    def take(self, name: str, step: Callable[[], object]) -> None:
        """Do a step."""
        self._held.append(step())
        from vaesynth.engine.tuning import tidy
        tidy()
        self._before = self._print(name, self._before)

    @staticmethod
    def _print(name: str, before: int) -> int:
        now = pss_bytes("self") or 0
        print(f"{name:<46} {(now - before) / 1e6:+7.1f} MB   {now / 1e6:7.1f} MB", flush=True)
        return now


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="drums", help="a name or file")
    options = parser.parse_args()
    steps = Steps()
    for name in ("numpy", "vaesynth.engine", "onnxruntime"):
        steps.take(name, lambda name=name: importlib.import_module(name))  # type: ignore[misc]
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
