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
