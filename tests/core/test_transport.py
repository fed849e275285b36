"""The transport as the server plays it: nudge, leap, start on a line, metronome, panic."""

from pathlib import Path

import numpy as np
import pytest
from loops import RATE, sliced, tone
from test_server_callback import Rig

from vaesynth.metronome import CLICK_SECONDS, Clicks
from vaesynth.player import LoopPlayer
from vaesynth.server.records import Orders
from vaesynth.tempo import BeatClock

BEAT = RATE // 2


def player_of(hertz: float = 440) -> LoopPlayer:
    player = LoopPlayer(RATE)
    player.offer(sliced(tone(hertz)))
    player.play(fade=False)
    return player


def render(player: LoopPlayer, frames: int, block: int = 256) -> np.ndarray:
    out = np.empty((frames, 2), np.float32)
    for start in range(0, frames, block):
        player.render(out[start:start + block])
    return out


@pytest.mark.parametrize("milliseconds", [20, -35, 400])
def test_a_nudge_ends_exactly_where_it_was_meant_to_and_then_the_loop_is_itself(milliseconds: float) -> None:
    player = player_of()
    render(player, 10_000)
    player.steering.nudge(milliseconds / 1000)
    out = render(player, 6 * RATE)
    assert np.abs(np.diff(out[:, 0])).max() < 0.05, "no jump"
    shift = round(milliseconds * RATE / 1000)
    position = 10_000 + len(out) + shift
    assert abs(player.clock.position - position * player.clock.micro_bpm) < player.clock.micro_bpm
    assert player.clock.bend == 0


def test_a_leap_crossfades_to_the_other_place() -> None:
    ramp = tone(440) * np.linspace(0.2, 1, 96_000, dtype=np.float32)[:, None]
    player = LoopPlayer(RATE)
    player.offer(sliced(ramp))
    player.play(fade=False)
    render(player, 10_000)
    player.leap(70_000 * player.clock.micro_bpm)
    out = render(player, 4_096)
    assert np.array_equal(out[1_000:], ramp[71_000:74_096])
    assert np.abs(np.diff(out[:, 0])).max() < 0.05


def test_leaps_in_quick_succession_do_no_harm() -> None:
    player = player_of()
    rng = np.random.default_rng(1)
    parts = []
    for _ in range(200):
        player.leap(int(rng.integers(96_000)) * player.clock.micro_bpm)
        parts.append(render(player, int(rng.integers(1, 8)) * 64, 64))
    out = np.concatenate(parts)
    assert np.abs(np.diff(out[:, 0])).max() < 0.1
    assert np.array_equal(render(player, 2_000)[1_000:, 0] != 0, np.ones(1_000, bool))


def test_a_start_on_a_line_is_silent_until_it_and_then_the_loop() -> None:
    player = player_of()
    player.stop()
    render(player, 3_000)
    player.leap(50_000 * player.clock.micro_bpm)
    player.play_at(96_000 * player.clock.micro_bpm)
    assert player.playing
    out = render(player, 50_000)
    assert not out[:46_000 - 240].any(), "silent up to the fade"
    assert np.array_equal(out[46_000:], tone(440)[:4_000])


def test_clicks_fall_on_the_beats_and_the_first_of_the_bar_is_higher() -> None:
    clicks, clock = Clicks(RATE), BeatClock(RATE)
    out = np.zeros((4 * 3 * BEAT, 2), np.float32)
    for start in range(0, len(out), 256):
        part = out[start:start + 256]
        clicks.mix(part, clock, clock.position, clock.step, 3)
        clock.advance(len(part))
    length = round(CLICK_SECONDS * RATE)
    beats = out.reshape(12, BEAT, 2)
    assert not beats[:, length:].any()
    assert beats[0, :length].any()
    high, low = beats[0], beats[1]
    for n, beat in enumerate(beats):
        assert np.array_equal(beat, high if n % 3 == 0 else low)
    crossings = [int((np.diff(np.signbit(b[:length, 0]))).sum()) for b in (high, low)]
    assert crossings[0] > 1.3 * crossings[1]


def test_the_server_swings_nudges_clicks_and_panics(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    orders = Orders(playing=True, starts=1, bank=1, slot=0, serial=1)
    rig.control.orders.write(orders)
    plain = rig.run(400)
    orders = orders._replace(nudged=10_000)
    rig.control.orders.write(orders)
    rig.run(400)
    clock = rig.callback.player.clock
    assert clock.position == pytest.approx((800 * 256 - 240 + 480) * clock.micro_bpm, abs=clock.micro_bpm)
    orders = orders._replace(metronome=1)
    rig.control.orders.write(orders)
    assert np.abs(rig.run(200)).max() > np.abs(plain).max() * 1.3
    orders = orders._replace(playing=False, metronome=0, panics=1)
    rig.control.orders.write(orders)
    assert not rig.run(10)[-1_000:].any()
    assert not rig.report().playing


def test_a_repeated_order_counts_where_somebody_else_has_changed_things(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    orders = Orders(playing=True, starts=1, bank=1, slot=0, serial=1)
    rig.control.orders.write(orders)
    rig.run(10)
    rig.callback.player.stop()
    rig.callback.player.clock.set_tempo(133)
    rig.control.orders.write(orders._replace(gain=0.5))
    rig.run(10)
    assert (rig.report().playing, rig.report().micro_bpm) == (False, 133_000_000)
    rig.control.orders.write(orders._replace(moves=1, tempos=1))
    rig.run(10)
    assert (rig.report().playing, rig.report().micro_bpm) == (True, 120_000_000)
