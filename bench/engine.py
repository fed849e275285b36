"""The engine on a dummy JACK card while the pad sweeps: gaps and corners in what is recorded.

    python bench/engine.py [--seconds 60] [--buffer 128] [--model FILE] [--json FILE]

Without a model, a decoder of continuous tones plays, so that any silence or corner in the recording is a
fault. Needs jackd, jack_rec and jack_lsp (Debian: jackd2, jack-tools).
"""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
from signals import corners, db, faults, window_levels
from tone_model import LEVEL, weights, write_tone_model

from vaesynth.engine import Engine


def move(engine: Engine, seconds: float) -> int:
    """Sweep the pad at 60 Hz for a while; returns how often it was moved."""
    begun, moves = time.monotonic(), 0
    while (t := time.monotonic() - begun) < seconds:
        engine.move_to(math.sin(2 * math.pi * t / 5), 0)
        moves += 1
        time.sleep(1 / 60)
    return moves


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run the bench; returns its figures."""
    model = options.model or write_tone_model(folder / "tones.onnx")
    log = folder / "jackd.log"
    with jack.jack_server(folder, options.buffer), Engine.open(model, buffer_frames=options.buffer) as engine:
        engine.play()
        while engine.status().peak[0] == 0:
            time.sleep(0.01)
        xruns, dropped = engine.status().xruns, log.read_text(errors="replace").count("JackEngine::XRun")
        calls = engine.transport.report().callbacks
        with jack.Recording(folder / "sweep.wav", options.seconds) as recording:
            time.sleep(0.2)
            moves = move(engine, options.seconds)
        status, report = engine.status(), engine.transport.report()
        figures: dict[str, Any] = {
            "buffer_frames": options.buffer, "seconds": options.seconds, "moves": moves,
            "loops_handed_over": status.sounding, "callbacks": report.callbacks - calls,
            "underflows": status.xruns - xruns,
            "jack_xruns": log.read_text(errors="replace").count("JackEngine::XRun") - dropped,
            "callback_load": round(report.busy, 4), "last_decode_ms": round(status.decode_ms, 1),
            "output_latency_ms": round(status.output_latency * 1000, 2)}
        if options.model is None:
            quietest = min(math.sqrt((weights(x) ** 2).sum() / 2) for x in np.linspace(-1, 1, 100))
            quiet = window_levels(recording.audio) < 0.7 * LEVEL * quietest
            figures |= {"windows_below_level": int(quiet.sum()), "corners_heard": faults(recording.audio),
                        "highest_above_6_khz_db": round(db(float(corners(recording.audio).max())), 1)}
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--buffer", type=int, default=128)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / "runtime")
        figures = measure(Path(name), options)
    for key, value in figures.items():
        print(f"{key:24} {value}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
