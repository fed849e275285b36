"""Bars of several loops, one after the other, as one loop; and loops of more or fewer bars."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .crossfade import CrossfadeTable, correlation
from .loop import Loop

MAX_BARS = 16
JOIN_SECONDS = 0.008
"""Before each bar line the next bar's own run-up fades in over the end of the one before."""

Frames = npt.NDArray[np.int64]


def lay_bars(loops: Sequence[Loop], bars: int | None = None) -> Loop:
    """The first bar of the first loop, the second one of the second loop and so on, round and round.

    Where a loop is followed by itself it goes on as it would; where it is all one loop of as many bars, that
    is what comes out.

    Args:
        loops: of one geometry, at least one.
        bars: how many, from 1; None for a bar of each, or a single loop as it is.

    Returns:
        A seamless loop, with stems where all have them.
    """
    first = loops[0]
    if len(loops) == 1 and (bars is None or first.beats == bars * first.beats_per_bar):
        return first
    bars = len(loops) if bars is None else bars
    edges = [round(bar * first.beats_per_bar * first.frames / first.beats) for bar in range(bars + 1)]
    frames = [(np.arange(edges[bar], edges[bar + 1])) % first.frames for bar in range(bars)]
    chosen = [loops[bar % len(loops)] for bar in range(bars)]
    fade = min(round(JOIN_SECONDS * first.sample_rate), *(len(f) for f in frames))
    table = CrossfadeTable(max(1, fade))
    audio = [loop.audio[f] for loop, f in zip(chosen, frames, strict=True)]
    stems = [loop.stems[:, f] for loop, f in zip(chosen, frames, strict=True) if loop.stems is not None]
    gains = np.empty((2, table.frames, 1), np.float32)
    for bar in range(bars):
        follower = (bar + 1) % bars
        start = int(frames[follower][0])
        if chosen[follower] is chosen[bar] and start == (int(frames[bar][-1]) + 1) % first.frames:
            continue
        run_up = np.arange(start - table.frames, start) % first.frames
        end = audio[bar][-table.frames:]
        table.gains(correlation(end, chosen[follower].audio[run_up]), gains[0], gains[1])
        audio[bar][-table.frames:] = gains[0] * end + gains[1] * chosen[follower].audio[run_up]
        if len(stems) == bars:
            ahead = chosen[follower].stems
            assert ahead is not None
            stems[bar][:, -table.frames:] = (gains[0] * stems[bar][:, -table.frames:]
                                             + gains[1] * ahead[:, run_up])
    return Loop(np.concatenate(audio), first.sample_rate, bars * first.beats_per_bar, first.beats_per_bar,
                np.concatenate(stems, axis=1) if len(stems) == bars else None)
