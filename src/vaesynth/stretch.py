"""A loop at another rate, speed or tempo, as a whole, and as seamless as before."""

from dataclasses import replace
from math import gcd

import numpy as np

from .crossfade import smootherstep
from .errors import SettingError
from .loop import Audio, Loop
from .tempo import TempoMode

CONTEXT_FRAMES = 2048
"""How far beyond each end of the loop the resampler sees, round the loop."""
STRETCH_CONTEXT = 12_000
STRETCH_RATE = 48_000
SEAM_FRAMES = 480


def resample_circular(audio: Audio, frames: int) -> Audio:
    """Resample a seamless loop to another number of frames; the result is seamless too.

    The loop is continued at both ends before it is resampled (soxr, high quality), by a number of frames
    whose image is whole, so that nothing moves by a fraction of a sample.

    Args:
        audio: float32 `(n, channels)`.
        frames: length wanted.

    Returns:
        float32 `(frames, channels)`.
    """
    import soxr
    n = len(audio)
    if frames == n:
        return audio
    unit = n // gcd(n, frames)
    before = -(-CONTEXT_FRAMES // unit) * unit
    around = np.take(audio, np.arange(-before, n + before), axis=0, mode="wrap")
    # Rates are only a ratio: n frames become `frames`.
    resampled = np.asarray(soxr.resample(around, n, frames, "HQ"), np.float32)
    start = before * frames // n
    return np.array(resampled[start:start + frames])  # a view would hold the whole of it


def at_rate(loop: Loop, sample_rate: int) -> Loop:
    """The loop at another sample rate, without stems."""
    if loop.sample_rate == sample_rate:
        return loop
    frames = round(loop.frames * sample_rate / loop.sample_rate)
    audio = _read_only(resample_circular(loop.audio, frames))
    return Loop(audio, sample_rate, loop.beats, loop.beats_per_bar)


def at_tempo(loop: Loop, bpm: float, mode: TempoMode) -> Loop:
    """The loop rendered for a tempo: repitched or stretched; as it is in slice mode, which the player does.

    Args:
        loop: at the device's rate.
        bpm: the tempo.
        mode: how.

    Raises:
        SettingError: stretching is asked for, but python-stretch is not installed.
    """
    frames = round(60 * loop.beats * loop.sample_rate / bpm)
    if mode is TempoMode.SLICES or frames == loop.frames:
        return loop
    change = resample_circular if mode is TempoMode.REPITCH else stretch_circular
    return replace(loop, audio=_read_only(change(loop.audio, frames)), stems=None)


def stretch_circular(audio: Audio, frames: int) -> Audio:
    """Stretch a seamless loop to another number of frames at the same pitch (Signalsmith Stretch, by
    python-stretch).

    The loop is continued at both ends first. A tone need not come out with whole periods, so the end is
    faded into what comes before the beginning; the attack on the downbeat stays.

    Args:
        audio: float32 `(n, channels)`.
        frames: length wanted.

    Returns:
        float32 `(frames, channels)`.

    Raises:
        SettingError: python-stretch is not installed.
    """
    try:
        import python_stretch
    except ImportError as e:
        raise SettingError("tempo mode is stretch, expected the package python-stretch to be installed "
                           "(pip install 'vaesynth[prepare]')") from e
    n = len(audio)
    stretch = python_stretch.Signalsmith.Stretch()
    stretch.preset(audio.shape[1], STRETCH_RATE)
    stretch.setTimeFactor(n / frames)
    around = np.take(audio, np.arange(-STRETCH_CONTEXT, n + STRETCH_CONTEXT), axis=0, mode="wrap")
    out = np.asarray(stretch.process(np.ascontiguousarray(around.T)), np.float32).T
    start = round(STRETCH_CONTEXT * frames / n)
    seam = min(SEAM_FRAMES, start, frames // 8)
    stretched = np.array(out[start:start + frames], order="C")
    fade = smootherstep(seam).astype(np.float32)[:, None]
    stretched[-seam:] += fade * (out[start - seam:start] - stretched[-seam:])
    return stretched


def _read_only(audio: Audio) -> Audio:
    audio.flags.writeable = False
    return audio
