"""`python -m vaesynth_training`: see `cli.py`."""

import sys

from .cli import main

sys.exit(main())
