"""Slices played by hand: beside the loop and without it, at once and on a line."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from loops import FRAMES, RATE, hits, sliced, tone
from test_server_callback import Rig

from vaesynth.player import LoopPlayer
from vaesynth.server.hits import PLACES, Hit, HitRing
from vaesynth.server.records import Orders
from vaesynth.slice_voices import FADE_IN_FRAMES, VOICES
from vaesynth.tempo import Quantise

LOOP = sliced(hits([0, 24_000, 48_000, 72_000], ring=800))
SIXTEENTH = RATE // 8
FADE = round(0.005 * RATE)


def render(player: LoopPlayer, frames: int, block: int = 256) -> npt.NDArray[np.float32]:
    out = np.empty((frames, 2), np.float32)
    for start in range(0, frames, block):
        player.render(out[start:start + block])
    return out


def player_of(*, playing: bool) -> LoopPlayer:
    player = LoopPlayer(RATE)
    player.offer(LOOP)
    if playing:
        player.play(fade=False)
    render(player, 256)
    return player


@pytest.mark.parametrize("block", [64, 256, 2_000])
def test_a_slice_is_heard_as_it_is_while_the_transport_stands(block: int) -> None:
    player = player_of(playing=False)
    player.play_slice(4, 0.5)  # the second beat
    out = render(player, 3 * SIXTEENTH, block)
    start = min(LOOP.slices.starts, key=lambda s: abs(s - 24_000))
    stop = LOOP.slices.starts[LOOP.slices.starts.index(start) + 1]
    length = stop - start
    ideal = 0.5 * LOOP.audio[start:stop]
    assert np.allclose(out[FADE_IN_FRAMES:length - FADE], ideal[FADE_IN_FRAMES:-FADE], atol=1e-6)
    assert np.abs(out[:FADE_IN_FRAMES]).max() <= np.abs(ideal[:FADE_IN_FRAMES]).max()
    assert not out[length:].any()
    assert player.clock.position == 0


def test_the_last_slice_goes_round_the_loop_and_one_that_is_not_there_is_silent() -> None:
    player = player_of(playing=False)
    loop = sliced(np.roll(LOOP.audio, 1_000, axis=0))
    assert loop.slices.starts[0] > 0
    player.offer(loop)
    render(player, 256)
    last = len(loop.slices.starts) - 1
    player.play_slice(last, 1.0)
    start = loop.slices.starts[last]
    length = FRAMES - start + loop.slices.starts[0]
    out = render(player, length)
    ideal = np.take(loop.audio, np.arange(start, start + length), axis=0, mode="wrap")
    assert np.allclose(out[FADE_IN_FRAMES:-FADE], ideal[FADE_IN_FRAMES:-FADE], atol=1e-6)
    for number in (-1, last + 1, 10**6):
        player.play_slice(number, 1.0)
    assert not render(player, 1_000).any()


def test_while_the_loop_runs_a_slice_waits_for_the_line_and_adds_to_the_loop() -> None:
    player, alone = player_of(playing=True), player_of(playing=True)
    for p in (player, alone):
        render(p, 1_000 - 256)
    player.play_slice(0, 1.0, Quantise.SIXTEENTH)
    extra = render(player, 12_000) - render(alone, 12_000)
    first = int(np.argmax(np.abs(extra[:, 0]) > 0.01)) + 1_000
    assert abs(first - SIXTEENTH) <= 2, "the hit of the downbeat's slice, not the beginning of the slice"
    player.play_slice(1, 1.0, Quantise.BAR)
    player.stop()
    render(player, 4_800)
    assert not player.voices.sounding, "who waits for a line that never comes is not heard"


def test_the_same_slice_takes_over_from_itself_without_a_corner() -> None:
    player = LoopPlayer(RATE)
    player.offer(sliced(tone(440)))
    render(player, 256)
    parts = []
    for _ in range(30):
        player.play_slice(2, 1.0)
        parts.append(render(player, 700))
    assert np.abs(np.diff(np.concatenate(parts)[:, 0])).max() < 0.06
    for number in range(16):
        player.play_slice(number, 0.01)
    assert sum(length > 0 for length in player.voices._length) <= VOICES
    player.panic()
    render(player, FADE + 256)
    assert not render(player, 256).any()


def test_from_the_desk_to_the_sound(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.control.orders.write(Orders(bank=1, slot=0, serial=1, gain=0.5))
    rig.run(4)
    rig.control.hits.write(Hit(0, 1.0))
    out = rig.run(4)
    assert 0.12 < np.abs(out).max() < 0.16, "a tone of 0.3 at the volume of the orders"
    assert not rig.report().playing
    again = Rig(tmp_path)
    assert not again.run(40).any(), "a new server does not play what the old one has played"


def test_the_ring_keeps_order_loses_the_oldest_and_nothing_else() -> None:
    buffer = bytearray(HitRing.SIZE + 8)
    desk, server = HitRing(buffer, 8), HitRing(buffer, 8)
    assert server.take() is None
    for n in range(100):
        desk.write(Hit(n, 0.5))
        assert server.take() == Hit(n, 0.5)
        assert server.take() is None
    for n in range(PLACES + 10):
        desk.write(Hit(n, 1.0))
    taken = []
    while (hit := server.take()) is not None:
        taken.append(hit.number)
    assert taken[-1] == PLACES + 9
    assert taken == sorted(taken)
    assert len(taken) >= PLACES - 11
    assert HitRing(buffer, 8).take() is None
    buffer[8:] = bytes(255 for _ in buffer[8:])
    assert HitRing(buffer, 8).take() is None
