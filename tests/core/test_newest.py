import threading
import time

from vaesynth.newest import NewestWorker


def test_what_is_overtaken_is_never_worked_on() -> None:
    done, begun, go_on, overtaken = [], threading.Event(), threading.Event(), []

    def work(request: int) -> None:
        done.append(request)
        begun.set()
        assert go_on.wait(10)
        overtaken.append(worker.overtaken)

    worker = NewestWorker("test", work)
    worker.ask(0)
    assert begun.wait(10)
    begun.clear()
    for request in range(1, 100):
        worker.ask(request)
    go_on.set()
    assert begun.wait(10)
    worker.close()
    assert done == [0, 99]
    assert overtaken == [True, False] or overtaken == [True, True], "the second may see the end"


def test_the_end_does_not_wait_for_what_waits() -> None:
    done, go_on = [], threading.Event()

    def work(request: int) -> None:
        done.append(request)
        assert go_on.wait(10)

    worker = NewestWorker("test", work)
    worker.ask(1)
    while not done:
        time.sleep(0.001)
    worker.ask(2)
    threading.Timer(0.05, go_on.set).start()
    worker.close()
    assert done == [1]


def test_rest_lasts_until_something_newer_is_asked_for() -> None:
    rested: list[bool] = []

    def work(request: float) -> None:
        rested.append(worker.rests(request))

    worker = NewestWorker("test", work)
    worker.ask(600)
    time.sleep(0.05)
    worker.ask(0.01)
    while len(rested) < 2:
        time.sleep(0.001)
    worker.close()
    assert rested == [False, True]
