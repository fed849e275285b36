"""What the cue's callback gives: the loop round and round, and no click when it changes."""

import numpy as np

from vaesynth.cue.player import CuePlayer

RATE, BLOCK = 48_000, 512


def play(player: CuePlayer, blocks: int, frames: int = BLOCK) -> np.ndarray:
    out = np.full((blocks * frames, 2), np.nan, np.float32)
    for i in range(blocks):
        player.render(out[i * frames:(i + 1) * frames])
    return out


def sine(hertz: float, frames: int) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(frames) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def test_nothing_offered_is_silence() -> None:
    assert not play(CuePlayer(RATE, 2, BLOCK), 4).any()


def test_a_loop_shorter_than_a_block_goes_round_without_a_gap() -> None:
    player = CuePlayer(RATE, 2, BLOCK)
    ramp = np.repeat(np.arange(100, dtype=np.float32)[:, None], 2, axis=1)
    player.offer(ramp)
    play(player, 1)
    heard = play(player, 5)[:, 0]
    assert set(np.diff(heard).tolist()) == {1.0, -99.0}


def test_changing_and_stopping_make_no_corner() -> None:
    player = CuePlayer(RATE, 2, BLOCK)
    steepest = 0.5 * 2 * np.pi * 440 / RATE
    player.offer(sine(440, RATE))
    heard = [play(player, 3)]
    player.offer(sine(330, RATE))
    heard.append(play(player, 3))
    player.offer(None)
    heard.append(play(player, 3))
    whole = np.concatenate(heard)[:, 0]
    assert np.abs(np.diff(whole)).max() < 2 * steepest
    assert np.abs(whole).max() > 0.49
    assert not whole[-BLOCK:].any()
