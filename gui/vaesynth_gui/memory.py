# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory that is free goes back to the system now and then."""

import ctypes
import sys
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer

EVERY_MS = 5_000


class Tidy(QObject):
    """Asks glibc to return what it keeps of loops that were let go; other C libraries do that by themselves.

    To return each loop at once would cost a tenth of a decode for new pages.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        trim = _malloc_trim()
        self._timer = QTimer(self)
        if trim is not None:
            self._timer.timeout.connect(lambda: trim(0))
            self._timer.start(EVERY_MS)

    def close(self) -> None:
        """Ask no more."""
        self._timer.stop()


def _malloc_trim() -> Callable[[int], int] | None:
    if sys.platform == "linux":
        try:
            return ctypes.CDLL(None).malloc_trim
        except (AttributeError, OSError):
            pass  # another C library
    return None
