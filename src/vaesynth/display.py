"""Whether a window can be opened, asked before Qt is: without a screen that aborts the process."""

import os
import socket
import sys
from collections.abc import Mapping

SCREENLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")
"""Qt platforms that need no display server."""
TIMEOUT = 2.0
"""Seconds to wait for an X server."""


def missing_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Why no window can be opened, in a few words; None where one can.

    Args:
        environment: variables such as `DISPLAY`, `WAYLAND_DISPLAY` and `QT_QPA_PLATFORM`.
        platform: as `sys.platform`; Windows and macOS always have a screen.
    """
    if platform in ("win32", "darwin"):
        return None
    if environment.get("QT_QPA_PLATFORM", "").split(":")[0] in SCREENLESS:
        return None
    if environment.get("WAYLAND_DISPLAY"):
        return None
    name = environment.get("DISPLAY", "")
    if not name:
        return "there is no screen"
    return None if _answers(name) else f"the screen {name} does not answer"


def _answers(name: str) -> bool:
    """Whether an X server listens at `[host]:number[.screen]`."""
    host, _, number = name.rpartition(":")
    number = number.split(".")[0]
    if host in ("", "unix"):
        path = f"/tmp/.X11-unix/X{number}"
        # Linux servers may listen on the abstract socket alone.
        return any(_connects(socket.AF_UNIX, address) for address in (path, f"\0{path}"))
    if not number.isdecimal() or int(number) > 59535:
        return os.path.exists(name)  # XQuartz and the like name a socket
    return _connects(socket.AF_INET, (host, 6000 + int(number)))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(TIMEOUT)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
