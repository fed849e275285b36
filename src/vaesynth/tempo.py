"""Musical time: a beat clock without drift, and the grid that changes are held to."""

import enum
import math

from .errors import SettingError

MIN_BPM = 40.0
MAX_BPM = 240.0
MICRO = 1_000_000
"""Tempo is kept in whole millionths of a BPM, so that every position is a whole number of clock units."""


class Quantise(enum.Enum):
    """When a new loop takes over: at once, or on the next line of a grid."""

    OFF = "off"
    SIXTEENTH = "1/16"
    EIGHTH = "1/8"
    BEAT = "beat"
    BAR = "bar"
    LOOP = "loop"


class TempoMode(enum.Enum):
    """How a loop follows a tempo that is not its own.

    SLICES moves its slices and leaves every attack as it is, STRETCH keeps the pitch of all, REPITCH plays
    faster or slower like a record.
    """

    SLICES = "slices"
    STRETCH = "stretch"
    REPITCH = "repitch"


def check_bpm(bpm: float) -> float:
    """The tempo itself, if it lies within `MIN_BPM` and `MAX_BPM`.

    Raises:
        SettingError: it does not.
    """
    if not (math.isfinite(bpm) and MIN_BPM <= bpm <= MAX_BPM):
        raise SettingError(f"tempo is {bpm:g} BPM, expected {MIN_BPM:g} to {MAX_BPM:g} BPM")
    return float(bpm)


class BeatClock:
    """Counts beats from frames in whole numbers: exact after any number of frames and tempo changes.

    One unit is the part of a beat that passes in one frame at a millionth of a BPM, so a frame is worth
    `micro_bpm` units and a beat is `60 · 10⁶ · sample_rate` units.

    Attributes:
        position: units since the start, the time of the next frame to be played.
        micro_bpm: tempo in millionths of a BPM.
        bend: units a frame on top of the tempo, while the phase is being moved.
        units_per_beat: length of a beat in units.
    """

    def __init__(self, sample_rate: int, bpm: float = 120.0) -> None:
        self.sample_rate = sample_rate
        self.units_per_beat = 60 * MICRO * sample_rate
        self.position = 0
        self.micro_bpm = round(bpm * MICRO)
        self.bend = 0

    @property
    def step(self) -> int:
        """Units that the next frame lasts."""
        return self.micro_bpm + self.bend

    @property
    def bpm(self) -> float:
        """Tempo in beats per minute."""
        return self.micro_bpm / MICRO

    @property
    def beats(self) -> float:
        """Position in beats."""
        return self.position / self.units_per_beat

    def set_tempo(self, bpm: float) -> None:
        """Change the tempo from the next frame on."""
        self.micro_bpm = round(bpm * MICRO)

    def advance(self, frames: int) -> None:
        """Let `frames` frames pass."""
        self.position += frames * self.step

    def frames_until(self, position: int) -> int:
        """Frames from now to the first frame at or after `position` (units); 0 where that is now or past."""
        return max(0, -((self.position - position) // self.step))

    def next_line(self, grid: int) -> int:
        """Position in units of the first multiple of `grid` (units) at or after now."""
        return -(-self.position // grid) * grid


def grid_units(quantise: Quantise, units_per_beat: int, beats: int, beats_per_bar: int) -> int:
    """Distance of the lines of a quantise setting in clock units; 0 for OFF.

    Args:
        quantise: the setting.
        units_per_beat: of the clock.
        beats: length of the sounding loop.
        beats_per_bar: its meter.
    """
    if quantise is Quantise.OFF:
        return 0
    if quantise is Quantise.LOOP:
        return beats * units_per_beat
    if quantise is Quantise.BAR:
        return beats_per_bar * units_per_beat
    return units_per_beat // {Quantise.BEAT: 1, Quantise.EIGHTH: 2, Quantise.SIXTEENTH: 4}[quantise]
