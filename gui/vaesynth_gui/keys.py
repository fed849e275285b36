# SPDX-License-Identifier: GPL-3.0-or-later
"""Digit keys by where they are, since on some layouts (French, Czech) they give digits only with Shift."""

import sys

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeyEvent

_SCAN_CODES: dict[str, tuple[int, ...]] = {
    # X11 and Wayland count from 10, Windows from 2; macOS gives virtual keys in an order of its own.
    "linux": tuple(range(10, 19)), "win32": tuple(range(2, 11)),
    "darwin": (18, 19, 20, 21, 23, 22, 26, 28, 25)}


def digit_of(event: QKeyEvent, platform: str = sys.platform) -> int | None:
    """The digit, 1 to 9, of a key of the digit row or of the number pad, whatever Shift makes of it."""
    key = event.key()
    if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
        return key - Qt.Key.Key_0
    code = event.nativeVirtualKey() if platform == "darwin" else event.nativeScanCode()
    codes = _SCAN_CODES.get(platform, ())
    return codes.index(code) + 1 if code in codes and (code or platform == "darwin") else None
