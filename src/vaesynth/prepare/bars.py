"""One audio file → bars at one geometry."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import AudioFileError
from ..geometry import NATIVE_LOOP, LoopGeometry
from ..loop import Audio, Loop
from .fit import FittedBeats, fit_beats
from .grid import Grid, Octave, find_grid
from .read import Recording, read_audio

PEAK = 10 ** (-1 / 20)
"""-1 dBFS: every bar's peak."""

SEAM_SECONDS = 0.005
EARLY_SECONDS = 0.045
"""A hit this short before a downbeat is the downbeat, played early."""

_ON_TIME_SECONDS = 0.003

QUIET = 10 ** (-30 / 20)
"""A bar whose peak is below this share of its file's is a rest or a dying tail."""

PAPER_RATE = 44_100


@dataclass(frozen=True, eq=False)
class PreparedBar:
    """One bar (or several, as the geometry says) cut from a file.

    Attributes:
        loop: seamless, at the geometry, peak at -1 dBFS.
        record: JSON values: `name`, `bar` (its number in the file from 0), `tempo` in the file,
            `tempo_source`, `start_sample` and `n_samples` in the file, `gain_db`, `remark`.
    """

    loop: Loop
    record: Mapping[str, Any]


def prepare_file(path: Path, geometry: LoopGeometry = NATIVE_LOOP, *,
                 table: Mapping[str, str] | None = None, bpm: float | None = None,
                 octave: Octave = "auto") -> list[PreparedBar]:
    """All bars of an audio file.

    A file that is shorter than the geometry is repeated if it is a loop that fits a whole number of times;
    else it is followed by silence if it fills at least half.

    Args:
        path: WAV, AIFF, FLAC, OGG or MP3.
        geometry: of every bar.
        table: what is known of the file: see `find_grid`.
        bpm: the file's tempo, if the user says it.
        octave: correct a tempo read from the name or the sound.

    Raises:
        AudioFileError: the file cannot be used; one sentence with the reason.
        SettingError: `bpm` is out of range, or a library is missing.
    """
    if geometry.frames % geometry.beats:
        raise ValueError(f"frames is {geometry.frames}, expected a multiple of beats, {geometry.beats}")
    table = table or {}
    recording = read_audio(path, trim=not table.get("start_sample"))
    try:
        grid = find_grid(recording, path.name, table, bpm=bpm, octave=octave)
    except AudioFileError as e:
        raise AudioFileError(f"{path}: {str(e).removeprefix(path.name + ': ')}") from e
    check_grid(grid, recording, path, geometry)
    # Before two equal channels are made: a stretcher gives each channel phases of its own.
    source = _channels(recording.audio, min(geometry.channels, recording.audio.shape[1]))
    fitted = fit_beats(source, recording.sample_rate, grid, geometry.sample_rate,
                       geometry.frames // geometry.beats)
    fitted = replace(fitted, audio=_channels(fitted.audio, geometry.channels))
    if grid.beats < geometry.beats:
        cut, remark = [_fill(fitted, grid, geometry)], _short_remark(grid, geometry)
    else:
        cut, remark = _cut(fitted, grid, geometry), ""
    return _finish(path, cut, grid, recording, geometry, remark)


def prepare_paper_file(path: Path, geometry: LoopGeometry) -> PreparedBar:
    """The 2018 paper's vector of a file: its first samples in mono, neither resampled nor normalised.

    Raises:
        AudioFileError: the file has another sample rate than the paper's 44.1 kHz, or is too short.
    """
    recording = read_audio(path, trim=False)
    if recording.sample_rate != PAPER_RATE:
        raise AudioFileError(f"{path}: has a sample rate of {recording.sample_rate} Hz, "
                             f"expected the {PAPER_RATE} Hz of the paper's training files")
    if len(recording.audio) < geometry.frames:
        raise AudioFileError(f"{path}: has {len(recording.audio)} samples, "
                             f"expected the paper's {geometry.frames}")
    audio = _channels(recording.audio[:geometry.frames], geometry.channels)
    record = {"name": path.stem, "bar": 0, "tempo": None, "tempo_source": "", "start_sample": 0,
              "n_samples": geometry.frames, "gain_db": 0.0, "remark": "; ".join(recording.notes)}
    return PreparedBar(Loop(audio, geometry.sample_rate, geometry.beats, geometry.beats_per_bar), record)


def check_grid(grid: Grid, recording: Recording, path: Path, geometry: LoopGeometry = NATIVE_LOOP) -> None:
    """Check that bars of a geometry can be cut from a file.

    Raises:
        AudioFileError: it is in another meter, or too short.
    """
    if grid.meter != (geometry.beats_per_bar, 4):
        raise AudioFileError(f"{path}: is in {grid.meter[0]}/{grid.meter[1]}, "
                             f"expected {geometry.beats_per_bar}/4")
    whole = grid.circular and grid.beats and geometry.beats % grid.beats == 0
    if grid.beats < geometry.beats and not whole and 2 * grid.beats < geometry.beats:
        raise AudioFileError(
            f"{path}: lasts {recording.seconds:.2f} s, which is {_count(grid.beats, 'whole beat')} at "
            f"{60 * recording.sample_rate / grid.beat:.0f} BPM, expected at least {geometry.beats / 2:g}")


def _channels(audio: Audio, channels: int) -> Audio:
    if audio.shape[1] == channels:
        return audio
    mono = audio.mean(1, keepdims=True, dtype=np.float32)
    return np.repeat(mono, channels, axis=1)


def _cut(fitted: FittedBeats, grid: Grid, geometry: LoopGeometry) -> list[Audio]:
    """Bars, each made seamless: its end fades into what came before its first sample.

    The fade is 5 ms long and lies at the very end; but where the downbeat of this bar or of the next is
    played a little early, it lies before that hit. So a bar ends with the rise of its own first hit, not of
    the next bar's.
    """
    audio, rate = fitted.audio, geometry.sample_rate
    fade = round(SEAM_SECONDS * rate)
    rise = np.sin(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, None] ** 2
    bars = []
    for i in range(grid.beats // geometry.beats):
        start = fitted.context + i * geometry.frames
        early = [edge - hit for edge in (start, start + geometry.frames) for hit in fitted.attacks.tolist()
                 if _ON_TIME_SECONDS * rate < edge - hit < EARLY_SECONDS * rate]
        seam = fade + max(early, default=0)
        share = np.ones((seam, 1), np.float32)
        share[:fade] = rise
        # Stretching may end a sample early.
        bar = np.zeros((geometry.frames, geometry.channels), np.float32)
        piece = audio[start:start + geometry.frames]
        bar[:len(piece)] = piece
        bar[-seam:] += share * (audio[start - seam:start] - bar[-seam:])
        bars.append(bar)
    return bars


def _fill(fitted: FittedBeats, grid: Grid, geometry: LoopGeometry) -> Audio:
    audio, context = fitted.audio, fitted.context
    frames = grid.beats * (geometry.frames // geometry.beats)
    if grid.circular and geometry.beats % grid.beats == 0:
        return np.tile(audio[context:context + frames], (geometry.beats // grid.beats, 1))
    # A tail that rings on after the last beat is music; in a loop what follows would be its start again.
    length = min(frames if grid.circular else frames + context, len(audio) - context, geometry.frames)
    bar = np.zeros((geometry.frames, geometry.channels), np.float32)
    bar[:length] = audio[context:context + length]
    seam = round(SEAM_SECONDS * geometry.sample_rate)
    bar[length - seam:length] *= np.cos(np.linspace(0, np.pi / 2, seam, dtype=np.float32))[:, None] ** 2
    return bar


def _short_remark(grid: Grid, geometry: LoopGeometry) -> str:
    if grid.circular and geometry.beats % grid.beats == 0:
        return f"{_count(grid.beats, 'beat')}, played {geometry.beats // grid.beats} times"
    return f"{_count(grid.beats, 'beat')}, followed by silence"


def _finish(path: Path, cut: list[Audio], grid: Grid, recording: Recording, geometry: LoopGeometry,
            remark: str) -> list[PreparedBar]:
    peaks = [float(np.abs(bar).max()) for bar in cut]
    kept = [i for i, peak in enumerate(peaks) if peak >= QUIET * max(peaks)]
    remarks = [*recording.notes, remark]
    if len(kept) < len(cut):
        silent = [str(i + 1) for i in range(len(cut)) if i not in kept]
        remarks.append(f"bar {', '.join(silent)} left out as nearly silent")
    if grid.beats > geometry.beats and grid.beats % geometry.beats:
        remarks.append(f"the last {_count(grid.beats % geometry.beats, 'beat')} left out")
    remark = "; ".join(r for r in remarks if r)
    tempo = round(60 * recording.sample_rate / grid.beat, 3)
    prepared = []
    for i in kept:
        gain = PEAK / peaks[i]
        record = {
            "name": path.stem if len(cut) == 1 else f"{path.stem} bar {i + 1}", "bar": i,
            "tempo": tempo, "tempo_source": grid.origin,
            "start_sample": round(grid.start + i * geometry.beats * grid.beat),
            "n_samples": round(min(grid.beats, geometry.beats) * grid.beat),
            "gain_db": round(20 * float(np.log10(gain)), 2), "remark": remark}
        loop = Loop(np.asarray(cut[i] * gain, np.float32), geometry.sample_rate, geometry.beats,
                    geometry.beats_per_bar)
        prepared.append(PreparedBar(loop, record))
    return prepared


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
