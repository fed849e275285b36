"""Silence for stems and for slices."""

import numpy as np

from ..loop import Audio, Loop
from ..slicing import find_slices
from .circular import mean_ahead
from .settings import Shaping

FADE_SECONDS = 0.003


def without_stems(loop: Loop, shaping: Shaping, voices: tuple[str, ...]) -> Audio:
    """The sum of the stems that sound, float32 `(frames, channels)`; the mix where the loop has no stems."""
    if loop.stems is None or not shaping.uses_stems:
        return loop.audio
    return np.asarray(loop.stems[list(shaping.sounding(voices))].sum(0), np.float32)


def without_steps(loop: Loop, audio: Audio, steps: tuple[int, ...]) -> Audio:
    """The audio with the slices on some steps of the loop's 16th grid silent.

    A slice belongs to the step that its hit is nearest to, so that swing and early hits stay on theirs. Its
    sound fades out just before it begins and back in just before the next one, whose attack stays whole.

    Args:
        loop: whose slices count, before any shaping.
        audio: float32 `(frames, channels)`.
        steps: numbers of steps from 0.
    """
    count, frames = 4 * loop.beats, loop.frames
    starts = np.array(find_slices(loop).starts)
    muted = np.isin(np.round(starts * count / frames).astype(int) % count, steps)
    if not muted.any():
        return audio
    # For each frame the slice that it lies in; what comes before the first start belongs to the last slice.
    gain = 1.0 - muted[np.searchsorted(starts, np.arange(frames), side="right") - 1].astype(np.float64)
    width = min(round(FADE_SECONDS * loop.sample_rate), frames)
    # A mean over what comes next: the gain has arrived where the slice begins.
    smooth = mean_ahead(gain, width)
    return np.asarray(audio * np.clip(smooth, 0, 1)[:, None], np.float32)
