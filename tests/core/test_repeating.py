import threading

from vaesynth.repeating import Repeating


def test_rounds_follow_each_other_until_the_end() -> None:
    rounds, enough = [], threading.Event()

    def work() -> float:
        rounds.append(threading.current_thread().name)
        if len(rounds) == 3:
            enough.set()
        return 0.0

    repeating = Repeating("test-rounds", work)
    assert enough.wait(10)
    repeating.close()
    after = len(rounds)
    assert set(rounds) == {"test-rounds"}
    assert len(rounds) == after
    repeating.close()


def test_the_end_interrupts_the_wait() -> None:
    begun = threading.Event()

    def work() -> float:
        begun.set()
        return 3600.0

    repeating = Repeating("test-wait", work)
    assert begun.wait(10)
    repeating.close(60)
    assert not any(t.name == "test-wait" for t in threading.enumerate())
