"""Recordings and takes, with the real server on a dummy sound card."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jack
import numpy as np
import pytest
import soundfile
from tone_model import LEVEL, tone_levels, weights

from vaesynth import cli
from vaesynth.engine import Engine, Quantise
from vaesynth.errors import OutputError, SettingError
from vaesynth.shaping import Shaping
from vaesynth.take import read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JACK's programs are for POSIX systems here")


def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def move_and_wait(engine: Engine, x: float, y: float) -> None:
    before = engine.status().sounding
    engine.move_to(x, y)
    until(lambda: engine.status().sounding > before)


def perform(engine: Engine, rng: np.random.Generator, moves: int) -> None:
    """Move, and touch all that can be touched; each move is waited for."""
    for _ in range(moves):
        match int(rng.integers(5)):
            case 0:
                engine.set_quantise(list(Quantise)[int(rng.integers(4))])
            case 1:
                engine.set_tempo(float(rng.uniform(80, 160)))
            case 2:
                engine.transport.set_swing(float(rng.uniform(50, 75)))
            case 3:
                engine.play_slice(int(rng.integers(4)), 0.5)
            case 4:
                engine.set_volume(float(rng.uniform(-12, 3)))
        move_and_wait(engine, *rng.uniform(-1, 1, 2))


def test_a_take_renders_to_the_recorded_samples(card: str, tones: Path, tmp_path: Path) -> None:
    recorded, again = tmp_path / "a.wav", tmp_path / "b.wav"
    rng = np.random.default_rng(0)
    with Engine.open(tones, provider="cpu") as engine:
        engine.play()
        perform(engine, rng, 3)
        engine.recording.start(recorded)
        perform(engine, rng, 6)
        engine.stop()
        time.sleep(0.2)
        engine.play(from_start=False)
        engine.set_shaping(Shaping(high_cut=5_000.0))
        perform(engine, rng, 2)
        before = engine.status().sounding
        engine.set_chain([(-0.5, 0.0), (0.5, 0.0)])
        until(lambda: engine.status().sounding > before)
        found = engine.sounding_loop()
        assert found is not None
        assert found[1].beats == 8
        engine.set_bars(1)
        until(lambda: engine.status().sounding > before + 1)
        engine.recording.stop()
        until(lambda: engine.recording.idle)
        assert engine.recording.status().lost == 0
        with pytest.raises(OutputError, match="exists already"):
            engine.recording.start(recorded)
        with pytest.raises(SettingError, match=r"expected \.wav or \.flac"):
            engine.recording.start(tmp_path / "a.mp3")
    assert read(tmp_path / "a.take").hand_overs >= 8
    sound, rate = soundfile.read(recorded, dtype="float32")
    assert (rate, len(sound) > rate) == (48_000, True)
    assert np.abs(sound).max() > 0.05
    assert cli.main(["render", "--take", str(tmp_path / "a.take"), "--out", str(again)]) == 0
    assert np.array_equal(soundfile.read(again, dtype="float32")[0], sound)


def test_a_flac_is_made_when_the_recording_ends(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.play()
        engine.recording.start(tmp_path / "a.flac")
        until(lambda: engine.recording.status().seconds > 0.5)
        engine.recording.stop()
        until(lambda: engine.recording.idle)
    info = soundfile.info(tmp_path / "a.flac")
    assert (info.subtype, info.samplerate, info.frames > 24_000) == ("PCM_24", 48_000, True)
    assert sorted(p.name for p in tmp_path.glob("a.*")) == ["a.flac", "a.take"]


def test_a_killed_server_leaves_a_whole_file_and_records_on(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.play()
        engine.recording.start(tmp_path / "a.wav")
        until(lambda: engine.recording.status().seconds > 1.2)
        os.kill(engine.server.health.pid, signal.SIGKILL)
        until(lambda: (tmp_path / "a-2.wav").exists() and engine.recording.status().seconds < 1)
        until(lambda: engine.recording.status().seconds > 0.7)
        engine.recording.stop()
        until(lambda: engine.recording.idle)
    for name in ("a", "a-2"):
        sound = soundfile.read(tmp_path / f"{name}.wav", dtype="float32")[0]
        assert len(sound) > 24_000
        again = tmp_path / f"again {name}.wav"
        assert cli.main(["render", "--take", str(tmp_path / f"{name}.take"), "--out", str(again)]) == 0
        rendered = soundfile.read(again, dtype="float32")[0]
        common = min(len(sound), len(rendered))
        assert common > 20_000
        assert np.array_equal(rendered[:common], sound[:common])


def test_a_killed_desk_leaves_a_recording_that_goes_on(card: str, tones: Path, tmp_path: Path) -> None:
    script = ("import sys, time, pathlib; from vaesynth.engine import Engine\n"
              "engine = Engine.open(pathlib.Path(sys.argv[1])); engine.play()\n"
              "engine.recording.start(pathlib.Path(sys.argv[2]))\n"
              "while engine.recording.status().seconds < 0.3: time.sleep(0.01)\n"
              "print('records', flush=True); time.sleep(600)")
    words = [sys.executable, "-c", script, str(tones), str(tmp_path / "a.wav")]
    desk = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert desk.stdout is not None
    assert desk.stdout.readline() == "records\n"
    desk.kill()
    desk.wait()
    with Engine.open(tones) as engine:
        assert engine.adopted
        before = engine.recording.status()
        assert (before.recording, before.path) == (True, tmp_path / "a.wav")
        move_and_wait(engine, 0.5, 0)
        until(lambda: engine.recording.status().seconds > before.seconds + 0.3)
    sound = soundfile.read(tmp_path / "a.wav", dtype="float32")[0]
    again = tmp_path / "again.wav"
    assert len(sound) > 48_000 * (before.seconds + 0.3)
    assert cli.main(["render", "--take", str(tmp_path / "a.take"), "--out", str(again)]) == 0
    assert np.array_equal(soundfile.read(again, dtype="float32")[0], sound)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_a_full_disk_ends_the_recording_and_not_the_sound(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.play()
        engine.recording.start(tmp_path / "a.wav")
        until(lambda: engine.recording.status().seconds > 0.2)
        pid = engine.server.health.pid
        # No file of the server may grow beyond this: to it the disk is full.
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (400_000, 400_000))
        until(lambda: engine.recording.status().fault)
        status = engine.recording.status()
        assert not status.recording
        assert "recording stopped (" in (status.fault or "")
        before = engine.transport.report().callbacks
        until(lambda: engine.transport.report().callbacks > before + 20)
        assert engine.status().playing
        assert engine.server.health.pid == pid
    assert 40_000 < soundfile.info(tmp_path / "a.wav").frames <= 50_000


@pytest.mark.parametrize("rate", [44_100, 88_200, 96_000])
def test_a_card_of_any_rate_plays_at_the_right_pitch(rate: int, tones: Path, tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    if not jack.available():
        pytest.skip("needs JACK's programs (Debian: jackd2 and jack-tools)")
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "runtime"))
    with jack.jack_server(tmp_path, 512, rate=rate), Engine.open(tones) as engine:
        assert engine.status().sample_rate == rate
        move_and_wait(engine, -1, 0)
        engine.play()
        until(lambda: engine.status().peak[0] > 0.1)
        engine.recording.start(tmp_path / "a.wav")
        until(lambda: engine.recording.status().seconds > 0.7)
    sound, found = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert found == rate
    assert tone_levels(sound[-rate // 2:, 0], rate) == pytest.approx(LEVEL * weights(-1), abs=5e-3)
