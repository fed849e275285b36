import subprocess
import sys
from pathlib import Path

import pytest

from vaesynth import __version__, cli
from vaesynth.commands import devices
from vaesynth.errors import DeviceError

COMMANDS = [name for names in cli.SECTIONS.values() for name in names]
HEAVY = {
    "numpy",
    "onnxruntime",
    "sounddevice",
    "soundfile",
    "soxr",
    "platformdirs",
    "librosa",
    "PIL",
    "PyQt6",
    "torch",
}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_help_shows_every_command_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "Examples:\n  vaesynth play" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main([name, "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: vaesynth {name} ")


def test_building_the_command_line_loads_nothing_heavy() -> None:
    done = run_python(
        "import sys; from vaesynth.cli import build_parser; build_parser(); print(*sys.modules)"
    )
    assert done.returncode == 0
    assert HEAVY & set(done.stdout.split()) == set()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"vaesynth {__version__}\n"


def test_the_module_runs_like_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vaesynth", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"vaesynth {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["render", "--out"],
        ["render", "--out", "a.wav", "--x", "2"],
        ["render", "--out", "a.wav", "--bpm", "nan"],
        ["play", "--buffer", "1.5"],
        ["info", "a.onnx", "--provider", "abacus"],
    ],
)
def test_wrong_usage_exits_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_a_known_error_is_one_harmless_line_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(options: object) -> int:
        raise DeviceError("device 'a\x1b[31m\nb' is busy, expected a free one")

    monkeypatch.setattr(devices, "run", fail)
    assert cli.main(["devices"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "vaesynth: error: device 'a\\x1b[31m\\nb' is busy, expected a free one\n"


def test_an_error_of_the_system_is_told_with_its_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "run", lambda options: Path("no/such/file").read_text() and 0)
    assert cli.main(["devices"]) == 2
    assert capsys.readouterr().err == "vaesynth: error: no/such/file: No such file or directory\n"


def test_a_defect_of_the_program_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "run", lambda options: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["devices"])


def test_an_interrupt_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(devices, "run", interrupt)
    assert cli.main(["devices"]) == 130


def test_a_reader_that_leaves_early_is_no_error() -> None:
    code = (
        "from vaesynth import cli\nfrom vaesynth.commands import devices\n"
        "devices.run = lambda options: print('x' * 10_000_000) or 0\nraise SystemExit(cli.main(['devices']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
