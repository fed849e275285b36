"""`python -m vaesynth.server FOLDER`: the audio server's own process, started by the desk."""

import sys
from pathlib import Path

from vaesynth.server.priority import raise_priority

# First of all, so that a server which has to come back on a busy machine does so at once.
raise_priority()

from vaesynth.server.main import serve  # noqa: E402 (see above)

sys.exit(serve(Path(sys.argv[1])))
