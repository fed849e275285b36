"""What `vaesynth bench` measures, on signals whose answer is known."""

import json
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
import toy_models as toy
from tones import ToneDecoder

from vaesynth import cli
from vaesynth.bench.capture import block_times
from vaesynth.bench.gestures import HEARD, LEVEL, Jump, MarkedDecoder, recorded_latencies
from vaesynth.bench.measure import Spread
from vaesynth.bench.memory import jack_bytes, library_bytes, pss_bytes
from vaesynth.server.timing import BINS, CallbackTimes, TimedCallback, bin_of, percentile

RATE, FRAMES = 48_000, 128


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file."""
    return toy.write(tmp_path_factory.mktemp("models") / "tones.onnx", toy.loop_decoder())


def test_a_marked_loop_sounds_on_one_side_from_its_first_sample_and_is_seamless() -> None:
    tones = ToneDecoder()
    marked = MarkedDecoder(tones)
    left, right = (marked.decode_loop(marked.metadata.pad.point(x, 0.3)) for x in (-0.5, 0.5))
    for loop, side in ((left, 0), (right, 1)):
        assert loop.audio[0, side] == pytest.approx(LEVEL)
        assert np.abs(loop.audio[:, 1 - side]).max() == 0
        step = np.abs(np.diff(np.concatenate([loop.audio, loop.audio[:2]]), axis=0)).max()
        assert step < LEVEL * 2 * np.pi * 501 / RATE
    assert len(tones.decoded) == 2, "the instrument does its own work"


def test_latencies_are_read_from_a_recording_to_the_sample() -> None:
    clock, blocks = 1000.0, 1500
    audio = np.zeros((blocks * FRAMES, 2), np.float32)
    wanted = {0: 0.0123, 1: 0.2, 2: np.nan}
    jumps = [Jump(clock + 0.5 * (i + 1), i % 2, np.nan) for i in wanted]
    sounding = 1
    for i, late in wanted.items():
        if np.isfinite(late):
            at = round((jumps[i].time + late - clock) * RATE)
            audio[at:, jumps[i].side] = 10 * HEARD
            audio[at + 400:, 1 - jumps[i].side] = 0
            sounding = jumps[i].side
    assert sounding == 1
    starts = clock + np.arange(blocks) * FRAMES / RATE
    found = recorded_latencies(jumps, audio.reshape(blocks, FRAMES, 2), starts, RATE)
    assert found[:2] == pytest.approx([0.0123, 0.2], abs=1.5 / RATE)
    assert np.isnan(found[2]), "a jump whose loop never sounds has no latency"


def test_blocks_that_were_lost_do_not_shift_what_follows() -> None:
    starts = 50.0 + np.arange(400) * FRAMES / RATE
    audio = np.zeros((400, FRAMES, 2), np.float32)
    audio[300:, :, 0] = 0.1
    kept = np.r_[0:100, 140:400]
    jump = Jump(float(starts[280]), 0, np.nan)
    found = recorded_latencies([jump], audio[kept], starts[kept], RATE)
    assert found == pytest.approx([20 * FRAMES / RATE], abs=1e-6)


def test_callbacks_are_counted_by_length_and_delay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr("vaesynth.server.timing.time.monotonic", lambda: now[0])
    times = CallbackTimes.create(tmp_path / "times")
    lengths = [0.001] * 98 + [0.002, 0.004]

    def work(*_: object) -> None:
        now[0] += lengths[turn]

    timed = TimedCallback(work, CallbackTimes(tmp_path / "times"), RATE)
    for turn in range(100):
        now[0] = 10.0 + 0.01 * turn + (0.005 if turn == 50 else 0)
        timed(None, 480, None, None)
    took, late = times.read()
    assert took.sum() == late.sum() == 100
    for share, expected in ((0.5, 0.001), (0.99, 0.002), (1.0, 0.004)):
        assert expected <= percentile(took, share) <= expected * 1.05
    assert 0.005 <= percentile(late, 1.0) <= 0.00525
    assert percentile(late, 0.99) < 2e-6, "one late call of a hundred"
    before = times.read()
    timed(None, 480, None, None)
    assert (times.read() - before).sum() == 2


def test_bins_hold_every_time() -> None:
    assert [bin_of(t) for t in (-1.0, 0.0, 1e-6, 1e9, float("-inf"))] == [0, 0, 0, BINS - 1, 0]
    assert np.isnan(percentile(np.zeros(BINS, np.uint64), 0.5))


def test_spread_leaves_out_what_was_not_measured() -> None:
    assert Spread.of([0.001, np.nan, 0.003]) == Spread(2.0, pytest.approx(2.98), 3.0)
    assert np.isnan(Spread.of([np.nan]).p50)


def test_blocks_lie_where_the_least_late_callbacks_tell_also_after_a_loss() -> None:
    period, random = 256 / 48_000, np.random.default_rng(2)
    began = 100 + np.arange(1000) * period
    began[600:] += 3 * period  # three were lost
    late = random.exponential(0.004, 1000) * (random.random(1000) < 0.8)
    times = block_times(began + late, period)
    assert np.abs(times[:590] - began[:590]).max() < 1e-9
    assert np.abs(times[600:990] - began[600:990]).max() < 1e-9
    assert (times <= began + late + 1e-9).all()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells")
def test_memory_grows_with_what_is_touched() -> None:
    before = pss_bytes("self")
    held = np.ones(8_000_000)  # beside which it matters little what others share with this process
    after = pss_bytes(os.getpid())
    assert before is not None
    assert after is not None
    assert after - before == pytest.approx(held.nbytes, rel=0.2)
    assert pss_bytes(2**30) is None


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells")
def test_what_jack_and_libraries_map_is_told_apart(tmp_path: Path) -> None:
    assert jack_bytes(2**30) == 0
    assert 0 < library_bytes("self") < (pss_bytes("self") or 0)
    for name, measure in (("jack-0-0", jack_bytes), ("libmine.so.1", library_bytes)):
        file = tmp_path / name
        file.write_bytes(b"1" * 2**24)
        before = measure("self")
        with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
            assert mapped[:] == file.read_bytes()  # which makes all of it present
            # What others share of libraries may change meanwhile.
            assert measure("self") - before == pytest.approx(2**24, rel=0.2)


def test_without_a_sound_card_the_decoder_alone_is_measured(
        tones: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaesynth.errors import DeviceError

    def silent(*_: object, **__: object) -> None:
        raise DeviceError("no audio output device was found, expected a sound card")

    monkeypatch.setattr("vaesynth.bench.measure.Engine.start", silent)
    words = ["bench", "--model", str(tones), "--decodes", "4"]
    assert cli.main([*words, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["playing"] is None
    assert figures["silent"].startswith("no audio output device")
    decode = figures["decoding"]["decode"]
    assert 0 < decode["p50"] <= decode["p99"] <= decode["max"]
    assert figures["decoding"]["provider"] == "cpu"
    assert cli.main(words) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].endswith(", by cpu")
    assert table[-1].endswith("no audio output device was found, expected a sound card")
    assert cli.main([*words, "--device", "nonesuch"]) == 2
