"""The engine on a dummy JACK card, while the pad moves: gaps, corners, callback load, gesture-to-sound
latency.

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


def move(engine: Engine, seconds: float, jumps: bool) -> list[tuple[float, float]]:
    """Move the pad for a while: sweeps at 60 Hz, or jumps from end to end every 0.3 s; returns (time, x)."""
    begun, moves = time.monotonic(), []
    while (t := time.monotonic() - begun) < seconds:
        x = (1.0 if int(t / 0.3) % 2 else -1.0) if jumps else math.sin(2 * math.pi * t / 5)
        if not jumps or not moves or moves[-1][1] != x:
            moves.append((time.monotonic(), x))
            engine.move_to(x, 0)
        time.sleep(0.001 if jumps else 1 / 60)
    return moves


def gesture_to_report(engine: Engine, rounds: int) -> list[float]:
    """Seconds from each move of the pad to the loop's first sample at the output.

    That is when the callback that starts to mix it in begins (its own time stamp), plus the output latency.
    """
    times = []
    for n in range(rounds):
        serial, asked = engine.status().sounding, time.monotonic()
        engine.move_to(1.0 if n % 2 else -1.0, 0)
        while True:
            newest = engine._server.control.report.read()
            if newest and newest[1].serial > serial:
                times.append(newest[1].stamp - asked + newest[1].latency)
                break
            time.sleep(0.0005)
        time.sleep(0.05 + 0.01 * (n % 7))
    return times


def percentiles(values: list[float]) -> dict[str, float]:
    """p50, p99 and maximum in ms."""
    p50, p99, top = np.percentile(values, [50, 99, 100]) * 1000
    return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2), "max_ms": round(float(top), 2)}


def measure(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Run the bench; returns its figures."""
    model = options.model or write_tone_model(folder / "tones.onnx")
    log = folder / "jackd.log"
    with jack.jack_server(folder, options.buffer), Engine.open(model, buffer_frames=options.buffer) as engine:
        engine.play()
        while engine.status().peak[0] == 0:
            time.sleep(0.01)
        xruns, dropped = engine.status().xruns, log.read_text(errors="replace").count("JackEngine::XRun")
        newest = engine._server.control.report.read()
        calls = newest[1].callbacks if newest else 0
        with jack.Recording(folder / "sweep.wav", options.seconds) as recording:
            time.sleep(0.2)
            moves = move(engine, options.seconds, jumps=False)
        status, newest = engine.status(), engine._server.control.report.read()
        assert newest is not None
        figures: dict[str, Any] = {
            "buffer_frames": options.buffer, "seconds": options.seconds, "moves": len(moves),
            "loops_handed_over": status.sounding, "callbacks": newest[1].callbacks - calls,
            "underflows": status.xruns - xruns,
            "jack_xruns": log.read_text(errors="replace").count("JackEngine::XRun") - dropped,
            "callback_load": round(newest[1].busy, 4), "last_decode_ms": round(status.decode_ms, 1),
            "output_latency_ms": round(status.output_latency * 1000, 2),
            "gesture_to_sound": percentiles(gesture_to_report(engine, options.rounds))}
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
    parser.add_argument("--rounds", type=int, default=200, help="gestures whose latency is taken")
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
