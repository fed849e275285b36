"""`python -m vaesynth`, the same as `vaesynth`."""

import sys

from .cli import main

if __name__ == "__main__":  # the audio server is spawned, and a spawned process imports the main module again
    sys.exit(main())
