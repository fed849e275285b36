"""What every source of time tells the audio server, and what it is told."""

from typing import NamedTuple, Protocol

from ..errors import VaesynthError


class ControlError(VaesynthError):
    """A source or target of control cannot be used; the message names it and what was expected."""


class Timeline(NamedTuple):
    """Somebody else's time.

    Attributes:
        time: a moment (time.monotonic).
        beat: the beat that should be heard at that moment.
        bpm: the tempo.
        quantum: beats after which a beat means the same; 0 where beats are absolute.
        playing: whether they play; None where they have no say in that.
        start: counts their starts.
        start_beat: where the last start began.
        phase: whether `beat` means something; else only the tempo is followed.
    """

    time: float
    beat: float
    bpm: float
    quantum: int = 0
    playing: bool | None = None
    start: int = 0
    start_beat: float = 0.0
    phase: bool = True


class OurTime(NamedTuple):
    """The server's own time.

    Attributes:
        time: a moment (time.monotonic).
        beat: the beat that is heard at that moment, output latency and the user's offset counted in.
        bpm: the tempo.
        playing: the transport runs.
        beats_per_bar: the meter.
        latency: of the output, in seconds.
    """

    time: float = 0.0
    beat: float = 0.0
    bpm: float = 120.0
    playing: bool = False
    beats_per_bar: int = 4
    latency: float = 0.0


class TimeSource(Protocol):
    """Somebody to be in time with. All methods are called from one thread, and none waits."""

    @property
    def peers(self) -> int:
        """How many others there are."""

    @property
    def notice(self) -> str | None:
        """What a person should know, else None."""

    def poll(self, ours: OurTime) -> Timeline | None:
        """Their time now; None while there is none."""

    def set_tempo(self, bpm: float) -> None:
        """The user has set the tempo."""

    def set_playing(self, playing: bool) -> None:
        """The user has started or stopped."""

    def close(self) -> None:
        """Leave them."""
