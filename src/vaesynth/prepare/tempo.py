"""Tempo and meter of a loop: from its name, or from its sound and length."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .onsets import STEPS_PER_SECOND, OnsetStrength

MIN_BPM, MAX_BPM = 40.0, 300.0
"""What a name, a table or an option may say."""

LOW_BPM, HIGH_BPM = 50.0, 220.0
"""What is looked for where nothing says it."""

_BPM = r"(\d{2,3}(?:[.,]\d{1,3})?)"
_NAMED = re.compile(rf"(?<![\d.]){_BPM}[\s_-]*bpm|bpm[\s_-]*{_BPM}(?!\d)", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.#])(\d{2,3})(?!\d|\.\d)")
_METER = re.compile(r"(?<![\d-])(2|3|4|5|6|7|9|12)-(4|8)(?![\d-])")

# Weights of the evidence, chosen on 127 loops of known tempo: nine of ten come out right, most others at half
# or double tempo, which many a beat bears as well.
_SIXTEENTHS, _TRIPLETS, _BEATS = 4.0, 3.0, 4.0
_USUAL_BPM, _OCTAVES = 115.0, 0.4
_LENGTH = 2.5
_WHOLE = 0.5


def tempo_in_name(name: str) -> float | None:
    """The tempo that a file name states with the letters BPM: `loop_05 77 BPM.wav` → 77."""
    for match in _NAMED.finditer(name):
        bpm = float((match[1] or match[2]).replace(",", "."))
        if MIN_BPM <= bpm <= MAX_BPM:
            return bpm
    return None


def tempo_by_number(name: str, seconds: float) -> float | None:
    """A bare number in a file name that can be its tempo: the file then lasts a whole number of bars of 4/4.

    `80_HH_Groove_38.wav` of 6.015 s → 80, as that makes 8.02 beats. Any other number is taken for numbering.
    """
    for match in _NUMBER.finditer(name):
        bpm = float(match[1])
        bars = seconds * bpm / 240
        if LOW_BPM <= bpm <= HIGH_BPM and round(bars) >= 1 and abs(bars / round(bars) - 1) < 0.01:
            return bpm
    return None


def meter_in_name(name: str) -> tuple[int, int] | None:
    """The meter that a file name states with a hyphen: `waltz 3-4.wav` → (3, 4)."""
    match = _METER.search(name)
    return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class TempoEstimate:
    """What the sound of a loop says of its tempo.

    Attributes:
        bpm: beats per minute.
        beats: whole number of beats that the file lasts, or None where it seems to be no whole number.
    """

    bpm: float
    beats: int | None


def estimate_tempo(strength: OnsetStrength, beats_per_bar: int = 4) -> TempoEstimate:
    """The tempo whose grid the hits keep best.

    Every whole number of beats that the file may last is scored: by how much of the onset strength recurs
    with the beat, its quarters and its thirds (Fourier tempogram: Grosche, Müller and Kurth 2010), by how
    usual the tempo is, and by how usual the length (a power of two of bars before others). Tempi that make
    no whole number of beats are scored too; one of them wins only with clearly better evidence.

    Args:
        strength: onset strength of the whole file.
        beats_per_bar: meter.
    """
    longest = max(1, int(HIGH_BPM * strength.seconds / 60))
    beats = np.arange(1, longest + 1)
    bpms = 60 * beats / strength.seconds
    sensible = bpms >= LOW_BPM
    if not sensible.any():
        sensible[-1] = True
    beats, bpms = beats[sensible], bpms[sensible]
    tempogram = _Tempogram(strength)
    whole = tempogram.evidence(bpms) - _LENGTH * _unusual(beats, beats_per_bar)
    best = int(np.argmax(whole))
    free_bpms = np.geomspace(LOW_BPM, HIGH_BPM, 1500)
    free = tempogram.evidence(free_bpms)
    best_free = int(np.argmax(free))
    # Below two bars or so the ear, too, takes a loop for whole.
    if strength.seconds > 3 and free[best_free] - tempogram.evidence(bpms[best:best + 1])[0] > _WHOLE:
        return TempoEstimate(float(free_bpms[best_free]), None)
    return TempoEstimate(float(bpms[best]), int(beats[best]))


def prefer(strength: OnsetStrength, first: float, second: float) -> float:
    """Which of two close tempi the hits keep better; the first where they are equal."""
    evidence = _Tempogram(strength).evidence(np.array([first, second]))
    return second if evidence[1] > evidence[0] else first


def _unusual(beats: npt.NDArray[np.int64], beats_per_bar: int) -> npt.NDArray[np.float64]:
    bars = beats / beats_per_bar
    return np.select([bars % 4 == 0, bars % 2 == 0, bars % 1 == 0, bars == 0.5], [0.0, 0.1, 0.25, 0.5], 0.7)


class _Tempogram:
    """Share of the onset strength that recurs at a frequency: |Fourier coefficient| / sum."""

    def __init__(self, strength: OnsetStrength) -> None:
        # Padding interpolates the spectrum to steps finer than the resolution of any loop.
        size = max(1 << 17, 4 << (len(strength.values) - 1).bit_length())
        self._step = STEPS_PER_SECOND / size
        values = strength.values
        self._spectrum = np.abs(np.fft.rfft(values - values.mean(), size)) / max(float(values.sum()), 1e-9)

    def evidence(self, bpms: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        def recurring(per_beat: int) -> npt.NDArray[np.float64]:
            return self._spectrum[np.round(bpms / 60 * per_beat / self._step).astype(np.int64)]
        usual = np.log2(bpms / _USUAL_BPM) / _OCTAVES
        return np.asarray(_SIXTEENTHS * recurring(4) + _TRIPLETS * recurring(3) + _BEATS * recurring(1)
                          - usual**2 / 2)
