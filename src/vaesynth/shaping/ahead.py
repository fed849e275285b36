"""The libraries of the sound shaping, loaded before anybody waits for them."""

import contextlib
import importlib

LIBRARIES = ("scipy.fft", "scipy.ndimage", "scipy.signal", "pyloudnorm", "pedalboard")


def load_ahead() -> None:
    """Import them, so that the first use takes no second more than the next; what is not installed is passed
    over."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
