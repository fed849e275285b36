"""A recording under another name, with its take."""

import contextlib
import os
import shutil
from pathlib import Path

from ..errors import OutputError, in_words

TAKE_SUFFIX = ".take"


def copy_take(recording: Path, path: Path) -> list[Path]:
    """Copy a recording, and the take beside it where there is one, under another name.

    Args:
        recording: WAV file.
        path: of the copy; its folder exists.

    Returns:
        The files written.

    Raises:
        OutputError: a file cannot be read or written.
    """
    written = []
    for suffix in (recording.suffix, TAKE_SUFFIX):
        source, target = recording.with_suffix(suffix), path.with_suffix(suffix)
        if not source.is_file() or (target.exists() and target.samefile(source)):
            continue
        beside = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            shutil.copyfile(source, beside)
            os.replace(beside, target)
        except OSError as e:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise OutputError(f"{target} cannot be written ({in_words(e)}), expected a writable place") from e
        written.append(target)
    return written
