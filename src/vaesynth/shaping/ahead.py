"""The libraries of the sound shaping, loaded where it will be used, before anybody waits for them."""

import contextlib
import importlib

LIBRARIES = ("pyloudnorm", "pedalboard")
"""Of these pyloudnorm brings scipy.signal: 50 MB and most of a second of processor time."""


def load_ahead() -> None:
    """Import them, so that the first use takes no second more than the next; what is not installed is passed
    over."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
