"""Memory that a process takes, shared pages divided among those who share them."""

import contextlib
from collections.abc import Callable
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
    return _mapped(process, lambda file: file.name.startswith("jack-"))


def library_bytes(process: int | str) -> int:
    """How much of that is libraries and programs: the more processes use them, the less does each one count
    of their pages.
    """
    return _mapped(process, lambda file: ".so" in file.suffixes or file.parent.name == "bin")


def _mapped(process: int | str, wanted: Callable[[Path], bool]) -> int:
    """PSS of the mappings of some files."""
    found, counts = 0, False
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
            first, *rest = line.split(None, 5)
            if not first.endswith(":"):  # the head of a mapping: its addresses, and at last its file
                counts = len(rest) == 5 and wanted(Path(rest[4]))
            elif counts and first == "Pss:":
                found += 1024 * int(rest[0])
    return found
