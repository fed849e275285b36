"""`python -m vaesynth.server FOLDER`: the audio server's own process, started by the desk."""

import sys
from pathlib import Path

from vaesynth.server.main import serve

sys.exit(serve(Path(sys.argv[1])))
