# SPDX-License-Identifier: GPL-3.0-or-later
"""The loops to learn from: what each file seems to be, and what the musician says it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vaesynth.audio_suffixes import SUFFIXES
from vaesynth.errors import AudioFileError, VaesynthError

MAX_FILES = 500
MAX_BEATS = 256
COLUMNS = 1200
"""Of a file's outline: as many as a wide dialog has pixels."""

Outline = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LoopFile:
    """One audio file on its way into a data set.

    Attributes:
        path: the file.
        sample_rate: in Hz; `frames`: its length.
        start: sample of the first downbeat, `span`: samples from there to the end of its last beat.
        beats: whole beats within the span.
        circular: the file is a loop of its own: moving the downbeat turns it, instead of cutting it.
        origin: where the tempo comes from, in words; "you" once it was corrected.
        outline: lowest and highest value of each of `COLUMNS` parts, float32 `(2, COLUMNS)`.
        hits: samples at which something is struck.
        error: why the file cannot be used, one sentence without its name.
    """

    path: Path
    sample_rate: int = 0
    frames: int = 0
    start: float = 0.0
    span: float = 0.0
    beats: int = 0
    circular: bool = False
    origin: str = ""
    outline: Outline | None = None
    hits: tuple[int, ...] = ()
    error: str | None = None

    @property
    def bpm(self) -> float:
        """Tempo by the beats it is said to have, 0 where it has none."""
        return 60 * self.beats * self.sample_rate / self.span if self.span else 0.0

    @property
    def seconds(self) -> float:
        """Length of the file."""
        return self.frames / self.sample_rate if self.sample_rate else 0.0

    @property
    def corrected(self) -> bool:
        """Whether the musician knows better than the estimate."""
        return self.origin == "you"

    def with_beats(self, beats: int) -> "LoopFile":
        """With another number of beats in the same length of audio, so at another tempo."""
        return replace(self, beats=min(max(beats, 1), MAX_BEATS), origin="you")

    def with_downbeat(self, sample: float) -> "LoopFile":
        """With the first downbeat elsewhere, at the same tempo; what comes before it is cut off, or in a loop
        follows its end."""
        beat = self.span / max(self.beats, 1)
        if self.circular:
            return replace(self, start=sample % self.span, origin="you")
        beats = int((self.frames - sample) / beat + 0.1)
        if beats < 1:
            return self
        return replace(self, start=sample, beats=beats, span=beats * beat, origin="you")


def look(path: Path) -> LoopFile:
    """What a file seems to be; where it cannot be used, with the reason."""
    from vaesynth.prepare.bars import check_grid
    from vaesynth.prepare.grid import find_grid
    from vaesynth.prepare.onsets import attacks, onset_strength
    from vaesynth.prepare.read import read_audio
    try:
        recording = read_audio(path)
        grid = find_grid(recording, path.name, {})
        check_grid(grid, recording, path)
    except VaesynthError as e:
        return LoopFile(path, error=str(e).removeprefix(f"{path}: ").removeprefix(f"{path.name}: "))
    rate, audio = recording.sample_rate, recording.audio
    hits = attacks(onset_strength(audio, rate), audio, rate)
    return LoopFile(path, rate, len(audio), grid.start, grid.beats * grid.beat, grid.beats, grid.circular,
                    grid.origin, _outline(audio), tuple(int(h) for h in hits))


def audio_files(paths: Iterable[Path]) -> list[Path]:
    """The audio files among some paths, those in folders included, in order and each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file():
                found[file.resolve()] = None
                if len(found) == MAX_FILES:
                    return list(found)
    return list(found)


def as_said(loop: LoopFile) -> npt.NDArray[np.float32]:
    """The corrected loop's audio, downbeat to the end of the last beat, float32 `(frames, channels)`.

    Raises:
        AudioFileError: the file can no longer be read.
    """
    from vaesynth.prepare.read import read_audio
    audio = read_audio(loop.path).audio
    if len(audio) != loop.frames:
        raise AudioFileError(f"{loop.path}: has {len(audio)} samples, expected the {loop.frames} it had "
                             "when it was opened")
    start, span = round(loop.start), round(loop.span)
    if loop.circular:
        return np.roll(_of_length(audio, span), -start, axis=0)
    return _of_length(audio[start:], span)


def _of_length(audio: npt.NDArray[np.float32], frames: int) -> npt.NDArray[np.float32]:
    cut = audio[:frames]
    return np.pad(cut, ((0, frames - len(cut)), (0, 0)))


def _outline(audio: npt.NDArray[np.float32]) -> Outline:
    mono = audio.mean(axis=1)
    starts = np.linspace(0, len(mono), min(COLUMNS, len(mono)), endpoint=False).astype(np.intp)
    found = np.stack([np.minimum.reduceat(mono, starts), np.maximum.reduceat(mono, starts)])
    return np.asarray(found / max(float(np.abs(found).max()), 1e-6), np.float32)
