"""Where recordings go that nobody named."""

from datetime import datetime
from pathlib import Path

import platformdirs

from .folders import make_folder


def recordings_folder() -> Path:
    """A folder of our own in the user's one for music."""
    return Path(platformdirs.user_music_dir()) / "vaesynth"


def new_file(folder: Path | None = None) -> Path:
    """A file of the moment's name that is not there yet, in a folder that is; nothing is written.

    Args:
        folder: None is `recordings_folder`.

    Raises:
        OutputError: the folder cannot be made.
    """
    folder = folder or recordings_folder()
    make_folder(folder)
    name, count = f"vaesynth {datetime.now():%Y-%m-%d %H.%M.%S}", 1
    while (file := folder / f"{name}{f' ({count})' if count > 1 else ''}.wav").exists():
        count += 1
    return file
