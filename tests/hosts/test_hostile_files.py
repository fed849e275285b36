"""300 mutated model files are refused or played within bounds (see `bench/hostile.py`)."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench" / "hostile.py"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from Linux's /proc")
def test_mutated_files_neither_crash_nor_escape_nor_fill_the_memory(tmp_path: Path) -> None:
    out = tmp_path / "outcomes.json"
    command = [sys.executable, str(BENCH), "--count", "300", "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    found = json.loads(out.read_text())
    faults = [o for o in found["outcomes"] if o["result"] not in ("refused", "played")]
    assert not faults
    assert done.returncode == 0, done.stdout + done.stderr
    assert found["peak_mb"] <= 1024
    results = Counter((o["mutation"], o["result"]) for o in found["outcomes"])
    assert sum(results.values()) == 300
    for mutation in ("external data", "memory bomb", "unknown operators"):
        assert not results[mutation, "played"]
    elsewhere = [o["detail"] for o in found["outcomes"] if o["mutation"] == "external data"]
    assert all("lies in another file" in told for told in elsewhere), "refused before anything looks for it"
    assert results["bits flipped", "played"], "flipped bits in weights only sound different"
