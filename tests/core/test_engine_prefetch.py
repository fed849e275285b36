"""What is made ahead gives way to what somebody waits for."""

import os
import sys
import threading
import time
from typing import Any, cast

import pytest
from tones import ToneDecoder

from vaesynth import providers
from vaesynth.engine import prefetch
from vaesynth.engine.maker import LoopMaker, Recipe
from vaesynth.engine.prefetch import Prefetcher
from vaesynth.engine.tuning import come_first, stand_back
from vaesynth.engine.wanted import Wanted
from vaesynth.latent_controls import LatentControls
from vaesynth.tempo import TempoMode


class Endless:
    """Makes a loop until it is halted."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def room(self) -> int:
        return 1

    def has(self, recipe: Recipe) -> bool:
        return False

    def make(self, recipe: Recipe) -> None:
        halt = providers._halt.get()
        assert halt is not None
        with halt.running():
            self.begun.set()
            while not halt.options.terminate:
                time.sleep(0.001)
            self.ended.set()
        raise RuntimeError("halted")


def test_a_halt_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "HALT_SECONDS", 20)
    maker, decoder = Endless(), cast(Any, ToneDecoder())
    ahead = Prefetcher(cast(LoopMaker, maker))
    ahead.go_round(Wanted(decoder, LatentControls(decoder.metadata), 48_000, TempoMode.SLICES, 120, 0))
    assert maker.begun.wait(20)
    assert ahead.busy
    ahead.hold()
    assert not maker.ended.is_set()
    ahead.hold(halt=True)
    assert maker.ended.is_set()
    assert not ahead.busy
    ahead.close()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is no thread's own")
def test_a_thread_stands_back_or_comes_first_alone() -> None:
    niceness, policies = list[int](), list[int]()

    def work() -> None:
        thread = threading.get_native_id()
        stand_back(3)
        niceness.append(os.getpriority(os.PRIO_PROCESS, thread))
        come_first()
        policies.append(os.sched_getscheduler(thread))

    before = os.getpriority(os.PRIO_PROCESS, os.getpid()), os.sched_getscheduler(os.getpid())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert niceness == [min(19, before[0] + 3)]
    assert policies in ([os.SCHED_RR | os.SCHED_RESET_ON_FORK], [before[1]])  # as the system grants
    assert (os.getpriority(os.PRIO_PROCESS, os.getpid()), os.sched_getscheduler(os.getpid())) == before
