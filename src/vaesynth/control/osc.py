"""OSC in: UDP messages become calls of a surface. The addresses stand in docs/osc.md."""

import contextlib
import math
import socket
from collections.abc import Sequence

from ..errors import VaesynthError
from ..repeating import Repeating
from ..slicing import MAX_SLICES
from .osc_packets import Argument, PacketError, messages, osc_message_type
from .parameters import find, slug
from .surface import Surface
from .timeline import ControlError

PREFIX = "/vaesynth/"
LARGEST = 65_536
POLL_SECONDS = 0.2
LARGEST_LATENT = 100.0
"""Latents lie round 0 with a deviation of about 1."""


class OscInput:
    """Listens on a UDP port, in a thread of its own.

    Args:
        host: address to bind to; 127.0.0.1 hears this machine alone.
        port: its number; 0 takes a free one.
        surface: what is played.

    Attributes:
        port: the number of the port.
        heard, refused: messages that were carried out, and packets or messages of no use.
        fault: why the last one was of no use, else None.

    Raises:
        ControlError: the port is taken, or python-osc is not installed.
    """

    def __init__(self, host: str, port: int, surface: Surface) -> None:
        osc_message_type()
        self._surface = surface
        self.heard = self.refused = 0
        self.fault: str | None = None
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((host, port))
        except OSError as e:
            self._socket.close()
            raise ControlError(f"OSC port {port} at {host} cannot be opened ({e.strerror}), expected a free "
                               "one at an address of this machine") from e
        self._socket.settimeout(POLL_SECONDS)
        self.port = int(self._socket.getsockname()[1])
        self._listening = Repeating("vaesynth-osc", self._listen)

    def close(self) -> None:
        """Close the port."""
        self._listening.close()
        self._socket.close()

    def _listen(self) -> float:
        # An error is silence, or the answer that a target of ours does not listen.
        with contextlib.suppress(OSError):
            self.receive(self._socket.recv(LARGEST))
        return 0.0

    def receive(self, packet: bytes) -> None:
        """Carry out a packet; what is of no use is counted, and changes nothing."""
        try:
            found = messages(packet)
        except PacketError as e:
            self.refused, self.fault = self.refused + 1, str(e)
            return
        for address, arguments in found:
            try:
                perform(self._surface, address, arguments)
                self.heard += 1
            except VaesynthError as e:
                self.refused, self.fault = self.refused + 1, f"OSC {address[:60]}: {e}"


def perform(surface: Surface, address: str, arguments: Sequence[Argument]) -> None:
    """Carry out one message.

    Raises:
        ControlError: the address or the arguments mean nothing.
        SettingError: a value is of no use.
    """
    if not address.startswith(PREFIX):
        raise ControlError(f"address is none of this program, expected it to begin with {PREFIX}")
    name = address.removeprefix(PREFIX)
    match name.split("/"):
        case ["pad"]:
            x, y = _numbers(arguments, 2)
            surface.move_to(x, y)
        case ["pad", group]:
            x, y = _numbers(arguments, 2)
            surface.move_group(group, x, y)
        case ["z"]:
            z = _numbers(arguments, None)
            if any(abs(v) > LARGEST_LATENT for v in z):
                raise ControlError(f"a latent is beyond {LARGEST_LATENT:g}, expected values round 0")
            surface.set_latent(z)
        case ["chain"] if len(arguments) > 1:
            places = _numbers(arguments, None)
            if len(places) % 2:
                raise ControlError(f"chain has {len(places)} numbers, expected pairs of x and y")
            surface.chain(list(zip(places[::2], places[1::2], strict=True)))
        case ["slice"]:
            number, velocity = _numbers([*arguments, 1.0][:2], 2)
            if len(arguments) > 2 or not 1 <= number <= MAX_SLICES:
                raise ControlError(f"slice is {number:g}, expected a number from 1 and how hard, 0 to 1")
            surface.play_slice(int(number) - 1, min(max(velocity, 0.0), 1.0))
        case ["macro" | "lock" | "mute" | "solo" as kind] if arguments and isinstance(arguments[0], str):
            # A name of the model as it is, where an address cannot hold it.
            _set(surface, f"{kind}/{slug(arguments[0])}", arguments[1:])
        case ["snapshot" | "store" as kind] if arguments:
            slot, = _numbers(arguments, 1)
            surface.set(f"{kind}/{slot:g}", 1.0)
        case _:
            _set(surface, name, arguments)


def _set(surface: Surface, name: str, arguments: Sequence[Argument]) -> None:
    parameter = find(surface.parameters, name)
    # A button without a value is a push.
    given = list(arguments) or [1.0]
    if isinstance(given[0], str):
        given[0] = parameter.number(given[0])
    value, = _numbers(given, 1)
    # OSC's usual float has seven digits: 97.3 comes as 97.30000305.
    surface.set(name, round(value, 4))


def _numbers(arguments: Sequence[Argument], count: int | None) -> list[float]:
    try:
        numbers = [float(a) for a in arguments if a is not None and not isinstance(a, str)]
    except OverflowError:
        numbers = []
    if len(numbers) != len(arguments) or (count is not None and len(numbers) != count):
        raise ControlError(f"{len(arguments)} arguments, expected {count or 'only'} numbers")
    if not all(map(math.isfinite, numbers)):
        raise ControlError("an argument is not finite, expected numbers")
    return numbers
