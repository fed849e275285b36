import numpy as np
import pytest
from loops import FRAMES, RATE, hits, tone

from vaesynth.loop import Loop
from vaesynth.slicing import SlicedLoop, find_slices


def nearest(starts: tuple[int, ...], position: int) -> int:
    """Signed distance from `position` to the nearest start, round the loop."""
    apart = (np.array(starts) - position + FRAMES // 2) % FRAMES - FRAMES // 2
    return int(apart[np.argmin(np.abs(apart))])


def test_a_slice_begins_just_before_each_hit() -> None:
    positions = [0, 11_800, 24_000, 36_150, 48_000, 61_000, 72_000, 90_007]
    starts = find_slices(Loop(hits(positions), RATE, 4)).starts
    for position in positions:
        assert -100 <= nearest(starts, position) <= 0  # 2 ms


def test_grid_lines_fill_in_where_nothing_is_hit() -> None:
    starts = find_slices(Loop(tone(440), RATE, 4)).starts
    assert starts == tuple(range(0, FRAMES, 6_000))


def test_a_hit_takes_the_place_of_the_grid_line_beside_it() -> None:
    starts = find_slices(Loop(hits([0, 13_000]), RATE, 4)).starts
    assert abs(nearest(starts, 13_000)) < 100
    assert 12_000 not in starts


def test_slices_of_a_rotated_loop_are_the_rotated_slices() -> None:
    positions = [0, 11_800, 24_000, 48_000, 72_000]
    shift = 6_000
    plain = find_slices(Loop(hits(positions), RATE, 4)).starts
    turned = find_slices(Loop(np.roll(hits(positions), shift, axis=0), RATE, 4)).starts
    assert turned == tuple(sorted((s + shift) % FRAMES for s in plain))


def test_tails_die_away_as_the_ring_does() -> None:
    table = find_slices(Loop(hits([0], ring=2000), RATE, 4))
    # A ring of e^(-n / 2000) over tails of 1,920 frames falls by e^-0.96 = 0.38.
    slice_of_the_hit = table.starts.index(6_000) - 1
    assert table.decays[slice_of_the_hit] == pytest.approx(np.exp(-0.96), rel=0.15)


def test_mono_is_played_on_both_sides() -> None:
    mono = tone(440)[:, :1]
    audio = SlicedLoop.of(Loop(mono, RATE, 4)).audio
    assert audio.shape == (FRAMES, 2)
    assert np.array_equal(audio[:, 1], mono[:, 0])


def test_tiny_and_silent_loops_have_slices_too() -> None:
    assert find_slices(Loop(np.zeros((256, 2), np.float32), 8_000, 1)).starts
    silent = find_slices(Loop(np.zeros((FRAMES, 2), np.float32), RATE, 4))
    assert len(silent.starts) == 16
    assert all(0 < d <= 1 for d in silent.decays)
