"""OSC packets from the network, read without trust: bounded in size, depth and number of messages."""

from typing import Any

from ..errors import VaesynthError
from .timeline import ControlError

BUNDLE = b"#bundle\0"
MAX_DEPTH = 8
MAX_MESSAGES = 256
MAX_ARGUMENTS = 4096
KNOWN_TYPES = frozenset("ifdhsTFN")
Argument = int | float | str | bool | None


class PacketError(VaesynthError):
    """A packet is no OSC, or larger than anything that is meant for this program."""


def messages(packet: bytes) -> list[tuple[str, tuple[Argument, ...]]]:
    """Addresses and arguments of all messages in a packet, in their order; times of bundles are passed over.

    Raises:
        PacketError: it is no OSC, or exceeds a bound.
        ControlError: python-osc is not installed.
    """
    parts = _messages(packet, 0)
    if len(parts) > MAX_MESSAGES:
        raise PacketError(f"OSC packet has {len(parts)} messages, expected at most {MAX_MESSAGES}")
    return [_message(part) for part in parts]


def _messages(packet: bytes, depth: int) -> list[bytes]:
    """The messages' bytes. Bundles are taken apart here: a size of -4 sends python-osc round for ever."""
    if not packet.startswith(BUNDLE):
        return [packet]
    if depth == MAX_DEPTH:
        raise PacketError(f"OSC bundles lie in each other more than {MAX_DEPTH} deep, expected fewer")
    found, at = [], len(BUNDLE) + 8
    while at < len(packet):
        size = int.from_bytes(packet[at:at + 4], "big")
        at += 4
        if not 0 < size <= len(packet) - at or size % 4:
            raise PacketError(f"part of an OSC bundle has {size} bytes, expected what is there")
        found += _messages(packet[at:at + size], depth + 1)
        at += size
    return found


def _message(data: bytes) -> tuple[str, tuple[Argument, ...]]:
    message_type = osc_message_type()
    if not data.startswith(b"/"):
        raise PacketError("OSC address does not begin with '/', expected one")
    comma = data.find(b",", data.find(b"\0"))
    tags = data[comma + 1:data.find(b"\0", comma)].decode("latin-1") if comma >= 0 else ""
    if len(tags) > MAX_ARGUMENTS or not KNOWN_TYPES.issuperset(tags):
        raise PacketError(f"OSC arguments are {tags[:40]!r}, expected at most {MAX_ARGUMENTS} of the types "
                          + "".join(sorted(KNOWN_TYPES)))
    try:
        message = message_type(data)
        return str(message.address), tuple(message.params)
    except Exception as e:  # whatever a parser raises on what strangers send
        raise PacketError(f"OSC message cannot be read ({e}), expected address, types and arguments") from e


def osc_message_type() -> Any:
    """python-osc's class of messages, loaded when first needed.

    Raises:
        ControlError: it is not installed.
    """
    try:
        from pythonosc.osc_message import OscMessage
    except ImportError as e:
        raise ControlError("OSC is switched on, expected the package python-osc to be installed "
                           "(pip install 'vaesynth[control]')") from e
    return OscMessage
