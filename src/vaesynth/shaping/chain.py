"""The order of the sound shaping."""

from dataclasses import replace

import numpy as np

from ..loop import Loop
from .dynamics import SILENCE, compress, drive, limit, match, without_dc
from .mutes import without_stems, without_steps
from .settings import NEUTRAL, Shaping
from .space import cut, reverberate

SHAPED_PEAK = 0.98
"""Ceiling of a shaped loop: room for what resampling adds."""


def shape(loop: Loop, shaping: Shaping, voices: tuple[str, ...] = ()) -> Loop:
    """A loop with its sound shaped: mutes, cuts, drive, compressor, reverb, loudness, ceiling, in this order.

    What comes out is finite, within `SHAPED_PEAK`, free of DC and seamless. Neutral settings give the loop
    itself.

    Args:
        loop: at its own rate, with stems where the settings use them and the model has them.
        shaping: the settings.
        voices: names of the stems.

    Returns:
        The shaped loop, without stems.

    Raises:
        SettingError: a setting needs a package that is not installed.
    """
    if shaping == NEUTRAL:
        return loop
    rate = loop.sample_rate
    audio = np.nan_to_num(without_stems(loop, shaping, voices), posinf=0.0, neginf=0.0)
    if shaping.muted_steps:
        audio = without_steps(loop, audio, shaping.muted_steps)
    if shaping.low_cut is not None or shaping.high_cut is not None:
        audio = cut(audio, rate, shaping.low_cut, shaping.high_cut)
    if shaping.drive:
        audio = drive(audio, shaping.drive)
    if shaping.compressor:
        audio = compress(audio, rate, shaping.compressor)
    if shaping.reverb:
        audio = reverberate(audio, rate, shaping.reverb, shaping.reverb_seconds)
    if shaping.loudness is not None:
        audio = match(audio, rate, shaping.loudness)
    audio = without_dc(limit(without_dc(audio), rate, SHAPED_PEAK))  # heavy limiting makes DC of its own
    audio = np.ascontiguousarray(audio * min(1.0, SHAPED_PEAK / max(float(np.abs(audio).max()), SILENCE)),
                                 np.float32)
    audio.flags.writeable = False
    return replace(loop, audio=audio, stems=None)
