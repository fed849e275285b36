"""The whole engine with its real server process on a dummy sound card.

The card's clock is real and this machine may be loaded, so a buffer may be missed now and then: faults in
the recording are compared with the buffers that JACK and the server counted as missed. Everything else is
exact.
"""

import contextlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jack
import numpy as np
import pytest
from signals import faults, window_levels
from tone_model import LEVEL, TONES, tone_levels, weights

from vaesynth.decoder import Decoder
from vaesynth.engine import Engine, Quantise, TempoMode
from vaesynth.errors import DeviceError, ModelError, SettingError
from vaesynth.render import render

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JACK's programs are for POSIX systems here")


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def missed(folder: Path) -> int:
    """Buffers that JACK says were missed."""
    return (folder / "jackd.log").read_text(errors="replace").count("JackEngine::XRun")


def server_pid(engine: Engine) -> int:
    return engine._server.health.pid


def test_sound_follows_the_pad_without_gap_or_corner(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.play()
        wait_for(lambda: engine.status().playing and engine.status().peak[0] > 0.1)
        misses, xruns = missed(tmp_path), engine.status().xruns
        with jack.Recording(tmp_path / "pad.wav", 8) as recording:
            time.sleep(0.3)
            begun = time.monotonic()
            while (t := time.monotonic() - begun) < 8:
                # Sweeps, and a rest at each end.
                engine.move_to(max(-1.0, min(1.0, 1.6 * math.sin(2 * math.pi * t / 4))), 0)
                time.sleep(0.016)
        status = engine.status()
        audio = recording.audio
        dropped = max(missed(tmp_path) - misses, status.xruns - xruns)
        assert len(audio) == 8 * jack.RATE
        assert status.sounding > 8
        assert status.clipped == 0
        quietest = min(math.sqrt((weights(x) ** 2).sum() / 2) for x in np.linspace(-1, 1, 100))
        quiet = window_levels(audio) < 0.7 * LEVEL * quietest
        assert quiet.sum() <= 4 * dropped
        assert faults(audio) <= 2 * dropped
        levels = np.stack([tone_levels(audio[i:i + 4_800]) for i in range(0, len(audio) - 4_800, 4_800)])
        assert levels[:, 0].max() > 0.9 * LEVEL * weights(-1)[0]
        assert levels[:, -1].max() > 0.9 * LEVEL * weights(1)[-1]


def test_a_resting_pad_sounds_as_the_offline_render(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.move_to(0.4, 0)
        engine.play()
        wait_for(lambda: engine.status().sounding >= 2 and engine.status().peak[0] > 0.1)
        time.sleep(0.1)
        with jack.Recording(tmp_path / "rest.wav", 3) as recording:
            pass
    ideal = render(Decoder.open(tones), 0.4, 0).audio[:, 0]
    assert tone_levels(recording.audio[:48_000]) == pytest.approx(LEVEL * weights(0.4), abs=1e-3)
    exact = [is_part_of(stretch, ideal) for stretch in recording.audio[:len(ideal)].reshape(400, -1)]
    assert np.mean(exact) > 0.98, "all but what missed buffers may have spoilt"


def is_part_of(stretch: np.ndarray, loop: np.ndarray) -> bool:
    """Whether a stretch is, sample by sample, what a loop has at the place where they are most alike.

    Each stretch is looked for by itself: after a missed buffer the loop goes on at another place.
    """
    def along(window: np.ndarray, signal: np.ndarray) -> np.ndarray:
        spectrum = np.fft.rfft(signal) * np.conj(np.fft.rfft(window, len(signal)))
        return np.fft.irfft(spectrum, len(signal))

    apart = along(np.ones_like(stretch), loop**2) - 2 * along(stretch, loop)
    there = np.roll(loop, -int(np.argmin(apart)))[:len(stretch)]
    return bool((np.abs(stretch - there) < 1e-6).all())


def test_the_desk_killed_and_a_new_one_takes_over(card: str, tones: Path, tmp_path: Path) -> None:
    script = ("import sys, time, pathlib; from vaesynth.engine import Engine\n"
              "engine = Engine.open(pathlib.Path(sys.argv[1]))\n"
              "engine.set_volume(-3); engine.move_to(-1, 0); engine.play()\n"
              "while engine.status().sounding < 2: time.sleep(0.01)\n"
              "print(engine._server.folder, flush=True); time.sleep(60)")
    desk = subprocess.Popen([sys.executable, "-c", script, str(tones)], stdout=subprocess.PIPE, text=True)
    assert desk.stdout is not None
    folder = Path(desk.stdout.readline().strip())
    time.sleep(0.5)
    with jack.Recording(tmp_path / "killed.wav", 5) as recording:
        time.sleep(0.5)
        desk.kill()
        desk.wait()
        time.sleep(0.5)
        engine = Engine.open(tones)
        with engine:
            assert engine.adopted
            status = engine.status()
            assert (engine._server.folder, status.playing) == (folder, True)
            wait_for(lambda: engine.status().server_alive)
            pair = engine.sounding_loop()
            assert pair is not None
            assert tone_levels(pair[1].audio[:48_000, 0]) == pytest.approx(LEVEL * weights(-1), abs=1e-3)
            time.sleep(0.5)
            serial = engine.status().sounding
            engine.move_to(1, 0)
            wait_for(lambda: engine.status().sounding > serial)
            recording.wait()
    audio = recording.audio
    # The first half holds the kill and the take-over: the same tone all the time.
    level = LEVEL * 10 ** (-3 / 20) * math.sqrt((weights(-1) ** 2).sum() / 2)
    assert (window_levels(audio) < 0.5 * level).mean() < 0.02
    assert window_levels(audio[:48_000]).mean() == pytest.approx(level, rel=0.1)
    first, last = tone_levels(audio[24_000:28_800]), tone_levels(audio[-4_800:])
    assert first.argmax() == 0
    assert last.argmax() == len(TONES) - 1
    assert not list((tmp_path / "runtime").iterdir())


def test_without_a_desk_the_server_ends_after_its_time(card: str, tones: Path, tmp_path: Path) -> None:
    script = ("import sys, time, pathlib; from vaesynth.engine import Engine\n"
              "engine = Engine.open(pathlib.Path(sys.argv[1]), orphan_seconds=1); engine.play()\n"
              "print(engine._server.health.pid, flush=True); time.sleep(60)")
    desk = subprocess.Popen([sys.executable, "-c", script, str(tones)], stdout=subprocess.PIPE, text=True)
    assert desk.stdout is not None
    pid = int(desk.stdout.readline())
    desk.kill()
    desk.wait()
    os.kill(pid, 0)
    wait_for(lambda: not any((tmp_path / "runtime").iterdir()))
    wait_for(lambda: not any("PortAudio" in port for port in jack.ports()))


def test_the_server_killed_comes_back_by_itself(card: str, tones: Path, tmp_path: Path) -> None:
    with Engine.open(tones) as engine:
        engine.move_to(0.2, 0)
        engine.set_tempo(133)
        engine.set_volume(-6)
        engine.play()
        wait_for(lambda: engine.status().sounding >= 2 and engine.status().peak[0] > 0.1)
        beat_at, before = time.monotonic(), engine.status()
        pid = server_pid(engine)
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: server_pid(engine) != pid and engine.status().server_alive)
        wait_for(lambda: engine.status().peak[0] > 0.1)
        now, after = time.monotonic(), engine.status()
        assert (after.playing, after.bpm) == (True, 133)
        assert after.sounding >= before.sounding
        # The beat went on meanwhile; a busy machine's missed buffers may cost some of it, standing still
        # would all.
        beats = before.beat + (now - beat_at) * 133 / 60
        assert abs((after.beat - beats + 2) % 4 - 2) < 0.4
        with jack.Recording(tmp_path / "back.wav", 1) as recording:
            pass
        assert np.abs(recording.audio[4_800:]).max() == pytest.approx(np.abs(
            LEVEL * 0.501 * _mix(0.2)).max(), rel=0.1)
        engine.move_to(-0.7, 0)
        wait_for(lambda: engine.status().sounding > after.sounding)
        assert engine.status().notice is None


def _mix(x: float) -> np.ndarray:
    t = np.arange(96_000) / 48_000
    return np.asarray(sum(w * np.sin(2 * np.pi * f * t) for w, f in zip(weights(x), TONES, strict=True)))


def test_transport_tempo_modes_and_quantise(card: str, tones: Path) -> None:
    with Engine.open(tones, buffer_frames=128) as engine:
        status = engine.status()
        assert (status.playing, status.bpm, status.provider, status.server_alive) == (False, 120, "cpu", True)
        assert (status.device, status.sample_rate, status.buffer_frames) == ("system", 48_000, 128)
        assert status.peak == (0, 0)
        engine.play()
        wait_for(lambda: engine.status().peak[0] > 0.1)
        first, at = engine.status().beat, time.monotonic()
        time.sleep(0.5)
        gone = (engine.status().beat - first) % 4
        assert gone == pytest.approx((time.monotonic() - at) * 2, abs=0.4)  # a busy machine misses buffers
        engine.set_quantise(Quantise.BEAT)
        engine.move_to(0.5, 0)
        wait_for(lambda: engine.status().sounding >= 2)
        engine.set_quantise(Quantise.OFF)
        engine.set_tempo(150)
        before = engine.status().sounding
        engine.set_tempo_mode(TempoMode.REPITCH)
        wait_for(lambda: engine.status().sounding > before)
        engine.stop()
        wait_for(lambda: engine.status().peak[0] < 1e-3)
        stopped = engine.status().beat
        time.sleep(0.1)
        assert engine.status().beat == stopped
        engine.play(from_start=False)
        wait_for(lambda: engine.status().peak[0] > 0.1)
        with pytest.raises(SettingError, match="expected 40 to 240"):
            engine.set_tempo(300)
        assert engine.status().bpm == 150


def test_a_broken_model_leaves_the_old_one_playing(card: str, tones: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    with Engine.open(tones) as engine:
        engine.play()
        wait_for(lambda: engine.status().peak[0] > 0.1)
        with pytest.raises(ModelError, match=r"broken\.onnx"):
            engine.load_model(tmp_path / "broken.onnx")
        engine.move_to(0.3, 0)
        wait_for(lambda: engine.status().sounding >= 2)
        before = engine.status().sounding
        engine.load_model(tones)
        wait_for(lambda: engine.status().sounding > before)


def test_a_model_at_another_rate_is_resampled_to_the_device(card: str, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from tone_model import write_tone_model
    model = write_tone_model(tmp_path / "mono.onnx", rate=30_000, frames=60_000, channels=1)
    with Engine.open(model) as engine:
        assert engine.status().sample_rate == 48_000
        engine.move_to(-1, 0)
        engine.play()
        wait_for(lambda: engine.status().sounding >= 2)
        time.sleep(0.1)
        with jack.Recording(tmp_path / "mono.wav", 1) as recording:
            pass
        assert tone_levels(recording.audio[:24_000]) == pytest.approx(LEVEL * weights(-1), abs=5e-3)


def test_device_errors_are_one_sentence_and_leave_nothing(card: str, tones: Path, tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"'Scarlett' is absent, expected one of: \d+ system"):
        Engine.open(tones, device="Scarlett")
    with pytest.raises(DeviceError, match="'system' refuses 44100 Hz, expected 48000 Hz"):
        Engine.open(tones, sample_rate=44_100)
    with pytest.raises(DeviceError, match="has 2 outputs, expected at least 7"):
        Engine.open(tones, channels=(6, 7))
    assert not list((tmp_path / "runtime").iterdir())


def test_the_card_going_away_is_said_and_its_return_heard(tones: Path, tmp_path: Path,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    if not jack.available():
        pytest.skip("needs JACK's programs (Debian: jackd2 and jack-tools)")
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "runtime"))
    with contextlib.ExitStack() as stack:
        with jack.jack_server(tmp_path) as name:
            engine = stack.enter_context(Engine.open(tones))
            engine.play()
            wait_for(lambda: engine.status().peak[0] > 0.1)
        wait_for(lambda: not engine.status().server_alive and engine.status().notice)
        wait_for(lambda: engine.status().sample_rate == 0)
        before = engine.status().sounding
        engine.move_to(-1, 0)
        with jack.jack_server(tmp_path, name=name):
            wait_for(lambda: engine.status().peak[0] > 0.1, 20)
            wait_for(lambda: engine.status().sounding > before)
            assert engine.status().notice is None
            with jack.Recording(tmp_path / "back.wav", 1) as recording:
                pass
        assert tone_levels(recording.audio[-24_000:]) == pytest.approx(LEVEL * weights(-1), abs=5e-3), (
            "what was asked for meanwhile is heard")
