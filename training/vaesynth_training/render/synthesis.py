"""Synthesised kits: the circuits of classic drum machines, each time with other component values.

Two recorded 808s are two points; a model that shall follow produced loops needs the space between them. The
voices follow analyses of the TR-808 and 909: a swept sine with a click (bass drum, toms, congas), two modes
and high-passed noise (snare), bursts of band-passed noise (clap), six square waves (hats, cymbals). Werner,
Abel & Smith: "A Physically-Informed, Circuit-Bendable, Digital Model of the Roland TR-808 Bass Drum Circuit"
(DAFx 2014) and "The TR-808 Cymbal: a Physically-Informed, Circuit-Bendable, Digital Model" (ICMC 2014).
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from vaesynth.geometry import NATIVE_LOOP

from .kits import Instrument, Kit, OneShot

RATE = NATIVE_LOOP.sample_rate
LICENCE: Final = "CC0-1.0"
SOURCE: Final = "vaesynth synthesis"
TOTAL_WEIGHT: Final = 3.0
"""Together the synthesised kits are drawn as often as three recorded ones."""
OSCILLATORS: Final = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
"""Hz of the TR-808's six square-wave oscillators."""

Mono = npt.NDArray[np.float64]


def synth_kits(count: int = 24, seed: int = 808) -> list[Kit]:
    """`count` kits named `synth_00` …, every class in each; the same for the same seed."""
    return [
        _kit(f"synth_{i:02d}", np.random.default_rng([seed, i]), TOTAL_WEIGHT / count) for i in range(count)
    ]


def _kit(name: str, rng: Generator, weight: float) -> Kit:
    metal = _metal(rng, 2.4)
    hat_low = rng.uniform(5_000, 9_000)
    noise_share = rng.uniform(0, 0.7)
    shut = _log(rng, 0.015, 0.07)
    closed = _hat(rng, metal, hat_low, noise_share, shut, 0.5)
    opened = _hat(rng, metal, hat_low, noise_share, shut + _log(rng, 0.08, 0.3), 1.6)
    tom = _log(rng, 70, 110)
    sounds = {
        "kick": {"kick": _kick(rng), "kick_long": _kick(rng, long=True)},
        "snare": {"snare": _snare(rng), "snare_tight": _snare(rng)},
        "clap": {"clap": _clap(rng)},
        "rim": {"rim": _rim(rng)},
        "hat_closed": {"closed": closed},
        "hat_open": {"open": opened},
        "tom": {
            f"tom_{i}": _drum(rng, tom * ratio, 0.13, 0.4, 0.1) for i, ratio in enumerate((1.0, 1.45, 2.0))
        },
        "crash": {"crash": _hat(rng, metal, rng.uniform(2_500, 5_000), 0.5, _log(rng, 0.5, 1.0), 2.4)},
        "ride": {"ride": _hat(rng, metal, rng.uniform(3_000, 6_000), 0.2, _log(rng, 0.25, 0.7), 2.0)},
        "perc": {
            "conga": _drum(rng, _log(rng, 180, 330), 0.07, 0.15, 0.1),
            "cowbell": _cowbell(rng),
            "claves": _drum(rng, _log(rng, 1_800, 2_700), 0.03, 0.0, 0.0),
            "shaker": _shaker(rng),
        },
    }
    instruments = {
        sound_class: tuple(
            Instrument(label, name, sound_class, (_shot(name, label, sound),))
            for label, sound in of_class.items()
        )
        for sound_class, of_class in sounds.items()
    }
    return Kit(name, instruments, weight)


def _shot(kit: str, label: str, sound: Mono) -> OneShot:
    sound = sound * np.minimum(1, np.arange(len(sound))[::-1] / 480)
    audio = np.repeat((sound / np.abs(sound).max())[:, None], 2, axis=1)
    return OneShot(audio.astype(np.float32), f"{kit}/{label}", LICENCE, SOURCE)


def _log(rng: Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _time(seconds: float) -> Mono:
    return np.arange(int(seconds * RATE)) / RATE


def _sweep(time: Mono, pitch: float, bend: float, seconds: float, phase: float = 0.0) -> Mono:
    """A sine that falls from `pitch` × (1 + `bend`) to `pitch` Hz with a time constant of `seconds`."""
    cycles = pitch * (time + bend * seconds * (1 - np.exp(-time / seconds)))
    return np.sin(2 * np.pi * cycles + phase)


def _band(sound: Mono, low: float, high: float, order: int = 2) -> Mono:
    """Butterworth band-pass; `low` 0 or `high` at Nyquist leave that side open."""
    from scipy.signal import butter, sosfilt

    if low <= 0:
        filter_ = butter(order, high, "lowpass", fs=RATE, output="sos")
    elif high >= RATE / 2:
        filter_ = butter(order, low, "highpass", fs=RATE, output="sos")
    else:
        filter_ = butter(order, (low, high), "bandpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(filter_, sound), dtype=np.float64)


def _kick(rng: Generator, long: bool = False) -> Mono:
    seconds = _log(rng, 0.3, 0.7) if long else _log(rng, 0.08, 0.25)
    time = _time(min(7 * seconds, 2.0))
    body = _sweep(time, _log(rng, 42, 62), rng.uniform(1.0, 6.0), _log(rng, 0.006, 0.04), rng.uniform(0, 0.5))
    body *= np.exp(-time / seconds) * np.minimum(1, time / 0.001)
    click = _band(rng.standard_normal(len(time)) * np.exp(-time / 0.002), 800, _log(rng, 3_000, 9_000))
    drive = _log(rng, 0.5, 5)
    return np.asarray(np.tanh(drive * body) / np.tanh(drive) + rng.uniform(0.1, 1.0) * click)


def _drum(rng: Generator, pitch: float, seconds: float, bend: float, noise: float) -> Mono:
    seconds *= rng.uniform(0.6, 1.4)
    time = _time(min(7 * seconds, 2.0))
    body = _sweep(time, pitch, bend * rng.uniform(0.5, 1.5), 0.04) * np.exp(-time / seconds)
    hiss = _band(rng.standard_normal(len(time)) * np.exp(-3 * time / seconds), 300, 4_000)
    return np.asarray((body + noise * hiss) * np.minimum(1, time / 0.0007))


def _snare(rng: Generator) -> Mono:
    noise_seconds = _log(rng, 0.05, 0.16)
    time = _time(7 * noise_seconds + 0.1)
    pitch, decay = _log(rng, 150, 240), _log(rng, 0.02, 0.08)
    body = _sweep(time, pitch, rng.uniform(0.1, 0.9), 0.012) * np.exp(-time / decay)
    body += rng.uniform(0.2, 0.8) * _sweep(time, pitch * 1.85, 0.2, 0.01) * np.exp(-time / (0.6 * decay))
    hiss = _band(rng.standard_normal(len(time)), _log(rng, 700, 3_000), _log(rng, 8_000, 18_000))
    hiss *= np.exp(-time / noise_seconds)
    return np.asarray((body + rng.uniform(0.4, 1.6) * hiss) * np.minimum(1, time / 0.0005))


def _clap(rng: Generator) -> Mono:
    tail = _log(rng, 0.04, 0.14)
    time = _time(7 * tail + 0.05)
    envelope = np.zeros_like(time)
    gap = rng.uniform(0.008, 0.014)
    bursts = int(rng.integers(3, 5))
    for i in range(bursts):
        since = time - i * gap * rng.uniform(0.9, 1.1)
        envelope = np.maximum(envelope, np.where(since >= 0, np.exp(-np.maximum(since, 0) / 0.0045), 0))
    since = time - bursts * gap
    envelope = np.maximum(envelope, np.where(since >= 0, 0.7 * np.exp(-np.maximum(since, 0) / tail), 0))
    centre = _log(rng, 900, 1_600)
    noise = rng.standard_normal(len(time))
    body = _band(noise, centre * 0.65, centre * 1.6)
    return np.asarray((body + 0.25 * _band(noise, 2_500, 9_000)) * envelope)


def _rim(rng: Generator) -> Mono:
    time = _time(0.15)
    low, decay = _log(rng, 400, 550), _log(rng, 0.004, 0.012)
    tone = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * low * rng.uniform(3.2, 3.8) * time)
    return _band(np.tanh(3 * tone * np.exp(-time / decay)), 300, 12_000)


def _metal(rng: Generator, seconds: float) -> Mono:
    """Six square waves with the 808's ratios at a random pitch, with each oscillator a little off."""
    frames = int(seconds * RATE)
    pitch = _log(rng, 0.8, 1.9)
    spectrum = np.zeros(frames // 2 + 1, np.complex128)
    for hertz in OSCILLATORS:
        tone = pitch * hertz * rng.uniform(0.97, 1.03)
        # Band-limited: the odd partials below 20 kHz, each in the bin that is nearest to it.
        k = np.arange(1, int(20_000 / tone), 2)
        phases = rng.uniform(0, 2 * np.pi, len(k))
        np.add.at(spectrum, np.round(k * tone * seconds).astype(int), np.exp(1j * phases) / k)
    return np.fft.irfft(spectrum, frames)


def _hat(rng: Generator, metal: Mono, low: float, noise_share: float, seconds: float, longest: float) -> Mono:
    time = _time(min(7 * seconds, longest))
    hiss = rng.standard_normal(len(time))
    tone = metal[: len(time)] / metal.std()
    sound = _band((1 - noise_share) * tone + noise_share * hiss, low, RATE / 2, 3)
    return np.asarray(sound * np.exp(-time / seconds) * np.minimum(1, time / 0.0005))


def _cowbell(rng: Generator) -> Mono:
    time = _time(0.6)
    pitch = _log(rng, 480, 640)
    tone = np.sign(np.sin(2 * np.pi * pitch * time)) + np.sign(np.sin(2 * np.pi * 1.48 * pitch * time))
    envelope = 0.6 * np.exp(-time / 0.012) + 0.4 * np.exp(-time / _log(rng, 0.06, 0.15))
    return np.asarray(_band(tone, 0.9 * pitch, 3_500) * envelope)


def _shaker(rng: Generator) -> Mono:
    time = _time(0.25)
    envelope = np.minimum(time / rng.uniform(0.005, 0.03), 1) * np.exp(-time / _log(rng, 0.015, 0.05))
    hiss = _band(rng.standard_normal(len(time)), _log(rng, 3_500, 6_500), RATE / 2)
    return np.asarray(hiss * envelope)
