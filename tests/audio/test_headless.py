"""`vaesynth play --headless` as a process on a dummy sound card, played by OSC and by JACK MIDI."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jack
import pytest
from tone_model import LEVEL, tone_levels, weights

pytest.importorskip("pythonosc")
pytest.importorskip("rtmidi")

import rtmidi
from pythonosc.osc_message import OscMessage
from pythonosc.udp_client import SimpleUDPClient

from vaesynth.control.mapping import Binding, Kind, Knob, Mapping
from vaesynth.control.settings import ControlSettings, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JACK's programs are for POSIX systems here")


class Told:
    """What the process sends by OSC."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(1)
        self.port = self.socket.getsockname()[1]
        self.values: dict[str, list[float]] = {}

    def wait_for(self, condition: Callable[[dict[str, list[float]]], object], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(TimeoutError):
                message = OscMessage(self.socket.recv(1_000))
                self.values[message.address.removeprefix("/vaesynth/")] = list(message.params)
            if condition(self.values):
                return
            assert time.monotonic() < deadline, f"waited in vain: {self.values}"


@pytest.fixture
def told() -> Iterator[Told]:
    told = Told()
    yield told
    told.socket.close()


@pytest.fixture
def start(card: str, tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
          ) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    monkeypatch.setenv("VAESYNTH_MIDI_API", "jack")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "vaesynth", "play", "--model", str(tones), "--headless", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process
    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_osc_plays_it_and_a_signal_ends_it_cleanly(start: Callable[..., "subprocess.Popen[str]"], told: Told,
                                                   tmp_path: Path, by: signal.Signals) -> None:
    port = free_port()
    process = start("--wait", "--osc-in", str(port), "--osc-out", f"127.0.0.1:{told.port}")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Ready to play tones on ")
    assert process.stdout.readline() == (
        f"Switched on: OSC on 127.0.0.1 port {port}, OSC to 127.0.0.1 port {told.port}.\n")
    told.wait_for(lambda v: v.get("playing") == [0])
    osc = SimpleUDPClient("127.0.0.1", port)
    osc.send_message("/vaesynth/pad", [1.0, 0.0])
    osc.send_message("/vaesynth/volume", -6)
    osc.send_message("/vaesynth/tempo", 120)
    osc.send_message("/vaesynth/play", 1)
    told.wait_for(lambda v: v.get("playing") == [1] and v.get("beat") and v["level"][0] > 0.1)
    with jack.Recording(tmp_path / "osc.wav", 1) as recording:
        pass
    middle = recording.audio[12_000:36_000]
    assert tone_levels(middle).argmax() == weights(1).argmax()
    assert tone_levels(middle).max() == pytest.approx(LEVEL * weights(1).max() * 10 ** (-6 / 20), rel=0.1)
    process.send_signal(by)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert list((tmp_path / "runtime").iterdir()) == [], "neither server nor files are left"


def test_midi_notes_and_knobs_play_it(start: Callable[..., "subprocess.Popen[str]"], told: Told,
                                      tmp_path: Path) -> None:
    write(tmp_path / "config" / "vaesynth" / "control.json", ControlSettings(
        mapping=Mapping((Binding(Knob(Kind.CC, 74), "x"), Binding(Knob(Kind.PITCH_BEND), "tempo", 90, 120)))))
    keys = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard")
    keys.open_virtual_port("keys")
    process = start("--midi-in", "keyboard", "--notes", "gate", "--osc-out", f"127.0.0.1:{told.port}")
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Ready to play tones on ")
        assert process.stdout.readline().startswith(
            "Switched on: MIDI from 'keyboard' (notes play while held, 2 knobs)")
        told.wait_for(lambda v: v.get("playing") == [0])

        def send_until(message: list[int], condition: Callable[[dict[str, list[float]]], bool]) -> None:
            """Again and again: until they are connected; and a cycle that JACK misses loses messages."""
            def done(v: dict[str, list[float]]) -> bool:
                keys.send_message(message)
                return condition(v)
            told.wait_for(done)
        send_until([0xE0, 0, 0], lambda v: v["tempo"] == [90])
        send_until([0xE0, 127, 127], lambda v: v["tempo"] == [120])
        for _ in range(5):
            keys.send_message([0xB0, 74, 127])
            time.sleep(0.02)
        send_until([0x90, 60, 100], lambda v: v["playing"] == [1] and v["level"][0] > 0.1)
        with jack.Recording(tmp_path / "midi.wav", 1) as recording:
            pass
        assert tone_levels(recording.audio[12_000:36_000]).argmax() == weights(1).argmax()
        send_until([0x80, 60, 0], lambda v: v["playing"] == [0])
        # The keyboard is pulled out with a key held, and comes back.
        send_until([0x90, 60, 100], lambda v: v["playing"] == [1])
        keys.close_port()
        keys.delete()
        told.wait_for(lambda v: v["playing"] == [0])
        keys = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="keyboard")
        keys.open_virtual_port("keys")
        send_until([0x90, 60, 100], lambda v: v["playing"] == [1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        keys.close_port()
        keys.delete()


@pytest.mark.skipif(not shutil.which("jack_transport"), reason="needs jack_transport (Debian: jack-tools)")
def test_the_transport_of_jack_starts_and_stops_it(start: Callable[..., "subprocess.Popen[str]"], told: Told
                                                   ) -> None:
    process = start("--wait", "--jack-transport", "--osc-out", f"127.0.0.1:{told.port}")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Ready to play tones on ")
    assert process.stdout.readline().startswith("Switched on: OSC to 127.0.0.1 port ")
    told.wait_for(lambda v: v.get("playing") == [0])

    def say_until(command: str, condition: Callable[[dict[str, list[float]]], bool]) -> None:
        subprocess.run(["jack_transport"], input=f"{command}\nquit\n", text=True, capture_output=True,
                       check=False, timeout=60)
        told.wait_for(condition)
    say_until("play", lambda v: v["playing"] == [1] and v["level"][0] > 0.1)
    say_until("stop", lambda v: v["playing"] == [0])
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_port_that_is_taken_is_told_and_nothing_is_left(start: Callable[..., "subprocess.Popen[str]"],
                                                          told: Told, tmp_path: Path) -> None:
    process = start("--osc-in", str(told.port))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2
    assert errors.startswith(f"vaesynth: error: OSC port {told.port} at 127.0.0.1 cannot be opened")
    assert list((tmp_path / "runtime").iterdir()) == []
