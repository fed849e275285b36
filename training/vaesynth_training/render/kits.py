"""Kits of one-shots: what was recorded, by class, instrument and velocity layer."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile as sf
import soxr

from vaesynth.errors import AudioFileError, DatasetError, in_words
from vaesynth.geometry import NATIVE_LOOP
from vaesynth.loop import Audio

from .cache import cached_arrays, default_cache, fingerprint
from .voices import CLASSES

COLUMNS = {"file", "kit", "class", "licence", "source", "instrument", "vel_layer"}
TABLE = "oneshots.csv"
MAX_FRAMES = 120_000
"""2.5 s: a bar, and enough beyond it to be played 3 semitones higher."""

LOOP_KITS, LOOP_WEIGHT = "loop_", 0.15
"""How the names of kits begin that were fitted to loops, and how often one is drawn: there are many, with a
few voices each.
"""

ELECTRONIC = ("808", "909", "electro", "nord", "garden", "mix", "electronic", "synth_", LOOP_KITS)
"""Parts of the names of kits whose sounds are those of drum machines and productions."""


@dataclass(frozen=True, eq=False)
class OneShot:
    """A recorded stroke: float32 `(frames, 2)` at 48 kHz with a peak of 1, and where it comes from."""

    audio: Audio
    file: str
    licence: str
    source: str


@dataclass(frozen=True, eq=False)
class Instrument:
    """A drum or cymbal of a kit with its velocity layers, the softest first."""

    name: str
    kit: str
    sound_class: str
    layers: tuple[OneShot, ...]

    @cached_property
    def pitch(self) -> float:
        """Hz of the strongest partial between 40 and 1,000 Hz of the loudest layer: orders toms."""
        mono = self.layers[-1].audio[:24_000].mean(axis=1)
        size = 1 << 16
        spectrum = np.abs(np.fft.rfft(mono * np.hanning(2 * len(mono))[len(mono) :], size))
        hertz = np.fft.rfftfreq(size, 1 / NATIVE_LOOP.sample_rate)
        inside = (hertz >= 40) & (hertz <= 1_000)
        return float(hertz[inside][np.argmax(spectrum[inside])])


@dataclass(frozen=True, eq=False)
class Kit:
    """Instruments by class; `weight` is how often the kit is drawn, 1 for a kit of its own."""

    name: str
    instruments: dict[str, tuple[Instrument, ...]] = field(repr=False)
    weight: float = 1.0

    @property
    def playable(self) -> bool:
        """Whether the kit can carry a beat alone."""
        return {"kick", "snare", "hat_closed"} <= self.instruments.keys()

    @property
    def electronic(self) -> bool:
        """Whether the kit sounds like a drum machine or a production."""
        return any(part in self.name for part in ELECTRONIC)


def load_kits(folder: Path, cache: Path | None = None) -> list[Kit]:
    """The kits of a folder of one-shots, sorted by name.

    `folder/oneshots.csv` has a row for each file with `COLUMNS`; `vel_layer` 1 is the softest. The audio is
    decoded to 48 kHz stereo once, and memory-mapped from `cache` afterwards.

    Args:
        folder: holds `oneshots.csv` and the files that it names.
        cache: folder for decoded audio; the user's cache folder if None.

    Raises:
        DatasetError: the table is missing, empty or lacks a column or value.
        AudioFileError: a file of the table cannot be read.
    """
    table = folder / TABLE
    rows = read_table(table, COLUMNS)
    for row in rows:
        if row["class"] not in CLASSES:
            raise DatasetError(
                f"{table}: class {row['class']!r} of {row['file']} is none of {', '.join(CLASSES)}"
            )
        if not (row["vel_layer"] or "1").isdigit():
            raise DatasetError(f"{table}: vel_layer {row['vel_layer']!r} of {row['file']} is no whole number")
    files = [inside(folder, row["file"]) for row in rows]
    for file in files:
        if not file.is_file():
            raise AudioFileError(f"{file} is named in {table.name}, but there is no such file")
    name = "oneshots-" + fingerprint("2", table, files)

    def build() -> dict[str, Audio]:
        shots = [_decode(file) for file in files]
        ends = np.cumsum([len(shot) for shot in shots])
        return {"audio": np.concatenate(shots), "ends": ends}

    arrays = cached_arrays(cache or default_cache(), name, build)
    audio, ends = arrays["audio"], arrays["ends"].astype(int)
    grouped: dict[str, dict[str, dict[str, list[tuple[int, OneShot]]]]] = {}
    for row, begin, end in zip(rows, [0, *ends[:-1]], ends, strict=True):
        shot = OneShot(np.asarray(audio[begin:end]), row["file"], row["licence"], row["source"])
        layer = (int(row["vel_layer"] or 1), shot)
        of_class = grouped.setdefault(row["kit"], {}).setdefault(row["class"], {})
        of_class.setdefault(row["instrument"], []).append(layer)
    return [_kit(kit, classes, _weight(kit, list(grouped))) for kit, classes in sorted(grouped.items())]


def _kit(kit: str, classes: dict[str, dict[str, list[tuple[int, OneShot]]]], weight: float) -> Kit:
    instruments = {
        sound_class: tuple(
            Instrument(name, kit, sound_class, tuple(shot for _, shot in sorted(layers, key=lambda x: x[0])))
            for name, layers in sorted(of_class.items())
        )
        for sound_class, of_class in classes.items()
    }
    return Kit(kit, instruments, weight)


def _weight(kit: str, names: Sequence[str]) -> float:
    if kit.startswith(LOOP_KITS):
        return LOOP_WEIGHT
    # The presets of one SoundFont share most of their samples: together they weigh as two kits.
    family = [name for name in names if name.startswith("fluid_")]
    return min(1.0, 2 / len(family)) if kit in family else 1.0


def _decode(file: Path) -> Audio:
    """48 kHz stereo with a peak of 1 and without its inaudible tail, at most `MAX_FRAMES` long."""
    try:
        with sf.SoundFile(file) as sound:
            rate = sound.samplerate
            audio = sound.read(-(-MAX_FRAMES * rate // NATIVE_LOOP.sample_rate), "float32", always_2d=True)
    except (sf.LibsndfileError, OSError) as error:
        raise AudioFileError(f"{file} cannot be read as audio: {in_words(error)}") from error
    audio = np.repeat(audio, 2, axis=1) if audio.shape[1] == 1 else audio[:, :2]
    if rate != NATIVE_LOOP.sample_rate:
        audio = soxr.resample(audio, rate, NATIVE_LOOP.sample_rate, quality="VHQ")
    audio = audio[:MAX_FRAMES]
    peak = float(np.abs(audio).max(initial=0.0))
    if not np.isfinite(peak) or peak < 1e-4:
        raise AudioFileError(
            f"{file} is silent or not finite: the peak of its first "
            f"{MAX_FRAMES / NATIVE_LOOP.sample_rate:g} s is {peak:g}, expected at least 0.0001"
        )
    audio = (audio / peak).astype(np.float32)
    audible = np.flatnonzero(np.abs(audio).max(axis=1) > 10 ** (-70 / 20))
    return np.ascontiguousarray(audio[: audible[-1] + 1])


def read_table(table: Path, columns: set[str]) -> list[dict[str, str]]:
    """Rows of a CSV file that has at least these columns, each with a text in all of them.

    Raises:
        DatasetError: the file is missing, empty or lacks a column, or a row is short.
    """
    try:
        with table.open(newline="", encoding="utf-8") as text:
            rows = list(csv.DictReader(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{table} cannot be read: {in_words(error)}") from error
    if not rows:
        raise DatasetError(f"{table} has no rows, expected one for each file")
    if missing := columns - rows[0].keys():
        raise DatasetError(f"{table} lacks the column{'s' * (len(missing) > 1)} {', '.join(sorted(missing))}")
    for number, row in enumerate(rows, 1):
        if lacking := sorted(name for name in columns if row[name] is None):
            raise DatasetError(
                f"{table}: row {number} ends before its {lacking[0]}, expected a value for each column"
            )
    return rows


def inside(folder: Path, name: str) -> Path:
    """`folder/name`, where a table from elsewhere cannot name a file outside the folder.

    Raises:
        DatasetError: the path leaves the folder.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DatasetError(f"{name!r} lies outside {folder}, expected a path inside it")
    return path
