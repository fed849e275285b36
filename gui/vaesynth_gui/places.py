# SPDX-License-Identifier: GPL-3.0-or-later
"""The folders in use: those of the preferences, else where this system keeps such things."""

from pathlib import Path

import platformdirs

from vaesynth import models

from .settings import Settings


def of(settings: Settings, key: str) -> Path:
    """The folder of a key: `models_folder` or `runs_folder`."""
    chosen: Path | None = getattr(settings, key)
    if chosen is not None:
        return chosen
    data = Path(platformdirs.user_data_dir("vaesynth", appauthor=False))
    return {"models_folder": models.user_folder(), "runs_folder": data / "runs"}[key]
