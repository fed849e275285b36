"""The desk's side of the engine: decodes what the pad asks for and hands it to the audio server.

`engine` is what the window and the command line call; behind it, `transport` gives the server its orders and
reads its reports, `worker` makes loops, `watch` looks after the server, `status` tells how things stand.
"""

from ..control.sync_settings import SyncSettings
from ..latent_controls import LoopDecoder
from ..tempo import Quantise, TempoMode
from .engine import Engine
from .status import EngineStatus
from .sync import SyncStatus

__all__ = ["Engine", "EngineStatus", "LoopDecoder", "Quantise", "SyncSettings", "SyncStatus", "TempoMode"]
