"""The callback without a device: orders in, sound and reports out."""

import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest
from loops import RATE, sliced, tone

from vaesynth.server.bank import LoopBank
from vaesynth.server.callback import PlayerCallback
from vaesynth.server.control import Control
from vaesynth.server.main import StreamWatch
from vaesynth.server.records import Orders, Report

TIMES = SimpleNamespace(outputBufferDacTime=1.010, currentTime=1.0)
FINE = SimpleNamespace(output_underflow=False)


class Rig:
    """A control block, a bank with a tone in slot 0 and another in slot 1, and the callback."""

    def __init__(self, folder: Path, channels: tuple[int, ...] = (1, 2)) -> None:
        path = folder / "control"
        self.control = Control(path) if path.exists() else Control.create(path)
        self.bank = LoopBank(folder / "bank-1") if path.with_name("bank-1").exists() else LoopBank.create(
            folder / "bank-1", 2, 100_000)
        self.bank.write(0, sliced(tone(440), 1))
        self.bank.write(1, sliced(tone(660), 2))
        self.callback = PlayerCallback(self.control, RATE, channels, 8192)
        self.callback.banks = {1: self.bank}
        self.outputs = max(channels)

    def run(self, blocks: int, frames: int = 256, status: object = FINE) -> npt.NDArray[np.float32]:
        out = np.empty((blocks * frames, self.outputs), np.float32)
        for start in range(0, len(out), frames):
            self.callback(out[start:start + frames], frames, TIMES, status)
        assert self.callback.error is None
        return out

    def report(self) -> Report:
        newest = self.control.report.read()
        assert newest is not None
        return newest[1]


def test_a_start_right_after_a_panic_is_heard(tmp_path: Path) -> None:
    """Both may come between two blocks, and then the callback sees but their sum."""
    rig = Rig(tmp_path)
    orders = Orders(playing=True, starts=1, moves=1, bank=1, slot=0, serial=1)
    rig.control.orders.write(orders)
    rig.run(20)
    rig.control.orders.write(orders._replace(starts=2, moves=2, panics=1))
    rig.run(20)
    assert rig.report().playing
    rig.control.orders.write(orders._replace(playing=False, starts=2, moves=3, panics=2))
    assert not rig.run(20)[2000:].any()


def test_orders_are_followed_and_reported(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.control.orders.write(Orders(bank=1, slot=0, serial=1))
    assert not rig.run(4).any()
    version = rig.control.orders.write(Orders(playing=True, starts=1, bank=1, slot=0, serial=1))
    out = rig.run(20)
    assert out[240:] == pytest.approx(tone(440)[:len(out) - 240])  # behind the run-up of 5 ms
    report = rig.report()
    assert (report.seen, report.callbacks, report.playing, report.serial) == (version, 24, True, 1)
    assert report.holds(1, 0)
    assert not report.holds(1, 1)
    assert report.latency == pytest.approx(0.010)
    assert report.left == pytest.approx(0.3, rel=0.01)
    rig.control.orders.write(Orders(playing=True, starts=1, bank=1, slot=1, serial=2))
    rig.run(20)
    assert rig.report().serial == 2
    assert not rig.report().holds(1, 0), "the old loop's slot is free after the fade"
    rig.control.orders.write(Orders(starts=1, bank=1, slot=1, serial=2))
    assert not rig.run(20)[-2560:].any()
    assert not rig.report().playing


def test_a_bank_that_is_not_open_yet_is_waited_for(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    banks, rig.callback.banks = rig.callback.banks, {}
    version = rig.control.orders.write(Orders(playing=True, starts=1, bank=1, slot=0, serial=1))
    rig.run(2)
    assert rig.report().seen == 0
    rig.callback.banks = banks
    assert rig.run(10).any()
    assert rig.report().seen == version


@pytest.mark.parametrize(("channels", "expected"), [
    ((1,), [[1.0]]), ((2, 1), [[0, 1], [1, 0]]), ((3, 4), [[0, 0, 1, 0], [0, 0, 0, 1]])])
def test_left_and_right_go_to_the_chosen_outputs(
        tmp_path: Path, channels: tuple[int, ...], expected: list[list[float]]) -> None:
    rig = Rig(tmp_path, channels)
    sides = tone(440) * np.array([1.0, 0.5], np.float32)
    rig.bank.write(0, sliced(sides, 1))
    rig.control.orders.write(Orders(playing=True, starts=1, bank=1, slot=0, serial=1))
    out = rig.run(20)[240:]
    wanted = sides.mean(1, keepdims=True) if channels == (1,) else sides @ np.array(expected)
    assert out == pytest.approx(wanted[:len(out)], abs=1e-6)


def test_a_new_server_goes_on_where_the_old_one_died(tmp_path: Path) -> None:
    old = Rig(tmp_path)
    orders = Orders(playing=True, starts=5, micro_bpm=97_300_000, gain=0.5, bank=1, slot=0, serial=1)
    old.control.orders.write(orders)
    old.run(200, status=FINE)
    last = old.report()
    new = Rig(tmp_path)
    new.callback.resume(orders, last)
    new.run(1)
    report = new.report()
    beats = last.beat + last.rest + (time.monotonic() - last.stamp) * 97.3 / 60
    assert report.beat + report.rest == pytest.approx(beats, abs=0.05)
    assert (report.playing, report.serial, report.callbacks) == (True, 1, last.callbacks + 1)
    level = np.abs(new.run(40)[-2400:]).max()
    assert level == pytest.approx(0.15, rel=0.02)


def test_a_start_that_the_old_server_never_saw_is_made(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.run(1)
    orders = Orders(playing=True, starts=1, bank=1, slot=0, serial=1)
    rig.control.orders.write(orders)
    new = Rig(tmp_path)
    new.callback.resume(orders, rig.report())
    assert new.run(20)[240:] == pytest.approx(tone(440)[:20 * 256 - 240])


def test_underflows_are_counted_once_the_stream_has_settled(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    dry = SimpleNamespace(output_underflow=True)
    rig.run(8, status=dry)
    rig.run(5)
    rig.run(3, status=dry)
    assert rig.report().xruns == 3


def test_an_error_makes_silence_and_is_kept_for_the_main_thread(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    out = np.ones((256, 2), np.float32)
    rig.callback(out, 256, None, FINE)
    assert isinstance(rig.callback.error, AttributeError)
    assert not out.any()


def test_a_stream_without_callbacks_is_stuck() -> None:
    watch = StreamWatch(buffer_seconds=0.005)
    assert not any(watch.is_stuck(0.05 * n, calls=10 * n, underflows=0) for n in range(1, 20))
    assert not watch.is_stuck(1.0, 190, 0)
    assert watch.is_stuck(1.5, 190, 0)


def test_a_stream_that_runs_dry_every_other_time_is_stuck() -> None:
    watch = StreamWatch(buffer_seconds=0.005)
    assert any(watch.is_stuck(0.05 * n, calls=10 * n, underflows=5 * n) for n in range(1, 20))
    watch = StreamWatch(buffer_seconds=0.005)
    assert not any(watch.is_stuck(0.05 * n, calls=10 * n, underflows=n) for n in range(1, 20))
