"""The control block: all records that desk and server share, in one file."""

from pathlib import Path

from .hits import HitRing
from .mapped import LAYOUT, create_file, open_map
from .records import Health, Orders, RecordOrders, RecordReport, Report, SyncOrders, SyncReport
from .register import Register


class Control:
    """The control block: orders from the desk, report and health from the server.

    Args:
        path: the file, made by `create`.

    Raises:
        DeviceError: the file is of another version of this program.
    """

    SIZE = 16384

    def __init__(self, path: Path) -> None:
        self._map = open_map(path, LAYOUT)
        offset = 64
        self.orders = Register(self._map, offset, Orders, "?qQdBIiQ?dQQQqHB")
        offset += self.orders.size
        self.report = Register(self._map, offset, Report, "QQddqdQ?ffQQQdIiIiIi")
        offset += self.report.size
        self.health = Register(self._map, offset, Health, "BIdIII128s512s")
        offset += self.health.size
        self.sync = Register(self._map, offset, SyncOrders, "???d128s128s")
        offset += self.sync.size
        self.sync_report = Register(self._map, offset, SyncReport, "QBI?d512s")
        offset += self.sync_report.size
        self.hits = HitRing(self._map, offset)
        offset += HitRing.SIZE
        self.record = Register(self._map, offset, RecordOrders, "Q1024s")
        offset += self.record.size
        self.record_report = Register(self._map, offset, RecordReport, "QBQQ1024s512s")

    @classmethod
    def create(cls, path: Path) -> "Control":
        """Make the file and open it."""
        create_file(path, LAYOUT, cls.SIZE)
        return cls(path)
