"""Keeping time with others, in simulated time: filters, the follower, the clock over the wire."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from loops import RATE, sliced, tone
from test_server_callback import Rig as ServerRig

from vaesynth.control.midi_clock import CONTINUE, SONG_POSITION, START, STOP, TICK, MidiClockIn, MidiClockOut
from vaesynth.control.timeline import OurTime, Timeline
from vaesynth.player import LoopPlayer
from vaesynth.server.control import Control
from vaesynth.server.follower import Follower
from vaesynth.server.frame_time import FrameTime
from vaesynth.server.records import SyncOrders
from vaesynth.server.sync import MIDI, NONE, Sync

BLOCK = 256
LATENCY = 0.01


class Beats:
    """The ideal: 90 BPM for 2 s, a ramp to 140 within 10 s, then 140."""

    @staticmethod
    def bpm(t: float) -> float:
        return 90 + 50 * min(max((t - 2) / 10, 0), 1)

    @staticmethod
    def beat(t: float) -> float:
        ramp = min(max(t - 2, 0.0), 10.0)
        return (90 * t + 2.5 * ramp**2 + 50 * max(t - 12, 0.0)) / 60


class Rig:
    """A player and its follower, block by block in simulated time."""

    def __init__(self) -> None:
        self.player = LoopPlayer(RATE)
        self.player.offer(sliced(tone(440)))
        self.follower = Follower(self.player)
        self.out = np.empty((BLOCK, 2), np.float32)
        self.time = 0.0

    def run(self, seconds: float, timeline: Callable[[float], Timeline | None]) -> list[tuple[float, float]]:
        """(time, beat) heard at the beginning of each block."""
        heard = []
        end = self.time + seconds
        while self.time < end:
            self.follower.timeline = timeline(self.time)
            self.follower.follow(self.time + LATENCY, 4)
            heard.append((self.time + LATENCY, self.player.clock.beats))
            self.player.render(self.out)
            self.time += BLOCK / RATE
        return heard


def test_a_ramp_is_followed_and_the_phase_found_again() -> None:
    """Told the time 5 ms late, as the sync thread tells it."""
    rig = Rig()
    rig.player.play()

    def link(t: float) -> Timeline:
        told = t - t % 0.005
        return Timeline(told, Beats.beat(told), Beats.bpm(told), quantum=4)
    heard = rig.run(18, link)
    errors = [((beat - Beats.beat(t) + 2) % 4 - 2, t) for t, beat in heard]
    assert max(abs(e) for e, t in errors if t > 1) < 0.02, "beats, during the ramp"
    assert max(abs(e) * 60 / 140 for e, t in errors if t > 13) < 0.0005, "seconds, afterwards"


def test_joining_far_off_leaps_to_the_phase_without_a_corner() -> None:
    rig = Rig()
    rig.player.play(fade=False)
    rig.run(1, lambda t: None)
    parts = []
    for _ in range(40):
        rig.run(BLOCK / RATE, lambda t: Timeline(0, 1.7, 120, quantum=4))
        parts.append(rig.out[:, 0].copy())
    assert abs(rig.follower.error) < 0.001
    assert np.abs(np.diff(np.concatenate(parts))).max() < 0.05


def test_at_a_steady_tempo_the_loop_is_itself() -> None:
    rig = Rig()
    rig.follower.timeline = Timeline(0, 0, 120, quantum=4)
    rig.run(0.5, lambda t: Timeline(0, 0, 120, quantum=4))
    rig.follower.play(4)
    rig.run(4, lambda t: Timeline(0, 0, 120, quantum=4))
    before = rig.player.clock.position // rig.player.clock.micro_bpm % 96_000
    rig.run(BLOCK / RATE / 2, lambda t: Timeline(0, 0, 120, quantum=4))
    assert np.array_equal(rig.out, np.take(tone(440), np.arange(before, before + BLOCK), axis=0, mode="wrap"))


def test_starting_beside_others_waits_for_their_bar_line() -> None:
    rig = Rig()

    def link(t: float) -> Timeline:
        return Timeline(0, 1.0, 120, quantum=4, playing=False)
    rig.run(0.5, link)  # beat 2
    rig.follower.play(4)
    heard = [np.abs(rig.out).max() for _ in range(300) if rig.run(BLOCK / RATE, link)]
    first = next(i for i, level in enumerate(heard) if level > 0.01) * BLOCK / RATE + 0.5
    assert first == pytest.approx(1.5 - LATENCY, abs=2 * BLOCK / RATE)


def test_the_others_start_and_stop_the_player() -> None:
    rig = Rig()

    def state(playing: bool, start: int) -> Callable[[float], Timeline]:
        return lambda t: Timeline(0, 0, 120, 4, playing, start)
    rig.run(0.2, state(False, 0))
    assert not rig.player.playing
    rig.run(2.1, state(True, 1))
    assert rig.player.playing
    assert np.abs(rig.out).max() > 0.1
    rig.run(0.2, state(False, 1))
    assert not rig.player.playing


class Wire:
    """An output that hands each message to an input, with the lateness of a busy machine."""

    notice = None

    def __init__(self, jitter: float) -> None:
        self.now = 0.0
        self.sent: list[list[int]] = []
        self.clock = MidiClockIn(None)
        self._late = np.random.default_rng(2)
        self._jitter = jitter

    def look(self) -> None:
        pass

    def send(self, message: list[int]) -> None:
        self.sent.append(message)
        self.clock.receive(message, self.now + float(self._late.uniform(0, self._jitter)))


def clock_heard(wire: Wire, seconds: float, playing_from: float = 0.5) -> list[tuple[float, Timeline]]:
    """Send the clock of `Beats` over the wire; what the input says every 5 ms."""
    out = MidiClockOut(wire)  # type: ignore[arg-type]
    heard, due = [], 0.0
    for n in range(int(seconds * 2000)):
        t = n / 2000
        ours = OurTime(t, Beats.beat(t) - Beats.beat(playing_from), Beats.bpm(t),
                       t >= playing_from - 0.01)  # the fade-in before the downbeat
        wire.now = t
        if due <= t:
            due = min(out.step(ours, t), t + 0.005)
        if n % 10 == 0 and wire.clock._now is not None:
            heard.append((t, wire.clock._now))
    return heard


def test_clock_over_the_wire_follows_the_ramp_within_5_ms_after_it() -> None:
    wire = Wire(jitter=0.001)
    rig = Rig()
    heard = {round(t * 200): line for t, line in clock_heard(wire, 18)}
    blocks = rig.run(17.9, lambda t: heard.get(round(t * 200) - 1))
    start = Beats.beat(0.5)
    errors = [(beat - (Beats.beat(t) - start), t) for t, beat in blocks if t > 1.5]
    assert max(abs(e) for e, t in errors) < 0.05, "beats"
    assert max(abs(e) * 60 / 140 for e, t in errors if t > 13) < 0.002, "seconds"
    assert [START] in wire.sent
    assert rig.player.playing


def test_stop_song_position_and_continue_go_over_the_wire() -> None:
    wire = Wire(0)
    out = MidiClockOut(wire)  # type: ignore[arg-type]
    wire.clock.receive([STOP], 0)
    for n in range(4000):
        wire.now = t = n / 2000
        playing = not 0.8 <= t < 1.0
        beat = 2 * t if t < 0.8 else 9.1 + 2 * (t - 1)
        out.step(OurTime(t, beat, 120, playing), t)
    kinds = [m[0] for m in wire.sent if m[0] != TICK]
    assert kinds == [START, STOP, SONG_POSITION, CONTINUE]
    now = wire.clock._now
    assert now is not None
    assert now.beat + (2 - now.time) * 2 == pytest.approx(11.1, abs=0.03)
    assert now.bpm == pytest.approx(120, abs=0.5)


def test_messages_that_are_none_do_no_harm() -> None:
    clock = MidiClockIn(None)
    rng = np.random.default_rng(0)
    for n in range(2_000):
        clock.receive(rng.integers(0, 256, int(rng.integers(0, 5))).tolist(), n / 1000)
    assert clock._now is None or np.isfinite(clock._now.beat)


def test_the_frame_clock_takes_out_lateness_and_survives_a_gap() -> None:
    rng, clock, period = np.random.default_rng(0), FrameTime(RATE), BLOCK / RATE
    late = [clock.begin(n * period + float(rng.exponential(0.001)), BLOCK) - n * period for n in range(4_000)]
    assert np.std(late[2_000:]) < 0.0003
    assert abs(clock.begin(100, BLOCK) - 100) < 1e-9
    lost = [clock.begin(100.02 + n * period + 0.0001 * float(rng.random()), BLOCK) - (100.02 + n * period)
            for n in range(1, 20)]
    assert max(map(abs, lost[8:])) < 0.001, "20 ms that the sound system lost are known after eight calls"


def test_what_is_not_named_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty names travel as zeros, which are not the name of every port."""
    opened: list[tuple[str, str]] = []

    class Port:
        notice = None

        def __init__(self, name: str, *_: object, **__: object) -> None:
            opened.append((type(self).__name__, name))

        def __getattr__(self, name: str) -> Callable[..., float]:
            return lambda *_: 0.0
    monkeypatch.setattr("vaesynth.control.midi_ports.MidiPort", Port)
    monkeypatch.setattr("vaesynth.control.midi_clock.MidiPort", Port)
    rig = ServerRig(tmp_path)
    sync = Sync(Control(tmp_path / "control"), rig.callback)

    def follow(orders: SyncOrders) -> int:
        seen, deadline = rig.control.sync.write(orders), time.monotonic() + 20
        while (report := rig.control.sync_report.read()) is None or report[1].seen != seen:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return report[1].kind
    try:
        assert follow(SyncOrders(offset=0.01)) == NONE
        assert opened == []
        assert follow(SyncOrders(clock_in=b"keys")) == MIDI
        assert opened == [("Port", "keys")]
        assert follow(SyncOrders(clock_out=b"drums")) == NONE
        assert opened == [("Port", "keys"), ("Port", "drums")]
    finally:
        sync.close()


@pytest.mark.parametrize("lost", [0.0, 0.05, 0.12])
def test_lost_and_bunched_ticks_lose_no_beat(lost: float) -> None:
    """A driver that holds a tick back until the next one at times, and loses some."""
    rng, clock, held = np.random.default_rng(5), MidiClockIn(None), list[float]()
    clock.receive([START], 0)
    for n in range(1, 2_000):
        t = n * 60 / (120 * 24)
        if n < 24 or rng.random() >= lost:
            held.append(t)
        if n < 24 or rng.random() > 0.1:
            for late in np.sort(rng.random(len(held))):
                clock.receive([TICK], t + 0.001 * float(late))
            held.clear()
    now = clock._now
    assert now is not None
    # The first tick, at the first tick's time, is beat 0.
    assert now.beat == pytest.approx((now.time - 60 / (120 * 24)) * 2, abs=0.02)
    assert now.bpm == pytest.approx(120, abs=3)


@pytest.mark.parametrize("bunch", [2, 3, 5])
def test_bunches_of_ticks_are_no_other_tempo(bunch: int) -> None:
    """From the first tick on, as a program sends them that gets the processor now and then."""
    clock = MidiClockIn(None)
    clock.receive([START], 0)
    for n in range(0, 600, bunch):
        for k in range(bunch):
            clock.receive([TICK], (n + bunch) * 60 / (125 * 24) + 1e-5 * k)
    now = clock._now
    assert now is not None
    assert now.bpm == pytest.approx(125, rel=0.05)
    assert now.beat == pytest.approx(600 / 24, abs=0.3)


@pytest.mark.parametrize("bpm", [60.0, 90.0, 150.0, 200.0])
def test_a_jump_of_the_tempo_is_no_loss(bpm: float) -> None:
    clock = MidiClockIn(None)
    clock.receive([START], 0)
    t, ticks = 0.0, 0
    for _ in range(200):
        clock.receive([TICK], t)
        t, ticks = t + 60 / (120 * 24), ticks + 1
    for _ in range(200):
        clock.receive([TICK], t)
        t, ticks = t + 60 / (bpm * 24), ticks + 1
    now = clock._now
    assert now is not None
    assert now.bpm == pytest.approx(bpm, rel=0.01)
    assert now.beat + (t - now.time) * bpm / 60 == pytest.approx(ticks / 24, abs=0.02)
