"""Fail where one of the packages named on the command line is installed: `absent.py torch PyQt6`."""

import importlib.util
import sys

if found := [name for name in sys.argv[1:] if importlib.util.find_spec(name)]:
    sys.exit(f"installed, but must not be: {', '.join(found)}")
