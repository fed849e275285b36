"""OSC in, through to the engine's orders: what every address does, and 10,000 packets of nonsense."""

import math
import random
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from by_hand import ServerByHand
from tones import ToneDecoder, values

pytest.importorskip("pythonosc")

from osc_fuzz import bundle, message, packet
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from vaesynth import metadata
from vaesynth.control.mover import Mover
from vaesynth.control.osc import OscInput
from vaesynth.control.osc_output import OscOutput
from vaesynth.control.osc_packets import MAX_MESSAGES, PacketError, messages
from vaesynth.control.parameters import FIXED, Form, slug
from vaesynth.control.performer import Performer
from vaesynth.control.timeline import ControlError
from vaesynth.engine import Engine, Quantise
from vaesynth.engine.wanted import Wanted
from vaesynth.recordings import new_file
from vaesynth.session import Session, Snapshot


class Rig:
    """An engine by hand, behind a port."""

    def __init__(self, folder: Path) -> None:
        decoder = ToneDecoder()
        decoder.metadata = metadata.check(values(
            voices=["kick", "hat_closed"],
            macros=[{"name": "Ghost notes!", "direction": [1, 1], "min": -0.5, "max": 2, "default": 0.0}]),
            "tones")
        self.server = ServerByHand(folder)
        self.engine = Engine(decoder, self.server)  # type: ignore[arg-type]
        self.surface = Performer(self.engine, Session(
            snapshots={4: Snapshot(-0.5, 0.5, {"Ghost notes!": 1, "of old": 3})}, morph_beats=0))
        self.osc = OscInput("127.0.0.1", 0, self.surface)

    def tell(self, address: str, *arguments: Any) -> str | None:
        """Why the message was of no use."""
        self.osc.fault = None
        self.osc.receive(message(address, *arguments))
        return self.osc.fault

    def z(self) -> list[float]:
        return [round(float(v), 4) for v in self.engine.latent()]


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.osc.close()
    rig.surface.close()
    rig.engine.close()


def test_pad_groups_macros_and_latents(rig: Rig) -> None:
    assert rig.tell("/vaesynth/pad", 0.25, -0.5) is None
    assert rig.z() == [0.25, -0.5]
    rig.tell("/vaesynth/x", 1)
    rig.tell("/vaesynth/y", 7.0)
    assert rig.z() == [1, 1], "held within the pad"
    rig.tell("/vaesynth/lock/left", True)
    rig.tell("/vaesynth/pad", 0.0, 0.0)
    assert rig.z() == [1, 0]
    rig.tell("/vaesynth/pad/right", 0.0, -0.75)
    assert rig.z() == [1, -0.75], "both are held"
    rig.tell("/vaesynth/lock/left", 0)
    rig.tell("/vaesynth/lock", "right", 0)
    rig.tell("/vaesynth/macro/ghost_notes", 0.5)
    assert rig.z() == [0.5, 0.5]
    rig.tell("/vaesynth/macro", "Ghost notes!", 99.0)
    assert rig.z() == [2, 2]
    rig.tell("/vaesynth/macro/1", 0)
    rig.tell("/vaesynth/z", 0.125, -3.0)
    assert rig.z() == [0.125, -3]


def test_snapshots(rig: Rig) -> None:
    rig.tell("/vaesynth/snapshot/4")
    assert rig.z() == [0.5, 1.5]
    rig.tell("/vaesynth/store", 2)
    rig.tell("/vaesynth/pad", 0.0, 0.0)
    rig.tell("/vaesynth/snapshot/4", 0)
    assert rig.z() == [1, 1], "a button let go is no push"
    rig.tell("/vaesynth/snapshot", 2)
    assert rig.z() == [0.5, 1.5]
    assert "snapshot is 5" in str(rig.tell("/vaesynth/snapshot", 5))
    assert rig.tell("/vaesynth/snapshot", 1.5)


def test_a_snapshot_brings_back_what_was_held(rig: Rig) -> None:
    rig.tell("/vaesynth/pad", 0.5, 0.25)
    rig.tell("/vaesynth/macro/1", 0.125)
    rig.tell("/vaesynth/lock/left", 1)
    rig.tell("/vaesynth/macro/1", 0.0)
    rig.tell("/vaesynth/pad", -0.5, -0.25)
    rig.tell("/vaesynth/store/1")
    rig.tell("/vaesynth/pad/right", 0.0, 0.75)
    rig.tell("/vaesynth/store/a")
    assert rig.z() == [0.625, 0.75]
    rig.tell("/vaesynth/lock/left", 0)
    rig.tell("/vaesynth/lock/right", 0)
    rig.tell("/vaesynth/macro/1", 1.0)
    rig.tell("/vaesynth/store/b")
    assert rig.z() == [0.5, 0.75]
    wanted: list[Wanted] = []
    rig.engine._worker.ask = wanted.append  # type: ignore[method-assign]
    rig.tell("/vaesynth/snapshot/1")
    assert rig.z() == [0.625, -0.25]
    assert len(wanted) == 1, "nothing between is heard"
    rig.tell("/vaesynth/mix", 0.0)
    assert rig.z() == [0.625, 0.75]
    rig.tell("/vaesynth/mix", 0.5)
    assert rig.z() == [0.5625, 0.75], "each from where it was held to where the pad is"
    rig.tell("/vaesynth/mix", 1.0)
    assert rig.z() == [0.5, 0.75]
    rig.tell("/vaesynth/pad", 0.0, 0.0)
    assert rig.z() == [1, 1], "nothing is held any more"


def test_the_frozen_place_is_what_is_held(rig: Rig) -> None:
    rig.tell("/vaesynth/pad", 0.5, 0.0)
    rig.tell("/vaesynth/freeze", 1)
    rig.tell("/vaesynth/pad", -0.5, -0.5)
    rig.tell("/vaesynth/lock/left", 1)
    rig.tell("/vaesynth/freeze", 0)
    rig.tell("/vaesynth/store/1")
    rig.tell("/vaesynth/lock/left", 0)
    rig.tell("/vaesynth/snapshot/1")
    assert rig.z() == [0.5, -0.5]


def test_who_holds_a_group_ends_a_morph(rig: Rig) -> None:
    rig.tell("/vaesynth/morph", 16)
    rig.tell("/vaesynth/snapshot/4")
    rig.tell("/vaesynth/lock/left", 1)
    assert rig.surface._places.mover._morph is None


def test_a_morph_takes_its_beats(rig: Rig) -> None:
    rig.tell("/vaesynth/morph", 2)
    rig.tell("/vaesynth/tempo", 240)
    rig.tell("/vaesynth/snapshot/4")
    seen = set()
    deadline = time.monotonic() + 20
    while rig.z() != [0.5, 1.5]:
        assert time.monotonic() < deadline
        seen.add(tuple(rig.z()))
        time.sleep(0.002)
    assert len(seen) > 1, "it passes by places between"


def test_jumps_ends_and_freeze(rig: Rig) -> None:
    rig.tell("/vaesynth/morph", 0)
    rig.tell("/vaesynth/pad", 0.5, 0.5)
    rig.tell("/vaesynth/store/a")
    assert "snapshot is b" in str(rig.tell("/vaesynth/mix", 0.5))
    rig.tell("/vaesynth/mutate")
    near = rig.z()
    assert near != [0.5, 0.5]
    assert math.dist(near, (0.5, 0.5)) < 1
    rig.tell("/vaesynth/jump")
    assert rig.z() != near
    rig.tell("/vaesynth/pad", -0.5, 0.0)
    rig.tell("/vaesynth/store/b")
    rig.tell("/vaesynth/mix", 0.25)
    assert rig.z() == [0.25, 0.375]
    rig.tell("/vaesynth/freeze", 1)
    rig.tell("/vaesynth/pad", 1.0, 1.0)
    rig.tell("/vaesynth/centre")
    assert rig.z() == [0.25, 0.375], "the loop is kept while the pad moves on"
    rig.tell("/vaesynth/freeze", 0)
    assert rig.z() == [0, 0]


def test_chains_bars_and_steps(rig: Rig) -> None:
    wanted: list[Wanted] = []
    rig.engine._worker.ask = wanted.append  # type: ignore[method-assign]
    assert "chain is empty" in str(rig.tell("/vaesynth/chain"))
    rig.tell("/vaesynth/pad", 0.25, 0.25)
    rig.tell("/vaesynth/store/2")
    rig.tell("/vaesynth/chain")
    assert (wanted[-1].controls.x, wanted[-1].chain) == (0.25, ((-0.5, 0.5),))
    rig.tell("/vaesynth/chain", 0.0, 0.5, 1.0, 9.0, -1.0, 0.0)
    assert (wanted[-1].controls.y, wanted[-1].chain) == (0.5, ((1, 1), (-1, 0)))
    rig.tell("/vaesynth/pad", 0.5, 0.5)
    rig.tell("/vaesynth/chain/add")
    rig.tell("/vaesynth/chain", 1)
    assert wanted[-1].chain == ((1, 1), (-1, 0), (0.5, 0.5))
    rig.tell("/vaesynth/chain", 0)
    assert (wanted[-1].controls.x, wanted[-1].chain) == (0.5, ())
    rig.tell("/vaesynth/chain/clear")
    assert "17 places" in str(rig.tell("/vaesynth/chain", *[0.0] * 34))
    assert "pairs" in str(rig.tell("/vaesynth/chain", 0.0, 0.0, 1.0))
    for value, bars in ((2, 2), (4, 4), ("1", 1), ("own", None)):
        rig.tell("/vaesynth/bars", value)
        assert wanted[-1].bars == bars
    rig.tell("/vaesynth/mute_step/3", 1)
    rig.tell("/vaesynth/mute_step/16", 1)
    rig.tell("/vaesynth/mute_step/3", 0)
    assert wanted[-1].shaping.muted_steps == (15,)
    assert rig.tell("/vaesynth/mute_step/0", 1)


def test_slices_are_played(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[tuple[int, float]] = []
    monkeypatch.setattr(rig.engine.transport, "play_slice", lambda *hit: played.append(hit))
    rig.tell("/vaesynth/slice", 3)
    rig.tell("/vaesynth/slice", 1, 0.5)
    assert played == [(2, 1.0), (0, 0.5)]
    for arguments in ((), (0,), (1e9,), (1, 0.5, 2), ("one",)):
        assert rig.tell("/vaesynth/slice", *arguments)


def record_path(rig: Rig) -> Mover:
    """Record a way to the right, of one beat."""
    rig.tell("/vaesynth/path/record", 1)
    mover = rig.surface._places.mover
    for n in range(1, 5):
        rig.tell("/vaesynth/pad", n / 4, 0.0)
        with rig.surface._lock:
            mover.advance(0.25)
    rig.tell("/vaesynth/path/record", 0)
    return mover


def test_a_path_is_recorded_and_repeats(rig: Rig) -> None:
    assert "path is empty" in str(rig.tell("/vaesynth/path", 1))
    rig.tell("/vaesynth/tempo", 240)
    mover = record_path(rig)
    rig.tell("/vaesynth/path/speed", 0.5)
    assert mover.path_speed == 0.5
    places = set()
    deadline = time.monotonic() + 20
    while len(places) < 4:
        assert time.monotonic() < deadline
        places.add(tuple(rig.z()))
        time.sleep(0.002)
    rig.tell("/vaesynth/path", 0)
    assert all(0 <= x <= 1 and y == 0 for x, y in places)


def test_whoever_takes_the_pad_elsewhere_lets_the_path_rest(rig: Rig) -> None:
    rig.tell("/vaesynth/store/a")
    rig.tell("/vaesynth/pad", -0.5, 0.5)
    rig.tell("/vaesynth/store/b")
    mover = record_path(rig)
    for address, *arguments in (("pad", -0.5, -0.5), ("x", -0.25), ("snapshot/4",), ("mix", 0.75), ("jump",)):
        rig.tell("/vaesynth/path", 1)
        with rig.surface._lock:
            mover.advance(0.25)
            rig.tell(f"/vaesynth/{address}", *arguments)
            there = rig.z()
            mover.advance(0.25)
            assert rig.z() == there, address


def test_the_sound_is_recorded_into_new_files(rig: Rig, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaesynth.recordings.recordings_folder", lambda: tmp_path / "music")
    recording = rig.engine.recording
    rig.tell("/vaesynth/record", 1)
    path = Path(recording._path.decode())
    assert (path.parent, path.suffix) == (tmp_path / "music", ".wav")
    rig.tell("/vaesynth/record", 1)
    assert Path(recording._path.decode()) == path, "it runs already"
    rig.tell("/vaesynth/record", 0)
    assert not recording._path
    path.touch()
    assert new_file(path.parent) != path


def test_the_transport(rig: Rig) -> None:
    orders = rig.engine.transport
    rig.tell("/vaesynth/tempo", 97.3)
    rig.tell("/vaesynth/swing", 66)
    rig.tell("/vaesynth/volume", -6.0)
    rig.tell("/vaesynth/quantise", "bar")
    rig.tell("/vaesynth/metronome", 1)
    rig.tell("/vaesynth/play")
    now = orders.orders
    assert (now.micro_bpm, now.swing, now.metronome, now.playing) == (97_300_000, 660, 1, True)
    assert now.gain == pytest.approx(10 ** (-6 / 20))
    assert tuple(Quantise)[now.quantise] is Quantise.BAR
    rig.tell("/vaesynth/stop")
    assert not orders.orders.playing
    rig.tell("/vaesynth/continue", 1.0)
    assert (orders.orders.playing, orders.orders.starts) == (True, now.starts)
    rig.tell("/vaesynth/panic")
    assert (orders.orders.playing, orders.orders.panics) == (False, 1)


def test_stems_and_shaping(rig: Rig) -> None:
    rig.tell("/vaesynth/mute/hat_closed", 1)
    rig.tell("/vaesynth/mute/kick", 1)
    rig.tell("/vaesynth/solo/kick", 1)
    rig.tell("/vaesynth/mute/kick", 0)
    rig.tell("/vaesynth/shape/drive", 100)
    rig.tell("/vaesynth/shape/high_cut", 5000)
    shaping = rig.engine.shaping
    assert (shaping.muted_stems, shaping.solo_stems) == (("hat_closed",), ("kick",))
    assert (shaping.drive, shaping.high_cut) == (36, 5000)
    rig.tell("/vaesynth/shape/high_cut", 20_000)
    rig.tell("/vaesynth/shape/low_cut", 0)
    assert (rig.engine.shaping.high_cut, rig.engine.shaping.low_cut) == (None, None)


@pytest.mark.parametrize(("address", "arguments"), [
    ("/other/tempo", (120,)), ("/vaesynth/nothing", (1,)), ("/vaesynth/tempo", ("fast",)),
    ("/vaesynth/tempo", (math.nan,)), ("/vaesynth/tempo", (1, 2)), ("/vaesynth/pad", (1,)),
    ("/vaesynth/pad", (math.inf, 0.0)), ("/vaesynth/pad", ("a", "b")), ("/vaesynth/pad/kit", (0.0, 0.0)),
    ("/vaesynth/z", ()), ("/vaesynth/z", (1.0, 2.0, 3.0)), ("/vaesynth/z", (1e30, 0.0)),
    ("/vaesynth/macro", ("dirt", 1.0)), ("/vaesynth/lock/kit", (1,)), ("/vaesynth/quantise", ("never",)),
])
def test_what_means_nothing_is_told_and_changes_nothing(rig: Rig, address: str,
                                                        arguments: tuple[Any, ...]) -> None:
    before = rig.z(), rig.engine.transport.orders, rig.engine.shaping
    fault = rig.tell(address, *arguments)
    assert fault is not None
    assert address in fault
    assert "expected" in fault
    assert (rig.z(), rig.engine.transport.orders, rig.engine.shaping) == before


def test_bundles_are_opened_and_their_times_passed_over() -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    for n in range(3):
        content = OscMessageBuilder("/vaesynth/x")
        content.add_arg(n)
        builder.add_content(content.build())
    assert messages(builder.build().dgram) == [("/vaesynth/x", (n,)) for n in range(3)]
    nested = bundle(bundle(message("/a", "b", 0.5)), message("/c"))
    assert messages(nested) == [("/a", ("b", 0.5)), ("/c", ())]


def test_bombs_are_refused_at_once() -> None:
    nested = message("/a")
    for _ in range(3_000):
        nested = bundle(nested)
    for bomb in (nested, bundle(*[message("/a")] * (MAX_MESSAGES + 1)),
                 bundle(message("/a"))[:16] + (-4).to_bytes(4, "big", signed=True) + message("/a"),
                 b"/a\0\0," + b"i" * 60_003 + b"\0" * 4, b"", b"#bundle\0"[:7], b"nonsense", b"/a\0\0,Q\0\0"):
        with pytest.raises(PacketError):
            messages(bomb)


def test_ten_thousand_fuzzed_packets_leave_every_value_in_its_range(
        rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig.engine._worker, "ask", lambda wanted: None)  # values count here, not sound
    rng = random.Random(4)
    addresses = [f"/vaesynth/{name}" for name in
                 [*rig.surface.parameters, "pad", "pad/left", "z", "macro", "lock", "snapshot", "store",
                  "chain", "slice"] if name != "record"]
    for n in range(10_000):
        rig.osc.receive(packet(rng, addresses))
        if n % 50 == 0:
            orders = rig.engine.transport.orders
            assert 40_000_000 <= orders.micro_bpm <= 240_000_000
            assert 0 <= orders.gain <= 2
            assert 500 <= orders.swing <= 750
            assert 0 <= orders.quantise < len(Quantise)
            assert all(abs(v) <= 102 for v in rig.engine.latent())
    assert rig.osc.heard > 1_000
    assert rig.osc.refused > 1_000
    assert rig.tell("/vaesynth/pad", 0.5, 0.5) is None, "it goes on hearing"


def test_over_the_wire(rig: Rig) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        deadline = time.monotonic() + 20
        while rig.osc.heard == 0:
            assert time.monotonic() < deadline
            sender.sendto(message("/vaesynth/pad", 0.5, -0.25), ("127.0.0.1", rig.osc.port))
            time.sleep(0.01)
    assert rig.z() == [0.5, -0.25]
    with pytest.raises(ControlError, match=f"OSC port {rig.osc.port} at 127.0.0.1 cannot be opened"):
        OscInput("127.0.0.1", rig.osc.port, rig.surface)


def test_every_parameter_can_be_set_to_its_ends(rig: Rig) -> None:
    for end in "ab":
        rig.surface.set(f"store/{end}", 1)
    rig.surface.set("chain/add", 1)
    for name, parameter in rig.surface.parameters.items():
        if parameter.form is not Form.PUSH and name not in ("shape/compressor", "path", "record"):
            for value in (parameter.low, parameter.high):
                rig.surface.set(name, value)
    assert slug("Ghost notes!") == "ghost_notes"
    assert slug("§§") == "_"


def test_what_goes_on_is_sent(rig: Rig) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(20)
        rig.engine.move_to(0, 0)
        rig.server.play_until(lambda: rig.engine.status().sounding == 1)
        rig.engine.play()
        rig.server.play(4)
        output = OscOutput(f"127.0.0.1:{listener.getsockname()[1]}", rig.engine.status)
        told: dict[str, tuple[Any, ...]] = {}
        while len(told) < 6:
            (address, arguments), = messages(listener.recv(1_000))
            told[address.removeprefix("/vaesynth/")] = arguments
        rig.engine.set_tempo(97.5)
        rig.server.play(1)
        while told["tempo"] != (97.5,):
            (address, arguments), = messages(listener.recv(1_000))
            told[address.removeprefix("/vaesynth/")] = arguments
        output.close()
    assert told.keys() == {"playing", "tempo", "xruns", "beat", "position", "level"}
    assert (told["playing"], told["xruns"]) == ((1,), (0,))
    assert told["beat"][0] in range(1, 5)
    assert len(told["level"]) == 2


def test_a_target_that_is_not_known(rig: Rig) -> None:
    with pytest.raises(ControlError, match=r"OSC target is 'a\.\.b:1'"):
        OscOutput("a..b:1", rig.engine.status)


def test_the_page_tells_every_address(rig: Rig) -> None:
    page = (Path(__file__).parents[2] / "docs" / "osc.md").read_text()
    steps = [p for p in rig.surface.parameters.values() if p.name.startswith("mute_step/")]
    assert len(steps) == 64
    for parameter in (*FIXED, *steps):
        name = re.sub(r"/\d+$", "/N", parameter.name)
        row = next((line for line in page.splitlines() if line.startswith("|") and f"`{name}`" in line), "")
        assert row, name
        for word in parameter.choices:
            assert f"`{word}`" in row, word
