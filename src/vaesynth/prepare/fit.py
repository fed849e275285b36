"""Beats of a recording → the same beats at another rate and tempo, as sharp as before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soxr

from ..errors import SettingError
from ..loop import Audio
from .grid import Grid
from .onsets import attacks, onset_strength

CONTEXT = 0.25
"""Seconds round the beats that stretching and seams see."""

REPITCH_BELOW = 0.01
"""Tempo differences up to this are resampled: 17 cents, not heard on drums, and free of artefacts."""

_BEFORE, _AFTER = 0.040, 0.090
"""Seconds round an attack that are kept as they were recorded."""
_FADE_IN, _FADE_OUT = 0.008, 0.040


@dataclass(frozen=True, eq=False)
class FittedBeats:
    """Beats at their new rate and tempo.

    Attributes:
        audio: float32 `(context + beats · new_beat + context, channels)`, within a sample.
        context: samples before the first beat, and after the last; where the grid is circular they are the
            loop itself.
        attacks: first samples of the hits in `audio`, in order.
    """

    audio: Audio
    context: int
    attacks: npt.NDArray[np.int64]


def fit_beats(audio: Audio, sample_rate: int, grid: Grid, new_rate: int, new_beat: int) -> FittedBeats:
    """All beats of a grid at `new_rate` with `new_beat` samples each.

    Small differences of tempo are resampled. Others are stretched (Signalsmith Stretch), which smears
    attacks; so a piece of the recording round each attack is laid over the stretched sound, unstretched, in
    its new place.

    Args:
        audio: float32 `(frames, channels)`.
        sample_rate: of `audio`, in Hz.
        grid: where the beats are.
        new_rate: in Hz.
        new_beat: samples per beat at `new_rate`.

    Raises:
        SettingError: python-stretch is not installed, and is needed.
    """
    first, length = round(grid.start), round(grid.beats * grid.beat)
    frames = grid.beats * new_beat
    unstretched = round(length * new_rate / sample_rate)
    ratio = frames / unstretched
    around = round(CONTEXT * sample_rate)
    piece = _around(audio, first, length, around, grid.circular)
    if abs(ratio - 1) <= REPITCH_BELOW:
        resampled, before = _resample(piece, around, length, frames)
        hits = attacks(onset_strength(resampled, new_rate), resampled, new_rate)
        return FittedBeats(resampled, before, hits)
    piece, before = _resample(piece, around, length, unstretched)
    stretched = _stretch(piece, ratio)
    hits = attacks(onset_strength(piece, new_rate), piece, new_rate)
    sharp = _restore_attacks(stretched, piece, hits, ratio, new_rate)
    return FittedBeats(sharp, round(before * ratio), np.round(hits * ratio).astype(np.int64))


def _around(audio: Audio, first: int, length: int, around: int, circular: bool) -> Audio:
    """`length` samples from `first` with `around` more at each end; silence where there is no audio."""
    def cut(start: int, stop: int) -> Audio:
        inside = audio[max(0, start):max(0, stop)]
        missing = stop - start - len(inside)
        lead = min(missing, max(0, -start))
        return np.pad(inside, ((lead, missing - lead), (0, 0)))
    if not circular:
        return cut(first - around, first + length + around)
    return np.take(cut(first, first + length), np.arange(-around, length + around), axis=0, mode="wrap")


def _resample(piece: Audio, around: int, length: int, frames: int) -> tuple[Audio, int]:
    """Resample so that `length` samples become exactly `frames`; also the new length of `around`."""
    if length == frames:
        return piece, around
    # Rates are only a ratio.
    resampled = np.asarray(soxr.resample(piece, length, frames, "VHQ"), np.float32)
    return resampled, round(around * frames / length)


def _stretch(piece: Audio, ratio: float) -> Audio:
    try:
        import python_stretch
    except ImportError as e:
        raise SettingError("preparation needs the package python-stretch, expected it to be installed "
                           "(pip install 'vaesynth[prepare]')") from e
    # Seeded: the same file always gives the same data set.
    stretch = python_stretch.Signalsmith.Stretch(0)
    stretch.preset(piece.shape[1], 48_000)
    stretch.setTimeFactor(1 / ratio)
    return np.ascontiguousarray(np.asarray(stretch.process(np.ascontiguousarray(piece.T)), np.float32).T)


def _restore_attacks(stretched: Audio, piece: Audio, hits: npt.NDArray[np.int64], ratio: float,
                     rate: int) -> Audio:
    result = stretched.copy()
    gaps = np.diff(hits, append=len(piece))
    gap_before = rate
    for hit, gap in zip(hits.tolist(), gaps.tolist(), strict=True):
        # Not into the hit before or after, wherever that comes to lie.
        before = min(round(_BEFORE * rate), int(0.4 * min(1.0, ratio) * gap_before))
        after = min(round(_AFTER * rate), int(0.8 * min(1.0, ratio) * gap))
        gap_before = gap
        target = round(hit * ratio)
        low, high = max(-before, -hit, -target), min(after, len(piece) - hit, len(result) - target)
        if high - low < 64:
            continue
        fade_in, fade_out = min(round(_FADE_IN * rate), -low), min(round(_FADE_OUT * rate), high // 2)
        share = np.ones(high - low, np.float32)
        share[:fade_in] = np.sin(np.linspace(0, np.pi / 2, fade_in, endpoint=False)) ** 2
        if fade_out > 0:
            share[-fade_out:] = np.cos(np.linspace(0, np.pi / 2, fade_out)) ** 2
        # Equal power: the stretched sound's phases have nothing to do with the recording's.
        over, under = np.sqrt(share)[:, None], np.sqrt(1 - share)[:, None]
        place = slice(target + low, target + high)
        result[place] = over * piece[hit + low:hit + high] + under * result[place]
    return result
