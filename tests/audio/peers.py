"""Somebody else to be in time with, in a process of its own: `python peers.py link|clock FILE [SECONDS …]`.

The tempo rests at 90 BPM, goes up to 140 and rests there, for three times given in seconds. FILE gets what is
so: times (time.monotonic), beats and tempi.
"""

import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vaesynth.server.priority import raise_priority

LOW_BPM, HIGH_BPM = 90.0, 140.0
ROUND_SECONDS = 0.01
PATIENCE = 60.0
PORT = "leader"


class Ramp(NamedTuple):
    """How long the tempo rests, goes up, and rests, in seconds."""

    before: float = 4.0
    going: float = 10.0
    after: float = 12.0

    @property
    def end(self) -> float:
        return self.before + self.going + self.after

    def bpm(self, t: float) -> float:
        return LOW_BPM + (HIGH_BPM - LOW_BPM) * min(max((t - self.before) / self.going, 0.0), 1.0)

    def beat(self, t: float) -> float:
        gone = min(max(t - self.before, 0.0), self.going)
        more = (HIGH_BPM - LOW_BPM) * (gone**2 / (2 * self.going) + max(t - self.before - self.going, 0.0))
        return (LOW_BPM * t + more) / 60


Log = list[tuple[float, float, float]]
SAME_MOMENT = 0.0001
"""Seconds."""


def lead_link(ramp: Ramp) -> Log:
    """In Ableton Link, as soon as one other peer is there."""
    import link
    peer = link.Link(LOW_BPM)
    peer.startStopSyncEnabled = peer.enabled = True
    deadline = time.monotonic() + PATIENCE
    while not peer.numPeers():
        if time.monotonic() > deadline:
            raise SystemExit("nobody came to the Link session")
        time.sleep(0.02)
    state = peer.captureSessionState()
    state.setTempo(LOW_BPM, peer.clock().micros())
    state.setIsPlaying(True, peer.clock().micros())
    peer.commitSessionState(state)
    begun, log = time.monotonic(), []
    while (t := time.monotonic() - begun) < ramp.end:
        state = peer.captureSessionState()
        now, micros, after = time.monotonic(), peer.clock().micros(), time.monotonic()
        if after - now > SAME_MOMENT:
            continue  # interrupted between the two clocks: the log would be wrong by that
        if state.tempo() != ramp.bpm(t):
            state.setTempo(ramp.bpm(t), micros)
            peer.commitSessionState(state)
        log.append((now, state.beatAtTime(micros, 4), state.tempo()))
        time.sleep(ROUND_SECONDS)
    peer.enabled = False
    return log


def lead_clock(ramp: Ramp) -> Log:
    """By MIDI clock from a JACK port, as soon as somebody is connected to it."""
    import rtmidi
    raise_priority()  # a drum machine is in time, however busy this one is
    out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=PORT)
    out.open_virtual_port("clock")
    deadline = time.monotonic() + PATIENCE
    while not _connected(f"{PORT}:clock"):
        if time.monotonic() > deadline:
            raise SystemExit("nobody came to the MIDI port")
        time.sleep(0.02)
    time.sleep(0.5)
    begun = time.monotonic() + 0.1
    out.send_message([0xFA])
    tick, log = 0, []
    while (t := time.monotonic() - begun) < ramp.end:
        if ramp.beat(t) * 24 >= tick:
            out.send_message([0xF8])
            tick += 1
        log.append((begun + t, ramp.beat(t), ramp.bpm(t)))
        time.sleep(0.0005)
    out.send_message([0xFC])
    time.sleep(0.2)
    out.close_port()
    return log


def _connected(port: str) -> bool:
    lines = subprocess.run(["jack_lsp", "-c", port], capture_output=True, text=True, check=False).stdout
    return any(line.startswith(" ") for line in lines.splitlines())


if __name__ == "__main__":
    kind, file, *seconds = sys.argv[1:]
    told = {"link": lead_link, "clock": lead_clock}[kind](Ramp(*map(float, seconds)))
    np.save(Path(file), np.array(told))
