"""What is done to one-shots, so that a few kits become many: pitch, decay, tone, drive, place."""

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.random import Generator

from vaesynth.geometry import NATIVE_LOOP
from vaesynth.loop import Audio

RATE = NATIVE_LOOP.sample_rate
FRAMES = NATIVE_LOOP.frames
MAX_SEMITONES = 3.0
FADE = 12_000
"""Frames (0.25 s) over which a sound that is longer than the bar is faded out."""

DECAY = {
    # Seconds: from which the time constant of a shortened decay is drawn, log-uniformly.
    "kick": (0.08, 0.5),
    "snare": (0.04, 0.25),
    "rim": (0.03, 0.15),
    "clap": (0.04, 0.2),
    "hat_closed": (0.012, 0.12),
    "hat_open": (0.08, 0.4),
    "tom": (0.08, 0.5),
    "crash": (0.3, 1.5),
    "ride": (0.2, 1.0),
    "perc": (0.04, 0.3),
}
PAN = {
    # Standard deviation of the position in a wide mix; low drums stay in the middle as in any produced mix.
    "kick": 0.02,
    "snare": 0.06,
    "rim": 0.15,
    "clap": 0.08,
    "hat_closed": 0.25,
    "hat_open": 0.25,
    "tom": 0.3,
    "crash": 0.35,
    "ride": 0.3,
    "perc": 0.35,
}


@dataclass(frozen=True)
class Treatment:
    """How the one-shots of one class sound in one kit.

    Attributes:
        gain: linear.
        semitones: pitch by resampling, at most 3 up or down.
        decay: time constant in seconds of an exponential laid over the sound, None for the sound's own.
        tilt: dB added at 10 kHz and taken off at 100 Hz, about 1 kHz.
        drive: 0 is clean; the sound is driven into a tanh by 1 + drive.
        pan: -1 left to 1 right.
        width: factor on the side signal.
        send: linear gain into the room.
    """

    gain: float = 1.0
    semitones: float = 0.0
    decay: float | None = None
    tilt: float = 0.0
    drive: float = 0.0
    pan: float = 0.0
    width: float = 1.0
    send: float = 1.0

    @classmethod
    def draw(cls, rng: Generator, sound_class: str, electronic: bool, spread: float) -> "Treatment":
        """A random treatment; `spread` (0 mono to 1 wide) scales panning and width."""
        low, high = DECAY[sound_class]
        pitched = rng.random() < 0.75
        shortened = rng.random() < (0.5 if electronic else 0.25)
        driven = rng.random() < (0.35 if electronic else 0.15)
        # Producers build a mix on its kick.
        lift = (2.5 if electronic else 1.0) if sound_class == "kick" else 0.0
        semitones = float(np.clip(rng.normal(0, 1.4), -MAX_SEMITONES, MAX_SEMITONES))
        decay = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        return cls(
            gain=float(10 ** ((np.clip(rng.normal(0, 2.2), -5, 5) + lift) / 20)),
            semitones=semitones if pitched else 0.0,
            decay=decay if shortened else None,
            tilt=float(np.clip(rng.normal(0, 1.5), -4, 4)),
            drive=float(rng.exponential(1.2)) if driven else 0.0,
            pan=float(np.clip(rng.normal(0, PAN[sound_class]) * spread, -0.8, 0.8)),
            width=float(rng.uniform(0.6, 1.3) * min(1.0, 0.25 + spread)),
            send=0.2 if sound_class == "kick" else float(rng.uniform(0.5, 1.2)),
        )


def treat(audio: Audio, treatment: Treatment, softness: float = 0.0) -> Audio:
    """One-shot `(frames, 2)` with a peak of 1 → `(at most a bar, 2)` as it sounds in the kit at full gain.

    Args:
        audio: float32 `(frames, 2)`.
        treatment: what to do.
        softness: 0 to 1, how much a stroke is softer than the recorded one: lowers a low-pass (a drum that is
            hit softly is duller, not only quieter).
    """
    if treatment.semitones:
        pitch = 2 ** (treatment.semitones / 12)
        audio = soxr.resample(audio, RATE * pitch, RATE, quality="MQ")
    audio = audio[:FRAMES]
    if softness or abs(treatment.tilt) > 0.2:
        audio = _shape_spectrum(audio, treatment.tilt, softness)
    if treatment.decay is not None:
        audio = audio * _decay(len(audio), treatment.decay)
    audio = _with_peak(audio, 1.0)
    if treatment.drive:
        amount = 1 + treatment.drive
        audio = np.tanh(amount * audio) / np.tanh(amount)
    audio = _place(_trim(audio), treatment.pan, treatment.width)
    return np.ascontiguousarray(audio * np.float32(treatment.gain), dtype=np.float32)


def _shape_spectrum(audio: Audio, tilt: float, softness: float) -> Audio:
    """Zero-phase gain curve: a tilt about 1 kHz, and a low-pass that falls from 16 kHz to 1.5 kHz.

    Its impulse response is short beside the sound; zero padding keeps what wraps round out of the start.
    """
    import scipy.fft

    size = scipy.fft.next_fast_len(len(audio) + 2_048, real=True)
    hertz = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    gain = 10 ** (tilt / 20 * np.clip(np.log10(np.maximum(hertz, 20) / 1_000), -1, 1.2))
    if softness:
        gain /= 1 + (hertz / (16_000 * (1_500 / 16_000) ** softness)) ** 2
    spectrum = scipy.fft.rfft(audio, size, axis=0) * gain[:, None].astype(np.float32)
    return np.asarray(scipy.fft.irfft(spectrum, size, axis=0)[: len(audio)], dtype=np.float32)


def _decay(frames: int, seconds: float) -> Audio:
    """Column `(frames, 1)`: 1 for the 5 ms of the attack, then exp(-t / seconds)."""
    time = np.maximum(np.arange(frames, dtype=np.float32) / RATE - 0.005, 0)
    return np.exp(-time / np.float32(seconds))[:, None]


def _trim(audio: Audio) -> Audio:
    """Without the tail below -70 dB, and ending in silence."""
    audible = np.flatnonzero(np.abs(audio) > 10 ** (-70 / 20))
    audio = audio[: int(audible[-1]) // 2 + 1] if len(audible) else audio[:1]
    fade = min(FADE if len(audio) >= FRAMES else 240, len(audio))
    audio = audio.copy()
    audio[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return audio


def _place(audio: Audio, pan: float, width: float) -> Audio:
    """Width of the side signal, then a constant-power balance that is 1 in the middle."""
    middle = (audio[:, 0] + audio[:, 1]) * np.float32(0.5)
    side = (audio[:, 0] - audio[:, 1]) * np.float32(0.5 * width)
    angle = (pan + 1) * np.pi / 4
    left, right = np.sqrt(2) * np.cos(angle), np.sqrt(2) * np.sin(angle)
    placed = np.stack([(middle + side) * np.float32(left), (middle - side) * np.float32(right)], axis=1)
    return np.asarray(placed, dtype=np.float32)


def _with_peak(audio: Audio, peak: float) -> Audio:
    return audio * np.float32(peak / max(float(np.abs(audio).max(initial=0.0)), 1e-6))
