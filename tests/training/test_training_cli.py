"""The training command line as text."""

import subprocess
import sys

import pytest

from vaesynth.errors import DatasetError
from vaesynth_training.cli import main, one_sentence


@pytest.mark.parametrize(
    "arguments", [["--help"], ["drums", "--help"], ["faces", "--help"], ["evaluate", "--help"]]
)
def test_help_shows_examples_or_options(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 0
    assert "--data" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["paint"], ["drums"], ["drums", "--data", "d", "--out", "o", "--minutes", "-1"]]
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_help_needs_no_torch() -> None:
    code = "import sys, vaesynth_training.cli as cli; cli.build_parser(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_errors_of_worker_processes_lose_their_traceback() -> None:
    wrapped = (
        "Caught DatasetError in DataLoader worker process 0.\nOriginal Traceback (most recent call last):\n"
        '  File "x.py", line 1, in f\nvaesynth.errors.DatasetError: shard.tar: is damaged'
    )
    assert one_sentence(DatasetError(wrapped)) == "shard.tar: is damaged"
    assert one_sentence(DatasetError("a: is\nb")) == "a: is b"
