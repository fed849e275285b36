"""`vaesynth play`, with doubles for window, engine and sound card: what is opened, and with what."""

import importlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

import onnx
import pytest
import soundfile
from tone_model import write_tone_model

from vaesynth import cli, display, foreign
from vaesynth.commands import play
from vaesynth.control.sync_settings import SyncSettings
from vaesynth.decoder import Decoder
from vaesynth.engine import Engine
from vaesynth.errors import DeviceError
from vaesynth.server import devices


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tone_model(tmp_path_factory.mktemp("models") / "tones.decoder.onnx")


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "missing_display", lambda: None)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "find_device", lambda wanted: None)


@pytest.fixture
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(wanted: str | None) -> None:
        raise DeviceError(
            f"audio device {wanted!r} is absent" if wanted else "no audio output device was found"
        )

    monkeypatch.setattr(devices, "find_device", find)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the window was opened with."""
    opened: list[dict[str, Any]] = []
    module = ModuleType(play.WINDOW)
    module.main = lambda **options: opened.append(options) or 7  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, play.WINDOW.split(".")[0], ModuleType("vaesynth_gui"))
    monkeypatch.setitem(sys.modules, play.WINDOW, module)
    return opened


@pytest.mark.usefixtures("screen", "sound")
def test_the_window_gets_what_was_given_and_nothing_else(tones: Path, window: list[dict[str, Any]]) -> None:
    words = [
        "--model",
        str(tones),
        "--device",
        "system",
        "--rate",
        "44100",
        "--buffer",
        "128",
        "--provider",
        "cpu",
    ]
    assert cli.main(["play"]) == 7
    assert cli.main(["play", *words]) == 7
    nothing = dict.fromkeys(("model", "faces", "device", "sample_rate", "buffer_frames", "provider"))
    assert window == [
        nothing,
        {
            "model": tones,
            "faces": None,
            "device": "system",
            "sample_rate": 44_100,
            "buffer_frames": 128,
            "provider": "cpu",
        },
    ]


@pytest.mark.usefixtures("screen", "sound")
def test_the_window_gets_a_decoder_of_another_tool_as_a_file_that_lasts(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(foreign.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path))
    theirs = onnx.load(tones)
    del theirs.metadata_props[:]
    onnx.save(theirs, tmp_path / "theirs.onnx")
    words = ["--model", str(tmp_path / "theirs.onnx"), "--sample-rate", "48000", "--bpm", "120"]
    assert cli.main(["play", *words]) == 7
    (opened,) = window
    assert opened["sample_rate"] is None
    assert Decoder.open(opened["model"], "cpu").metadata.loop.beats == 4


@pytest.mark.usefixtures("screen", "sound")
def test_a_wrong_name_is_told_before_a_window_opens(
    window: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["play", "--model", "gone.onnx"]) == 2
    assert "gone.onnx" in capsys.readouterr().err
    assert window == []


@pytest.mark.usefixtures("screen", "sound")
def test_without_the_extra_the_way_to_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = importlib.import_module

    def without_qt(name: str, package: str | None = None) -> ModuleType:
        if name == play.WINDOW:
            raise ModuleNotFoundError("No module named 'PyQt6'", name="PyQt6")
        return load(name, package)

    monkeypatch.setattr(importlib, "import_module", without_qt)
    assert cli.main(["play"]) == 2
    assert "pip install 'vaesynth[gui]'" in capsys.readouterr().err


@pytest.mark.usefixtures("sound")
def test_without_a_screen_a_file_is_rendered(
    tones: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    window: list[dict[str, Any]],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(display, "missing_display", lambda: "there is no screen")
    assert cli.main(["play", "--model", str(tones)]) == 0
    assert window == []
    out = tmp_path / play.STAND_IN
    shown = capsys.readouterr().out
    assert shown.startswith("Nothing is played, since there is no screen; ")
    assert str(out) in shown
    assert shown.count("\n") == 1
    assert soundfile.info(out).duration == play.STAND_IN_BARS * 2


@pytest.mark.usefixtures("screen", "no_sound")
@pytest.mark.parametrize("words", [[], ["--headless"]])
def test_without_sound_a_file_is_rendered(
    tones: Path, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["play", "--model", str(tones), *words]) == 0
    assert soundfile.info(tmp_path / play.STAND_IN).frames == play.STAND_IN_BARS * 96_000


@pytest.mark.usefixtures("screen", "no_sound")
def test_a_device_that_was_named_must_be_there(
    tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["play", "--model", str(tones), "--device", "harp"]) == 2
    assert capsys.readouterr().err == "vaesynth: error: audio device 'harp' is absent\n"
    assert list(tmp_path.iterdir()) == []


class FakeEngine:
    """Tells notices one after the other; at the last one somebody stops it."""

    metadata = SimpleNamespace(name="tones")
    recording = SimpleNamespace(status=lambda: SimpleNamespace(fault=None))

    def __init__(self, notices: list[str | None], stopped_by: signal.Signals) -> None:
        self.calls: list[Any] = []
        self.transport = SimpleNamespace(orders=SimpleNamespace(panics=0))
        self.sync = SimpleNamespace(
            settings=SyncSettings(), set=self.calls.append, status=lambda: SimpleNamespace(notice=None)
        )
        self._notices, self._stopped_by = iter([None, *notices]), stopped_by

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.calls.append("close")

    def play(self) -> None:
        self.calls.append("play")

    def play_slice(self, number: int, velocity: float) -> None:
        self.calls.append(number)

    def status(self) -> SimpleNamespace:
        try:
            notice = next(self._notices)
        except StopIteration:
            notice = None
            signal.raise_signal(self._stopped_by)
        return SimpleNamespace(
            device="harp", sample_rate=48_000, buffer_frames=64, provider="cpu", notice=notice
        )


Headless = Callable[..., list[str]]


@pytest.fixture
def headless(
    tones: Path,
    tmp_path: Path,
    sound: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Headless:
    """Plays an engine with these words, without waiting; what was printed."""
    monkeypatch.setattr("vaesynth.control.settings.default_file", lambda: tmp_path / "control.json")
    monkeypatch.setattr("vaesynth.session.default_file", lambda: tmp_path / "session.json")
    monkeypatch.setattr("vaesynth.commands.headless.POLL_SECONDS", 0)

    def run(engine: FakeEngine, *words: str) -> list[str]:
        monkeypatch.setattr(Engine, "open", lambda model, **options: engine.calls.append(options) or engine)
        assert cli.main(["play", "--model", str(tones), "--headless", *words]) == 0
        return capsys.readouterr().out.splitlines()

    return run


@pytest.mark.parametrize("stopped_by", [signal.SIGINT, signal.SIGTERM])
def test_headless_plays_until_it_is_stopped_and_tells_each_notice_once(
    headless: Headless, stopped_by: signal.Signals
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    engine = FakeEngine([None, "harp is gone", "harp is gone", None], stopped_by)
    lines = headless(engine, "--buffer", "64")
    asked = {"device": None, "sample_rate": None, "buffer_frames": 64, "provider": None}
    assert engine.calls == [asked, "play", "close"]
    assert lines == [
        "Playing tones on harp at 48000 Hz, 64 frames a buffer, decoded by cpu; Ctrl-C stops.",
        "harp is gone",
    ]
    assert signal.getsignal(signal.SIGTERM) == before


def test_what_is_switched_on_stands_in_one_line(headless: Headless) -> None:
    engine = FakeEngine([], signal.SIGTERM)
    lines = headless(engine, "--wait", "--link", "--offset", "-7.5")
    assert engine.calls[1:] == [SyncSettings(link=True, offset_ms=-7.5), "close"]
    assert lines == [
        "Ready to play tones on harp at 48000 Hz, 64 frames a buffer, decoded by cpu; Ctrl-C stops.",
        "Switched on: Link with start and stop, offset -7.5 ms.",
    ]


def test_files_of_no_use_are_told_of_and_it_plays(headless: Headless, tmp_path: Path) -> None:
    (tmp_path / "control.json").write_text("{")
    (tmp_path / "session.json").write_text("[]")
    engine = FakeEngine([], signal.SIGTERM)
    lines = headless(engine)
    assert "play" in engine.calls
    assert "control.json: cannot be read" in lines[1]
    assert "session.json: is list" in lines[2]


@pytest.mark.usefixtures("screen", "sound")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--osc-in 9000", "expected --headless beside them"),
        ("--record evening.wav", "--record is given, expected --headless beside it"),
        ("--headless --notes gate", "--notes is given, expected --midi-in beside it"),
        ("--headless --osc-in 9000 --osc-host nowhere", "osc_host is 'nowhere', expected an IP address"),
        ("--headless --osc-out :7", "OSC target is ':7', expected HOST:PORT"),
    ],
)
def test_control_that_cannot_be(
    words: str, told: str, tones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["play", "--model", str(tones), *words.split()]) == 2
    assert told in capsys.readouterr().err
