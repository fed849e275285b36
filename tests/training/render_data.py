"""Small kits and grooves for the renderer's tests, written to files as a user would have them."""

import csv
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt
import soundfile as sf

RATE = 44_100
CLASSES = {
    # Class: pitch in Hz, seconds.
    "kick": (60.0, 0.3),
    "snare": (190.0, 0.2),
    "hat_closed": (9_000.0, 0.05),
    "hat_open": (8_000.0, 0.8),
    "tom": (110.0, 0.3),
    "ride": (6_000.0, 1.0),
    "perc": (700.0, 0.1),
}


def tone(hertz: float, seconds: float) -> npt.NDArray[np.float64]:
    """A decaying sine, its peak 0.5."""
    time = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(0.5 * np.sin(2 * np.pi * hertz * time) * np.exp(-4 * time / seconds))


def write_kits(folder: Path, names: tuple[str, ...] = ("alpha", "beta", "held")) -> None:
    """`oneshots.csv` and mono WAV files; the snare has two layers."""
    rows = []
    for k, name in enumerate(names):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for sound_class, (hertz, seconds) in CLASSES.items():
            layers = 2 if sound_class == "snare" else 1
            for layer in range(layers, 0, -1):
                file = f"{name}/{sound_class}{f'_v{layer}' if layers > 1 else ''}.wav"
                sf.write(folder / file, tone(hertz * (1 + 0.07 * k) * layer**0.1, seconds), RATE)
                rows.append(
                    {
                        "file": file,
                        "kit": name,
                        "class": sound_class,
                        "licence": "CC0-1.0",
                    }
                    | {"source": name, "instrument": sound_class, "vel_layer": layer, "n_layers": layers}
                )
    _write_table(folder / "oneshots.csv", rows)


def write_grooves(folder: Path) -> None:
    """`grooves.csv` and MIDI files: two bars of a beat, a fill, a bar held out for validation, one in 3/4."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, bars, kind, meter, split in (
        ("beat", 2, "beat", "4-4", "train"),
        ("fill", 1, "fill", "4-4", "train"),
        ("held", 1, "beat", "4-4", "validation"),
        ("waltz", 1, "beat", "3-4", "train"),
    ):
        notes = []
        for bar in range(bars):
            start = bar * 1920
            notes += [(start + 240 * i, 42, 70 + 5 * (i % 2)) for i in range(8)]
            notes += [
                (start, 36, 110),
                (start + 967, 36, 100),
                (start + 480, 38, 105),
                (start + 1440, 38, 112),
            ]
        _write_midi(folder / f"{name}.mid", notes)
        rows.append(
            {"file": f"{name}.mid", "source": "tests", "licence": "CC-BY-4.0", "style": "rock"}
            | {"beat_type": kind, "time_signature": meter, "split": split}
        )
    _write_table(folder / "grooves.csv", rows)


def edit(file: Path, old: str, new: str) -> None:
    """Replace the first occurrence of a text in a file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def _write_midi(file: Path, notes: list[tuple[int, int, int]]) -> None:
    midi = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    now = 0
    for time, note, velocity in sorted(notes):
        track.append(mido.Message("note_on", channel=9, note=note, velocity=velocity, time=time - now))
        now = time
    midi.tracks.append(track)
    midi.save(file)


def _write_table(file: Path, rows: list[dict[str, object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as text:
        table = csv.DictWriter(text, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
