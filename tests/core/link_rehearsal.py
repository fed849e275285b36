"""Our side of a Link session, to be run where nobody else is: `python link_rehearsal.py FOLDER PEERS.py`.

The server's callback is turned by hand in real time, its sync thread is the real one, and the leader a
process of its own. Prints, as JSON, what the follower says of itself on and after the leader's ramp.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from test_server_callback import Rig

from vaesynth.server.control import Control
from vaesynth.server.records import Orders, SyncOrders
from vaesynth.server.sync import Sync

BLOCK = 256


def main(folder: Path, peers: Path) -> None:
    """Follow until the leader has gone."""
    rig = Rig(folder)
    rig.control.orders.write(Orders(bank=1, slot=0, serial=1))
    rig.control.sync.write(SyncOrders(link=True))
    sync = Sync(Control(folder / "control"), rig.callback)
    leader = subprocess.Popen([sys.executable, str(peers), "link", str(folder / "log.npy"), "1", "5", "4"])
    told, due = [], time.monotonic()
    while leader.poll() is None:
        rig.run(1, BLOCK)
        report, state = rig.report(), rig.control.sync_report.read()
        if report.playing and state is not None:
            told.append((report.stamp, report.micro_bpm / 1e6, state[1].error, state[1].peers))
        due = max(due + BLOCK / 48_000, time.monotonic() - 0.05)
        time.sleep(max(0.0, due - time.monotonic()))
    sync.close()
    print(json.dumps({"code": leader.returncode, "told": told}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
