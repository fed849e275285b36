"""Other hosts of the model file: what their examples need, installed once."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNREACHABLE = ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "EAI_AGAIN", "E403", "E404", "CERT")
EXAMPLES = Path(__file__).parents[2] / "examples"


def tool(*names: str) -> str:
    """The path of a program, under whichever of its names; skips the test where there is none."""
    for name in names:
        if found := shutil.which(name):
            return found
    pytest.skip(f"{names[0]} is not installed (Debian: apt-get install nodejs npm chromium)")


def packages(folder: Path) -> Path:
    """`npm ci` in an example's folder, unless its lock file is what is installed already."""
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return folder
    command = [tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    if done.returncode:
        if any(word in done.stderr for word in UNREACHABLE):
            pytest.skip(f"the npm registry cannot be reached: {done.stderr.strip().splitlines()[0]}")
        pytest.fail(f"npm ci failed in {folder}: {done.stderr[-2000:]}")
    stamp.write_bytes(lock.read_bytes())
    return folder


@pytest.fixture(scope="session")
def node() -> str:
    return tool("node", "nodejs")


@pytest.fixture(scope="session")
def chromium() -> str:
    return tool("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def node_example(node: str) -> Path:
    """`examples/node` with its packages."""
    return packages(EXAMPLES / "node")


@pytest.fixture(scope="session")
def web_example(node: str) -> Path:
    """`examples/web` with its packages, built."""
    folder = packages(EXAMPLES / "web")
    subprocess.run([node, "build.mjs"], cwd=folder, check=True, capture_output=True, timeout=120)
    return folder
