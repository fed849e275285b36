"""OSC packets that nobody should send: noise, broken messages, values beyond all ranges."""

import math
import random
from collections.abc import Sequence
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder

ODD = [math.nan, math.inf, -math.inf, 1e300, -1e300, 2**62, -(2**31), 0, 1, 0.5, True, None, "", "left"]


def message(address: str, *arguments: Any) -> bytes:
    """A message's bytes."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        wide = isinstance(argument, float) and abs(argument) > 1e38
        builder.add_arg(argument, "d" if wide else None)
    return builder.build().dgram


def bundle(*parts: bytes) -> bytes:
    """A bundle's bytes."""
    return b"#bundle\0" + bytes(8) + b"".join(len(p).to_bytes(4, "big") + p for p in parts)


def packet(rng: random.Random, addresses: Sequence[str]) -> bytes:
    """The next one: a fifth is noise, three tenths are broken, the rest is whole but may hold nonsense."""
    kind = rng.random()
    if kind < 0.2:
        return rng.randbytes(rng.randrange(80))
    arguments = [rng.choice([*ODD, rng.uniform(-300, 300)]) for _ in range(rng.randrange(4))]
    data = message(rng.choice(addresses), *arguments)
    if kind < 0.3:
        data = bundle(data, *([data] * rng.randrange(3)))
    if kind < 0.6:
        broken = bytearray(data)
        for _ in range(rng.randrange(1, 6)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        data = bytes(broken[:rng.randrange(1, len(broken) + 1)])
    return data
