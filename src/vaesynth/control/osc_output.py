"""OSC out: position, beat, level and faults, for lights, visuals and controllers that show them."""

import contextlib
import math
import socket
import time
from collections.abc import Callable
from typing import Any

from ..engine.status import EngineStatus
from ..repeating import Repeating
from .osc import PREFIX
from .settings import send_address
from .timeline import ControlError

ROUND_SECONDS = 0.01
PICTURE_SECONDS = 1 / 30
"""Time between two messages of position and level."""
REPEAT_SECONDS = 1.0
"""What changes seldom is repeated this often, for those who come later and for packets that are lost."""


class OscOutput:
    """Sends what goes on to one address, in a thread of its own.

    Args:
        target: "host:port".
        status: tells how things stand.

    Raises:
        ControlError: the host is not known, or python-osc is not installed.
    """

    def __init__(self, target: str, status: Callable[[], EngineStatus]) -> None:
        try:
            from pythonosc.osc_message_builder import build_msg
        except ImportError as e:
            raise ControlError("OSC is switched on, expected the package python-osc to be installed "
                               "(pip install 'vaesynth[control]')") from e
        self._build: Callable[..., Any] = build_msg
        self._status = status
        host, port = send_address(target)
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        except (OSError, UnicodeError) as e:
            raise ControlError(f"OSC target is {target!r}, expected a host that is known") from e
        self._address: Any = found[4]
        self._socket = socket.socket(found[0], found[1])
        self._socket.setblocking(False)
        self._told: dict[str, tuple[float, tuple[float | int, ...]]] = {}
        self._sending = Repeating("vaesynth-osc-out", self._go_on)

    def close(self) -> None:
        """Send no more."""
        self._sending.close()
        self._socket.close()

    def _go_on(self) -> float:
        with contextlib.suppress(OSError):  # the engine's folder may be on its way out
            self._tell(self._status(), time.monotonic())
        return ROUND_SECONDS

    def _tell(self, status: EngineStatus, now: float) -> None:
        whole = math.floor(status.beat)
        self._send("playing", now, REPEAT_SECONDS, int(status.playing))
        self._send("tempo", now, REPEAT_SECONDS, round(status.bpm, 3))
        self._send("xruns", now, REPEAT_SECONDS, status.xruns)
        if status.playing:
            # At once where a new beat begins, and then no more.
            self._send("beat", now, math.inf, whole + 1)
        else:
            self._told.pop("beat", None)
        self._send("position", now, PICTURE_SECONDS, float(status.beat), at_once=False)
        self._send("level", now, PICTURE_SECONDS, *map(float, status.peak), at_once=False)

    def _send(self, name: str, now: float, every: float, *values: float | int, at_once: bool = True) -> None:
        """Send where the values are new (if `at_once`) or were told longer ago than `every` seconds."""
        when, before = self._told.get(name, (-math.inf, ()))
        if now - when < every and not (at_once and values != before):
            return
        self._told[name] = now, values
        with contextlib.suppress(OSError):  # nobody listens there, or the network is down: it may come back
            self._socket.sendto(self._build(PREFIX + name, list(values)).dgram, self._address)
