"""Records and loops in shared memory, and the locks beside them."""

import random
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from loops import RATE, hits, sliced, tone

from vaesynth.errors import DeviceError, OutputError
from vaesynth.server.bank import LoopBank
from vaesynth.server.control import Control
from vaesynth.server.handover import SLOTS, HandOver
from vaesynth.server.records import Health, Orders, Report
from vaesynth.server.register import Register
from vaesynth.server.runtime import FileLock, runtime_folder
from vaesynth.slicing import SlicedLoop


class Pair(NamedTuple):
    a: int = 0
    b: float = 0.0


def test_a_record_comes_back_and_only_when_it_is_new() -> None:
    buffer = bytearray(256)
    writer, reader = Register(buffer, 0, Pair, "qd"), Register(buffer, 0, Pair, "qd")
    assert reader.read() is None
    assert reader.read_newer(0) is None
    for n in range(1, 6):
        assert writer.write(Pair(n, n / 2)) == n
        assert reader.read_newer(n - 1) == (n, Pair(n, n / 2))
        assert reader.read_newer(n) is None


def test_a_writer_that_dies_at_any_byte_leaves_a_whole_record() -> None:
    buffer = bytearray(256)
    writer = Register(buffer, 0, Pair, "qd")
    writer.write(Pair(1, 1.5))
    writer.write(Pair(2, 2.5))
    before = bytes(buffer)
    writer.write(Pair(3, 3.5))
    after = bytes(buffer)
    changed = [i for i in range(256) if before[i] != after[i]]
    rng = random.Random(0)
    for _ in range(200):
        torn = bytearray(before)
        for i in rng.sample(changed, rng.randrange(len(changed))):
            torn[i] = after[i]
        read = Register(torn, 0, Pair, "qd").read()
        assert read == (2, Pair(2, 2.5))
    # The next writer goes on from there.
    torn = bytearray(before)
    torn[changed[0]] = after[changed[0]]
    assert Register(torn, 0, Pair, "qd").write(Pair(9, 9)) == 3


def test_control_block_carries_every_field(tmp_path: Path) -> None:
    control = Control.create(tmp_path / "control")
    orders = Orders(True, 3, 97_300_000, 0.5, 2, 1, 4, 77, True, 12.5)
    report = Report(*range(1, 8), True, 0.25, 0.5, *range(11, 14), 1.5, 1, 2, 3, 4, 5, 6)
    health = Health(1, 1234, 2.5, 48_000, 128, 1, b"card", b"all is well")
    control.orders.write(orders)
    control.report.write(report)
    control.health.write(health)
    other = Control(tmp_path / "control")
    assert other.orders.read() == (1, orders)
    assert other.report.read() == (1, report)
    read = other.health.read()
    assert read is not None
    assert read[1]._replace(device=b"card", message=b"all is well") == health
    assert read[1].device.rstrip(b"\0") == b"card"


def test_another_layout_is_refused(tmp_path: Path) -> None:
    Control.create(tmp_path / "control")
    data = bytearray((tmp_path / "control").read_bytes())
    data[9:10] = b"0"
    (tmp_path / "control").write_bytes(data)
    with pytest.raises(DeviceError, match="another version"):
        Control(tmp_path / "control")


def test_a_loop_comes_out_of_its_slot_as_it_went_in(tmp_path: Path) -> None:
    bank = LoopBank.create(tmp_path / "bank-1", 3, 100_000)
    loops = [sliced(tone(440), 1), sliced(hits([0, 13_000]), 2)]
    for slot, loop in enumerate(loops):
        bank.write(slot, loop)
    other = LoopBank(tmp_path / "bank-1")
    for slot, loop in enumerate(loops):
        read = other.read(slot)
        assert np.array_equal(read.audio, loop.audio)
        assert read.slices.starts == loop.slices.starts
        assert read.slices.decays == pytest.approx(loop.slices.decays)
        assert (read.serial, read.sample_rate, read.beats) == (slot + 1, RATE, 4)
    with pytest.raises(ValueError, match="expected at most"):
        bank.write(0, SlicedLoop(np.zeros((100_001, 2), np.float32), RATE, 4, 4, loops[0].slices))


def test_a_slot_is_used_again_only_when_the_server_has_let_go(tmp_path: Path) -> None:
    control = Control.create(tmp_path / "control")
    hand_over = HandOver(tmp_path, control)
    used = []
    for serial in range(1, SLOTS + 1):
        place = hand_over.place(sliced(tone(440), serial))
        assert place is not None
        used.append(place[1])
        hand_over.ordered(control.orders.write(Orders(bank=place[0], slot=place[1], serial=serial)))
    assert sorted(used) == list(range(SLOTS))
    assert hand_over.place(sliced(tone(440))) is None, "the server has seen nothing yet"
    # It has seen all orders, and holds the second and the last slot.
    control.report.write(Report(seen=SLOTS, bank_a=1, slot_a=used[1], bank_b=1, slot_b=used[-1]))
    free = set()
    for serial in range(20, 20 + SLOTS):
        place = hand_over.place(sliced(tone(440), serial))
        if place is None:
            break
        free.add(place[1])
        hand_over.ordered(control.orders.write(Orders(bank=place[0], slot=place[1], serial=serial)))
    assert free == set(used) - {used[1], used[-1]}


def test_a_larger_loop_gets_a_new_bank(tmp_path: Path) -> None:
    control = Control.create(tmp_path / "control")
    hand_over = HandOver(tmp_path, control)
    first = hand_over.place(sliced(tone(440)))
    assert first is not None
    hand_over.ordered(control.orders.write(Orders(bank=first[0], slot=first[1], serial=1)))
    frames = 2**20 + 1
    large = SlicedLoop(np.zeros((frames, 2), np.float32), RATE, 16, 4, sliced(tone(440)).slices, 2)
    place = hand_over.place(large)
    assert place is not None
    assert place[0] != first[0]
    assert len(LoopBank(tmp_path / f"bank-{place[0]}").read(place[1]).audio) == frames


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    script = ("import sys, pathlib; from vaesynth.server.runtime import FileLock; "
              "lock = FileLock(pathlib.Path(sys.argv[1])); print(lock.acquire(), flush=True); "
              "sys.stdin.read()")
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"True"
    lock = FileLock(path)
    assert not lock.is_free()
    assert not lock.acquire()
    holder.kill()
    holder.communicate()
    assert lock.is_free()
    assert lock.acquire()
    lock.release()
    assert lock.is_free()


def test_runtime_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "run"))
    assert runtime_folder() == tmp_path / "run"
    if sys.platform != "win32":
        assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAESYNTH_RUNTIME_DIR", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="expected"):
        runtime_folder()
