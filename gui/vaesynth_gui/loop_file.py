# SPDX-License-Identifier: GPL-3.0-or-later
"""The sounding loop as a WAV file, bar-exact, with its tempo in the name."""

import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from vaesynth.errors import OutputError
from vaesynth.loop import Loop


def suggested_name(model: str, loop: Loop, x: float, y: float) -> str:
    """File name of a loop: model, tempo and pad position, in characters that every file system takes."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", model).strip("-").lower()[:40] or "loop"
    return f"{plain}_{loop.bpm:g}bpm_x{x:+.2f}_y{y:+.2f}.wav"


def write(loop: Loop, path: Path) -> None:
    """Write a loop as 24-bit WAV.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
    """
    import soundfile

    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        soundfile.write(beside, loop.audio, loop.sample_rate, "PCM_24", format="WAV")
        os.replace(beside, path)
    except (OSError, RuntimeError) as e:
        with suppress(OSError):
            beside.unlink()
        raise OutputError(f"{path}: cannot be written ({getattr(e, 'strerror', None) or e}), "
                          "expected a writable folder") from e


def temporary(loop: Loop, name: str) -> Path:
    """Write a loop into a folder of its own that the receiver of a drag may read from.

    Raises:
        OutputError: there is no room.
    """
    try:
        path = Path(tempfile.mkdtemp(prefix="vaesynth-")) / name
    except OSError as e:
        raise OutputError(f"temporary folder: cannot be made ({e.strerror}), expected room for a file") from e
    write(loop, path)
    return path
