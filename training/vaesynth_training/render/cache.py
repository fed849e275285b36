"""Decoded samples and parsed grooves kept on disk, so that a second start takes seconds."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import platformdirs

Arrays = Mapping[str, npt.NDArray[np.generic]]


def default_cache() -> Path:
    """Where caches lie unless told otherwise."""
    return Path(platformdirs.user_cache_dir("vaesynth")) / "render"


def fingerprint(version: str, table: Path, files: Iterable[Path]) -> str:
    """A name that changes with the code's `version`, the table's text, and the size or date of any file."""
    digest = hashlib.sha256(version.encode())
    digest.update(table.read_bytes())
    for file in files:
        status = file.stat()
        digest.update(json.dumps([str(file), status.st_size, status.st_mtime_ns]).encode())
    return digest.hexdigest()[:24]


def cached_arrays(folder: Path, name: str, build: Callable[[], Arrays]) -> dict[str, npt.NDArray[np.generic]]:
    """Memory-mapped arrays of the cache entry `name`, built and written if it is not there yet.

    An entry appears whole or not at all: it is written beside its place and then renamed.
    """
    entry = folder / name
    if not entry.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder))
        try:
            for key, array in build().items():
                np.save(temporary / f"{key}.npy", array, allow_pickle=False)
            os.replace(temporary, entry)
        except OSError:
            if not entry.is_dir():  # otherwise another process was faster, with the same content
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    return {
        file.stem: np.load(file, mmap_mode="r", allow_pickle=False) for file in sorted(entry.glob("*.npy"))
    }
