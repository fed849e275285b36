"""The cue output on a dummy sound card: heard on ports of its own, and gone when it is closed."""

import time
from pathlib import Path

import jack
import numpy as np
import pytest

from vaesynth.cue import Cue
from vaesynth.loop import Loop

RATE = 44_100


def tone(hertz: float) -> Loop:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)
    return Loop(wave.astype(np.float32)[:, None], RATE, 2)


def pitch(audio: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return float(np.argmax(spectrum)) * jack.RATE / len(audio)


def test_the_newest_loop_is_heard_and_stopping_is_silence(card: str, tmp_path: Path) -> None:
    cue = Cue("system")
    try:
        cue.play(tone(600))
        cue.play(tone(800))
        jack.engine_port()
        time.sleep(1.0)
        with jack.Recording(tmp_path / "cue.wav", 1) as recording:
            time.sleep(1.5)
        assert pitch(recording.audio) == pytest.approx(800, abs=3)
        cue.stop()
        time.sleep(1.0)
        with jack.Recording(tmp_path / "silence.wav", 1) as recording:
            time.sleep(1.5)
        assert np.abs(recording.audio).max() == 0
    finally:
        cue.close()
    deadline = time.monotonic() + 10
    while any("PortAudio" in p for p in jack.ports()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_missing_device_is_one_sentence(card: str) -> None:
    told: list[str] = []
    cue = Cue("no such card", failed=told.append)
    cue.play(tone(440))
    deadline = time.monotonic() + 30
    while not told:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cue.close()
    assert len(told) == 1
    assert "no such card" in told[0]
