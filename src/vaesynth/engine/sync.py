"""With whom the transport keeps time, as the desk sets and sees it."""

import math
from dataclasses import dataclass

from ..errors import SettingError
from ..server.shared import Control, SyncOrders, SyncReport

MOST_OFFSET_MS = 100.0
KINDS = (None, "link", "midi", "jack")
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
            port = getattr(self, name)
            if port is not None and not 0 < len(port.encode()) < MOST_NAME_BYTES:
                raise SettingError(f"{name} has {len(port.encode())} bytes, expected a part of a port's name")


@dataclass(frozen=True)
class SyncStatus:
    """How keeping time goes.

    Attributes:
        source: "link", "midi", "jack", or None.
        peers: how many others there are.
        following: there is a time to follow.
        error_ms: by how much this program was late at the last block (negative: early).
        notice: what a person should know, else None.
    """

    source: str | None = None
    peers: int = 0
    following: bool = False
    error_ms: float = 0.0
    notice: str | None = None


class Sync:
    """Writes the orders for the server's sync thread, and reads its reports.

    Args:
        control: the server's control block.
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        newest = control.sync.read()
        self.settings = _settings(newest[1]) if newest else SyncSettings()

    def set(self, settings: SyncSettings) -> None:
        """Keep time with these from now on."""
        self.settings = settings
        self._control.sync.write(SyncOrders(
            settings.link, settings.link_start_stop, settings.jack, settings.offset_ms / 1000,
            (settings.clock_in or "").encode(), (settings.clock_out or "").encode()))

    def status(self) -> SyncStatus:
        """How it goes now; nobody is there before the server has seen the orders."""
        newest = self._control.sync_report.read()
        report = newest[1] if newest else SyncReport()
        if report.seen < self._control.sync.version:
            return SyncStatus()
        return SyncStatus(KINDS[report.kind], report.peers, report.following, 1000 * report.error,
                          report.message.rstrip(b"\0").decode(errors="replace") or None)


def _settings(orders: SyncOrders) -> SyncSettings:
    clock_in, clock_out = (value.rstrip(b"\0").decode(errors="replace") or None
                           for value in (orders.clock_in, orders.clock_out))
    return SyncSettings(orders.link, orders.link_start_stop, clock_in, clock_out, orders.jack,
                        round(1000 * orders.offset, 3))
