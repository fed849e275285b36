"""With whom the transport keeps time."""

import math
from dataclasses import dataclass

from ..errors import SettingError

MOST_OFFSET_MS = 100.0
MOST_NAME_BYTES = 128


@dataclass(frozen=True)
class SyncSettings:
    """Everything is off until it is switched on. One of `link`, `clock_in` and `jack` leads at a time.

    Attributes:
        link: take part in the Ableton Link session of the local network.
        link_start_stop: share starting and stopping in it, too.
        clock_in: part of the name of the MIDI port whose clock is followed, None for none.
        clock_out: part of the name of the MIDI port that is sent the clock, None for none.
        jack: follow JACK transport.
        offset_ms: added to the output latency that the device reports, -100 to 100; positive plays earlier.

    Raises:
        SettingError: two are to lead, or a value is out of range.
    """

    link: bool = False
    link_start_stop: bool = True
    clock_in: str | None = None
    clock_out: str | None = None
    jack: bool = False
    offset_ms: float = 0.0

    def __post_init__(self) -> None:
        leaders = [name for name in ("link", "clock_in", "jack") if getattr(self, name)]
        if len(leaders) > 1:
            raise SettingError(f"{' and '.join(leaders)} are both to lead the tempo, expected one of them")
        if not (math.isfinite(self.offset_ms) and abs(self.offset_ms) <= MOST_OFFSET_MS):
            raise SettingError(f"offset is {self.offset_ms:g} ms, expected -100 to 100 ms")
        for name in ("clock_in", "clock_out"):
            check_port_name(name, getattr(self, name))


def check_port_name(name: str, port: str | None) -> None:
    """Raises a `SettingError` where `port` is neither None nor a possible part of a MIDI port's name."""
    if port is not None and not 0 < len(port.encode()) < MOST_NAME_BYTES:
        raise SettingError(f"{name} has {len(port.encode())} bytes, expected a part of a port's name")
