"""With whom the transport keeps time, as the desk sets and sees it."""

from dataclasses import dataclass

from ..control.sync_settings import SyncSettings
from ..server.control import Control
from ..server.records import SyncOrders, SyncReport

KINDS = (None, "link", "midi", "jack")


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
