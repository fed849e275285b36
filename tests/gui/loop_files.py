"""Audio files to learn from: clicks on a beat, louder on the downbeat."""

import wave
from pathlib import Path

import numpy as np

RATE = 24_000


def write_clicks(path: Path, bpm: float = 120, beats: int = 8, late: int = 0) -> Path:
    """A loop of `beats` decaying clicks; turned so that its downbeat comes `late` samples after the start."""
    beat = round(60 * RATE / bpm)
    rng = np.random.default_rng(3)
    click = rng.normal(size=beat) * np.exp(-np.arange(beat) / 300)
    levels = [0.8 if i % 4 == 0 else 0.35 for i in range(beats)]
    audio = np.concatenate([level * click for level in levels])
    samples = np.rint(np.roll(0.2 * audio, late) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path
