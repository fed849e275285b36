"""Folders that files are written into."""

from pathlib import Path

from .errors import OutputError, in_words


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, where there is none.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise OutputError(f"{folder} cannot be made ({in_words(e)}), expected a writable folder") from e
