"""What the musician has set, as one value that never changes."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from ..chain import MAX_BARS
from ..metronome import Metronome
from ..shaping import NEUTRAL, Shaping
from ..tempo import Quantise, TempoMode

MAX_PATH_POINTS = 20_000
MAX_OWN_LOOPS = 256
MAX_LATENT = 4096
MAX_CHAIN = MAX_BARS
MAX_HOLDS = 16
"""Latent groups that a snapshot may hold."""
SLOTS = range(1, 10)
"""Snapshot numbers: the digit keys."""


@dataclass(frozen=True)
class Snapshot:
    """A place to come back to.

    Attributes:
        x, y: pad position in [-1, 1].
        macros: value of each macro that was moved, by name.
        holds: for each latent group that the pad leaves alone, the place that it is taken from; that one
            holds nothing itself.
    """

    x: float
    y: float
    macros: Mapping[str, float] = field(default_factory=dict)
    holds: Mapping[str, "Snapshot"] = field(default_factory=dict)

    def fitting(self, macros: Container[str], groups: Container[str]) -> "Snapshot":
        """Without the macros and the groups that a model lacks."""
        return replace(self, macros={name: v for name, v in self.macros.items() if name in macros},
                       holds={group: place for group, place in self.holds.items() if group in groups})


@dataclass(frozen=True)
class OwnLoop:
    """A loop of the musician's own that was encoded: its name, its place on the pad, and its latent."""

    name: str
    x: float
    y: float
    z: tuple[float, ...] = ()


@dataclass(frozen=True)
class Corner:
    """A loop pinned to a corner of the pad: its name and its latent."""

    name: str
    z: tuple[float, ...]


@dataclass(frozen=True)
class Session:
    """The whole state of the instrument as the musician left it.

    Attributes:
        model: path or name of the model file, None for the bundled one.
        x, y: pad position in [-1, 1].
        macros: value of each macro that was moved.
        lock: latent group that the pad leaves alone; `held` is the place that the group is taken from.
        bpm: tempo; `volume` in dB, -60 is silence; `swing` in %, 50 (straight) to 75.
        metronome: whether, and where, a click is heard.
        quantise, tempo_mode: see `tempo`.
        bars: length of the loop, 1, 2 or 4 bars; None is the model's own.
        playing: the transport runs.
        snapshots: by slot, 1 to 9.
        morph_beats: time of a morph to a snapshot in beats, 0 jumps.
        path: a recorded gesture, (beat, x, y) from beat 0 on; `path_beats` is its length.
        path_playing: the recorded gesture runs.
        path_speed: how fast it runs, 1 as recorded.
        chain: places (x, y) of the pad that can be played as a sequence of bars, at most `MAX_CHAIN`.
        chaining: the chain sounds, and not the puck's place.
        own_loops: dropped on the pad, for this model.
        corners: loops pinned to the pad's corners (0 bottom left, 1 bottom right, 2 top left, 3 top right).
        mutation: standard deviation of a mutation's step in pad units, 0.02 to 0.5.
        a, b: the two ends of the morph slider, `mix` 0 to 1 is where it stands.
        shaping: of the sound, see `shaping`.
        closed: the window was closed by hand; False after a crash.
    """

    model: str | None = None
    x: float = 0.0
    y: float = 0.0
    macros: Mapping[str, float] = field(default_factory=dict)
    lock: str | None = None
    held: Snapshot | None = None
    bpm: float = 120.0
    volume: float = -6.0
    swing: float = 50.0
    metronome: Metronome = Metronome.OFF
    quantise: Quantise = Quantise.SIXTEENTH
    tempo_mode: TempoMode = TempoMode.SLICES
    bars: int | None = None
    playing: bool = False
    snapshots: Mapping[int, Snapshot] = field(default_factory=dict)
    morph_beats: float = 1.0
    path: tuple[tuple[float, float, float], ...] = ()
    path_beats: float = 0.0
    path_playing: bool = False
    path_speed: float = 1.0
    chain: tuple[tuple[float, float], ...] = ()
    chaining: bool = False
    own_loops: tuple[OwnLoop, ...] = ()
    corners: Mapping[int, Corner] = field(default_factory=dict)
    mutation: float = 0.12
    a: Snapshot | None = None
    b: Snapshot | None = None
    mix: float = 0.0
    shaping: Shaping = NEUTRAL
    closed: bool = False

    @property
    def place(self) -> Snapshot:
        """What the pad plays now, to come back to."""
        holds = {self.lock: self.held} if self.lock is not None and self.held is not None else {}
        return Snapshot(self.x, self.y, dict(self.macros), holds)


def as_closed(session: Session) -> Session:
    """The session to keep when the window is closed by hand: it will reopen here, but silent."""
    return replace(session, playing=False, path_playing=False, closed=True)
