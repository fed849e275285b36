import numpy as np
import pytest
from loops import FRAMES, RATE, hits, sliced, tone

from vaesynth.errors import SettingError
from vaesynth.player import LoopPlayer
from vaesynth.swing import Swing, check_swing

EIGHTH = 2_000_000


@pytest.mark.parametrize("permille", [500, 580, 667, 750])
def test_only_what_stands_off_the_eighths_moves_and_order_is_kept(permille: int) -> None:
    swing = Swing(permille)
    times = range(-3 * EIGHTH, 3 * EIGHTH, 12_345)
    places = [swing.place(t, EIGHTH) for t in times]
    assert places == sorted(places)
    assert all(swing.place(n * EIGHTH, EIGHTH) == n * EIGHTH for n in range(-3, 4))
    assert swing.place(EIGHTH // 2, EIGHTH) == EIGHTH * permille // 1000
    assert all(abs(swing.straight(p, EIGHTH) - t) <= 2 for t, p in zip(times, places, strict=True))


def test_straight_swing_is_no_swing() -> None:
    assert all(Swing().place(t, EIGHTH) == t == Swing().straight(t, EIGHTH) for t in range(0, EIGHTH, 997))


@pytest.mark.parametrize("percent", [49.9, 75.1, float("nan")])
def test_swing_out_of_range_is_refused(percent: float) -> None:
    with pytest.raises(SettingError, match="expected 50 to 75 %"):
        check_swing(percent)


def swung(percent: int, audio: np.ndarray, frames: int) -> np.ndarray:
    player = LoopPlayer(RATE)
    player.set_swing(Swing(10 * percent))
    player.offer(sliced(audio))
    player.play(fade=False)
    out = np.empty((frames, 2), np.float32)
    for start in range(0, frames, 256):
        player.render(out[start:start + 256])
    return out


@pytest.mark.parametrize("percent", [58, 67, 75])
def test_offbeat_sixteenths_come_late_and_keep_their_attack(percent: int) -> None:
    audio = hits([12_000 * n for n in range(8)] + [12_000 * n + 6_000 for n in range(8)], ring=500)
    out = swung(percent, audio, FRAMES)
    for n in range(1, 8):
        for straight, place in ((12_000 * n, 12_000 * n), (12_000 * n + 6_000, 12_000 * n + 120 * percent)):
            attack = audio[straight:straight + 200, 0]  # no two hits are alike
            around = out[place - 150:place + 350, 0]
            found = int(np.argmax(np.correlate(around, attack, "valid"))) - 150
            assert found == 0
            assert out[place + found:place + found + 200, 0] == pytest.approx(attack, abs=0.02)


def test_a_swung_tone_has_neither_gap_nor_corner() -> None:
    out = swung(66, tone(440), 2 * FRAMES)
    level = np.sqrt(np.square(out[:, 0]).reshape(-1, 480).mean(1))
    assert level.min() > 0.5 * 0.3 / np.sqrt(2)
    assert np.abs(np.diff(out[:, 0])).max() < 0.05


def test_swing_that_changes_while_it_plays_leaves_no_gap() -> None:
    player = LoopPlayer(RATE)
    player.offer(sliced(tone(440)))
    player.play(fade=False)
    rng = np.random.default_rng(4)
    parts = []
    for _ in range(400):
        player.set_swing(Swing(int(rng.integers(500, 751))))
        part = np.empty((480, 2), np.float32)
        player.render(part)
        parts.append(part)
    level = np.sqrt(np.square(np.concatenate(parts)[:, 0]).reshape(-1, 480).mean(1))
    assert level.min() > 0.5 * 0.3 / np.sqrt(2)
