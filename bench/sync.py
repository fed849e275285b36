"""In time with others: Link and MIDI clock lead from 90 to 140 BPM, and the engine's clicks are recorded.

    python bench/sync.py [--buffer 128] [--kinds link clock] [--offset MS] [--json FILE]

The leader is a process of its own, the engine plays to a dummy JACK card, and both live in a network
namespace with nothing but loopback (`unshare`), so that nobody else's Link session is disturbed. The loop
holds a click of one sample on each beat. A click is heard where it is recorded plus the output latency that
the device reports; its error is how far that is from the leader's beat. Needs jackd, jack_lsp and ip (Debian:
jackd2, iproute2).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "core"))

import jack
import peers
from peers import PORT, Ramp
from tones import values

from vaesynth import metadata
from vaesynth.bench.capture import Capture
from vaesynth.engine import Engine, SyncSettings
from vaesynth.latent_map import Latent
from vaesynth.loop import Loop

RATE, BEATS = 48_000, 4
INSIDE = "VAESYNTH_BENCH_INSIDE"
RAMP = Ramp()
LIMITS_MS = {"link": 2.0, "clock": 5.0}
Floats = npt.NDArray[np.float64]


class ClickDecoder:
    """A click of one sample on each beat."""

    provider, notice = "none", None
    metadata = metadata.check(values(), "clicks")

    def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
        """The same loop for every latent."""
        audio = np.zeros((2 * RATE, 2), np.float32)
        audio[::RATE // 2] = 0.5
        return Loop(audio, RATE, BEATS)


def measure(kind: str, folder: Path, buffer: int, offset: float) -> dict[str, Any]:
    """Let one kind of leader lead; returns the figures."""
    log = folder / f"{kind}.npy"
    settings = SyncSettings(link=kind == "link", clock_in=PORT if kind == "clock" else None, offset_ms=offset)
    with jack.jack_server(folder, buffer), Engine.start(ClickDecoder(), buffer_frames=buffer) as engine:
        engine.sync.set(settings)
        leader = subprocess.Popen([sys.executable, peers.__file__, kind, str(log),
                                   *map(str, RAMP)])
        try:
            while not (engine.sync.status().following and engine.status().playing):
                if leader.poll() is not None:
                    raise SystemExit(f"the {kind} leader ended before anybody followed")
                time.sleep(0.02)
            with Capture(folder / "clicks.npz", RATE, buffer) as capture:
                missed = watch(engine, leader)
            latency, xruns = engine.status().output_latency, engine.status().xruns
        finally:
            leader.kill()
    off = errors(np.load(log), capture, latency)
    return {"kind": kind, "buffer_frames": buffer, "output_latency_ms": 1000 * latency, "xruns": xruns,
            **figures(off, kind), **blamed(off, missed - np.load(log)[0, 0], kind)}


def watch(engine: Engine, leader: "subprocess.Popen[bytes]") -> Floats:
    """Wait for the leader's end; returns when (time.monotonic) the card missed buffers."""
    missed, before = list[float](), engine.transport.report().xruns
    while leader.poll() is None:
        report = engine.transport.report()
        if report.xruns != before:
            missed.append(report.stamp)
            before = report.xruns
        time.sleep(0.002)
    return np.array(missed)


def errors(log: Floats, capture: Capture, latency: float) -> Floats:
    """`(clicks, 3)`: seconds since the leader began, and by how many beats and ms each click was late."""
    times, beats, bpm = log.T
    block, frame = np.nonzero(capture.audio[:, :, 0] > 0.25)
    heard = capture.starts[block] + frame / RATE + latency
    heard = heard[(heard > times[0]) & (heard < times[-1])]
    beat = np.interp(heard, times, beats)
    late = beat - np.round(beat)
    return np.stack([heard - times[0], late, late * 60_000 / np.interp(heard, times, bpm)], 1)


def figures(off: Floats, kind: str) -> dict[str, Any]:
    """What is to be told of the errors."""
    t, beats, ms = off.T
    top = RAMP.before + RAMP.going
    wrong = t[np.abs(ms) > LIMITS_MS[kind]]
    ramp, after = (t > RAMP.before) & (t <= top), np.abs(ms[t > top + 2])
    return {"clicks": len(t), "largest_error_on_the_ramp_beats": float(np.abs(beats[ramp]).max()),
            "limit_ms": LIMITS_MS[kind],
            "seconds_after_the_ramp_until_within": max(0.0, float(wrong.max(initial=0.0)) - top),
            "afterwards_mean_ms": float(ms[t > top + 2].mean()),
            "afterwards_median_ms": float(np.median(after)),
            "afterwards_p95_ms": float(np.percentile(after, 95)), "afterwards_max_ms": float(after.max())}


def blamed(off: Floats, missed: Floats, kind: str) -> dict[str, Any]:
    """How many clicks after the ramp were beyond the limit, and how many of those after a missed buffer."""
    t, _, ms = off.T
    wrong = t[(t > RAMP.before + RAMP.going + 2) & (np.abs(ms) > LIMITS_MS[kind])]
    after = [float(np.min((w - missed)[w >= missed - 0.02], initial=np.inf)) for w in wrong]
    return {"clicks_beyond_the_limit": len(wrong),
            "of_them_within_half_a_second_after_a_missed_buffer": sum(a < 0.5 for a in after)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--buffer", type=int, default=128)
    parser.add_argument("--kinds", nargs="+", choices=list(LIMITS_MS), default=list(LIMITS_MS))
    parser.add_argument("--offset", type=float, default=0.0, help="the user's, in ms")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        # Root stays root: within a user namespace nobody is granted real-time scheduling.
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        os.execvp("unshare", ["unshare", *user, "--net", "sh", "-c",
                              'ip link set lo up && exec "$0" "$@"', sys.executable, *sys.argv])
    told = []
    for kind in options.kinds:
        with tempfile.TemporaryDirectory() as name:
            os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / "runtime")
            os.environ["VAESYNTH_MIDI_API"] = "jack"
            told.append(measure(kind, Path(name), options.buffer, options.offset))
        for key, value in told[-1].items():
            print(f"{key:36} {value:.3f}" if isinstance(value, float) else f"{key:36} {value}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
