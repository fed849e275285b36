import numpy as np
import pytest
from loops import FRAMES, RATE, hits, tone

from vaesynth.chain import JOIN_SECONDS, lay_bars
from vaesynth.loop import Loop

FADE = round(JOIN_SECONDS * RATE)


def bar(audio: np.ndarray, stems: bool = False) -> Loop:
    return Loop(audio, RATE, 4, 4, np.stack([audio / 4, audio * 3 / 4]).astype(np.float32) if stems else None)


def test_one_loop_goes_on_as_it_would() -> None:
    loop = bar(hits([0, 13_000, 50_000]))
    assert lay_bars([loop], 1) is loop
    four = lay_bars([loop], 4)
    assert (four.beats, four.bpm) == (16, 120)
    assert np.array_equal(four.audio, np.tile(loop.audio, (4, 1)))


def test_the_first_bars_of_a_longer_loop_are_seamless() -> None:
    """A tone that fits into four bars, but not into one: its phase would leap at the seam."""
    wave = 0.3 * np.sin(2 * np.pi * 440.125 * np.arange(4 * FRAMES) / RATE)
    long = Loop(np.repeat(wave[:, None], 2, 1).astype(np.float32), RATE, 16, 4)
    one = lay_bars([long], 1)
    assert (one.beats, one.frames) == (4, FRAMES)
    assert np.array_equal(one.audio[:-FADE], long.audio[:FRAMES - FADE])
    around = np.concatenate([one.audio[-1000:], one.audio[:1000]])[:, 0]
    assert np.abs(np.diff(around, 2)).max() < 1.5 * np.abs(np.diff(long.audio[:20_000, 0], 2)).max()


def test_a_chain_takes_bar_after_bar_from_its_loops() -> None:
    loops = [bar(hits([0, 24_000 * n + 100], ring=300), stems=True) for n in range(1, 4)]
    chain = lay_bars(loops, 6)
    assert chain.beats == 24
    assert chain.stems is not None
    for n in range(6):
        part = slice(n * FRAMES, (n + 1) * FRAMES - FADE)
        assert np.array_equal(chain.audio[part], loops[n % 3].audio[:-FADE])
    assert chain.stems.sum(0) == pytest.approx(chain.audio, abs=1e-6)


def test_bars_of_three() -> None:
    frames = 72_000
    loops = [Loop(hits([0, n * 24_000], ring=300)[:frames], RATE, 3, 3) for n in (1, 2)]
    chain = lay_bars(loops, 4)
    assert (chain.beats, chain.beats_per_bar, chain.frames) == (12, 3, 4 * frames)
    for n in range(4):
        part = slice(n * frames, (n + 1) * frames - FADE)
        assert np.array_equal(chain.audio[part], loops[n % 2].audio[:-FADE])


def test_each_bar_comes_from_its_own_place_in_the_phrase() -> None:
    one = Loop(np.concatenate([tone(200), tone(300)]), RATE, 8, 4)
    other = Loop(np.concatenate([tone(400), tone(500)]), RATE, 8, 4)
    chain = lay_bars([one, other], 2)
    assert np.array_equal(chain.audio[:FRAMES - FADE], tone(200)[:-FADE])
    assert np.array_equal(chain.audio[FRAMES:2 * FRAMES - FADE], tone(500)[:-FADE])


def test_a_loop_of_half_a_bar_fills_bars() -> None:
    half = Loop(tone(440)[:FRAMES // 2], RATE, 2, 4)
    whole = lay_bars([half], 2)
    assert (whole.beats, whole.frames) == (8, 2 * FRAMES)
    assert np.array_equal(whole.audio, np.tile(half.audio, (4, 1)))


def test_the_level_holds_through_a_join_of_noise_and_tone() -> None:
    random = np.random.default_rng(0)
    noise = np.repeat(random.normal(0, 0.2, (FRAMES, 1)), 2, 1).astype(np.float32)
    chain = lay_bars([bar(noise), bar(tone(440, 0.2 * 2**0.5))], 2)
    level = np.sqrt(np.square(chain.audio[FRAMES - 4_800:FRAMES + 4_800, 0]).reshape(-1, 240).mean(1))
    assert level.min() > 0.7 * 0.2
    assert level.max() < 1.4 * 0.2
