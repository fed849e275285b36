"""Ableton Link between two real peers, alone in a network namespace."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("link")
HERE = Path(__file__).parent
AS_ROOT = [] if os.name != "posix" or os.geteuid() == 0 else ["--map-root-user"]
SANDBOX = ["unshare", *AS_ROOT, "--net", "sh", "-c", 'ip link set lo up && exec "$0" "$@"']


def test_a_peer_follows_another_ones_tempo_phase_and_start(tmp_path: Path) -> None:
    if not (shutil.which("unshare") and shutil.which("ip")) or subprocess.run(
            [*SANDBOX, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system grants no network namespace")
    command = [sys.executable, str(HERE / "link_rehearsal.py"), str(tmp_path),
               str(HERE.parent / "audio" / "peers.py")]
    done = subprocess.run([*SANDBOX, *command], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    heard = json.loads(done.stdout)
    assert heard["code"] == 0
    stamp, bpm, late, peers = np.array(heard["told"]).T
    log = np.load(tmp_path / "log.npy")
    assert peers.max() == 1
    assert bpm[0] < 100, "the leader's start, at its first tempo"
    assert bpm[stamp < log[-1, 0]][-1] == pytest.approx(140, abs=0.5)
    # How late a loaded machine calls the callback is in these; the median is not moved by single ones.
    after = np.abs(late[(stamp > log[-1, 0] - 3) & (stamp < log[-1, 0])])
    assert np.median(after) * 140 / 60 < 0.1, "beats"
