"""Faults on stage, round after round: does the sound go on, or come back by itself?

    python bench/faults.py [--rounds 200] [--json FILE]
                           [--kinds desk,server,decoder,disk,provider,card,midi,panic]

The rounds are shared out among the kinds of fault. For each kind the longest time without a sounding buffer
is told, and how much memory the processes have gained since before its first round. Needs jackd,
jack_rec and jack_lsp (Debian: jackd2, jack-tools) and, for a full disk, Linux.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
from killed_desks import KilledDesks
from stage import Stage
from tone_model import write_tone_model

WARM_UP = 60
KINDS = ("desk", "server", "decoder", "disk", "provider", "card", "midi", "panic")


def run(kind: str, rounds: int, folder: Path, warm_up: int = 0) -> dict[str, Any]:
    """Rounds of one kind, after moves that fill the engine's memory of loops; returns figures."""
    folder.mkdir()
    os.environ["VAESYNTH_MIDI_API"] = "jack"
    model, gaps = write_tone_model(folder / "tones.decoder.onnx"), []
    with contextlib.ExitStack() as stack:
        place: KilledDesks | Stage
        if kind == "desk":
            stack.enter_context(jack.jack_server(folder))
            place = stack.enter_context(KilledDesks(model))
        else:
            place = stack.enter_context(Stage(folder, model, kind, warm_up))
        held = [place.memory()]
        for n in range(rounds):
            place.watcher.reset()
            place.round(n)
            gaps.append(place.watcher.gap)
            held.append(place.memory())
    return {"kind": kind, "rounds": rounds, "median_gap_ms": round(1000 * float(np.median(gaps)), 1),
            "longest_gap_ms": round(1000 * max(gaps), 1),
            "gained_mb": round((held[-1] - held[0]) / 1e6, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    kinds, figures = options.kinds.split(","), []
    with tempfile.TemporaryDirectory() as name:
        for place, kind in enumerate(kinds):
            os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / f"runtime-{kind}")
            share = options.rounds // len(kinds) + (place < options.rounds % len(kinds))
            figures.append(run(kind, share, Path(name) / kind, WARM_UP))
            print("{kind:9} {rounds:4} rounds   without sound: median {median_gap_ms:7.1f} ms, longest "
                  "{longest_gap_ms:7.1f} ms   memory {gained_mb:+.2f} MB".format(**figures[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
