"""Memory that a process takes, shared pages divided among those who share them."""

import contextlib
from pathlib import Path


def pss_bytes(process: int | str) -> int | None:
    """Proportional set size of a process (its number, or "self"); None where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return None


def jack_bytes(process: int | str) -> int:
    """How much of that is a share in the JACK server's own memory, which it locks into each client: its table
    of ports, 105 MB by default. 0 for other sound systems.
    """
    found, jack = 0, False
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
            first, *rest = line.split(None, 5)
            if not first.endswith(":"):  # the head of a mapping: its addresses, and at last its file
                jack = len(rest) == 5 and Path(rest[4]).name.startswith("jack-")
            elif jack and first == "Pss:":
                found += 1024 * int(rest[0])
    return found
