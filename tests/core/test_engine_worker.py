"""Wishes to sound, with the real callback turned by hand."""

import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from by_hand import ServerByHand
from tones import ToneDecoder

from vaesynth.engine import Engine, Quantise
from vaesynth.engine.tuning import tidy
from vaesynth.engine.wanted import CELLS
from vaesynth.engine.worker import KEPT_LOOPS
from vaesynth.latent_map import Latent
from vaesynth.loop import Loop
from vaesynth.shaping import Shaping


def level(server: ServerByHand) -> tuple[float, float]:
    """Amplitude of the left and right tone in what plays now."""
    left, right = np.abs(server.play(10)).max(axis=0)
    return float(left), float(right)


def settled(server: ServerByHand, x: float, y: float) -> bool:
    return level(server) == pytest.approx((0.3 + 0.1 * x, 0.3 + 0.1 * y), abs=2e-4)


def served(engine: Engine) -> int:
    status = engine.status()
    return status.cache_hits + status.cache_misses


def sweep(server: ServerByHand, engine: Engine, places: npt.NDArray[np.float64]) -> None:
    """Move the pad, waiting for each place until the worker has come to it."""
    for x in places:
        before = served(engine)
        engine.move_to(x, 0.1234)
        server.play_until(lambda before=before: served(engine) > before)  # type: ignore[misc]


def test_going_over_the_same_ground_again_costs_no_decode_and_ends_exactly(tmp_path: Path) -> None:
    decoder, server = ToneDecoder(), ServerByHand(tmp_path)
    with Engine(decoder, server) as engine:  # type: ignore[arg-type]  # all of it that is asked for
        engine.play()
        there = np.linspace(0, 0.513, 16)  # which fit into the cache beside what is made ahead
        sweep(server, engine, there)
        server.play_until(lambda: settled(server, 0.513, 0.1234))
        before = engine.status()
        sweep(server, engine, there[::-1])
        sweep(server, engine, there)
        after = engine.status()
        assert (after.cache_hits - before.cache_hits) + (after.cache_misses - before.cache_misses) == 32
        assert after.cache_misses - before.cache_misses <= 3
        server.play_until(lambda: settled(server, 0.513, 0.1234))


def test_the_loop_that_sounds_is_known_however_many_were_made_since(tmp_path: Path) -> None:
    decoder, server = ToneDecoder(), ServerByHand(tmp_path)
    with Engine(decoder, server) as engine:  # type: ignore[arg-type]
        engine.play()
        engine.move_to(1, 1)
        server.play_until(lambda: engine.status().sounding == 1)
        engine.set_quantise(Quantise.LOOP)
        engine.set_tempo(40)  # none of what follows comes to sound
        serials = []
        for x in np.linspace(-1, 0, 3 * KEPT_LOOPS):
            before = served(engine)
            engine.move_to(x, 0)
            server.play_until(lambda before=before: served(engine) > before)  # type: ignore[misc]
            server.play(2)
            serials.append(engine._worker.newest()[0])  # type: ignore[index]
        assert len(set(serials)) > KEPT_LOOPS + 1
        serial, loop = engine.sounding_loop() or (0, None)
        assert serial == engine.status().sounding == 1
        assert loop is not None
        assert np.abs(loop.audio).max(axis=0) == pytest.approx([0.4, 0.4], abs=1e-3)
        assert len(engine._worker._loops) <= KEPT_LOOPS + 1


def test_a_jump_is_exact_at_once(tmp_path: Path) -> None:
    decoder, server = ToneDecoder(), ServerByHand(tmp_path)
    with Engine(decoder, server) as engine:  # type: ignore[arg-type]
        engine.play()
        engine.move_to(0.3, -0.7)
        server.play_until(lambda: engine.status().sounding == 1)
        server.play(40)
        assert decoder.decoded[0] == pytest.approx([0.3, -0.7])
        assert level(server) == pytest.approx((0.33, 0.23), abs=2e-4)
        assert (engine.status().cache_hits, engine.status().cache_misses) == (0, 1)


def test_what_is_made_ahead_is_told_and_costs_the_next_move_no_decode(tmp_path: Path) -> None:
    asked_for, ahead = threading.Event(), threading.Event()

    class Held(ToneDecoder):
        def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
            if asked_for.is_set():
                ahead.wait(20)
            asked_for.set()
            return super().decode_loop(z)

    server = ServerByHand(tmp_path)
    with Engine(Held(), server) as engine:  # type: ignore[arg-type]
        engine.play()
        engine.move_to(0, 0)
        server.play_until(lambda: engine.status().making_ahead)
        ahead.set()
        server.play_until(lambda: not engine.status().making_ahead)
        engine.move_to(2 / CELLS, 0)
        server.play_until(lambda: settled(server, 2 / CELLS, 0))
        assert (engine.status().cache_hits, engine.status().cache_misses) == (1, 1)


def test_an_exact_latent_is_played_and_left_by_the_next_move(tmp_path: Path) -> None:
    decoder, server = ToneDecoder(), ServerByHand(tmp_path)
    with Engine(decoder, server) as engine:  # type: ignore[arg-type]
        engine.play()
        engine.move_to_latent([1.2345678, -2])
        server.play_until(lambda: settled(server, 1.2345678, -2))
        engine.move_to(0, 0)
        server.play_until(lambda: settled(server, 0, 0))


def test_a_late_decode_is_counted_and_the_old_loop_goes_on(tmp_path: Path) -> None:
    class Slow(ToneDecoder):
        def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
            time.sleep(0.3 if z[0] > 0.9 else 0)
            return super().decode_loop(z)

    server = ServerByHand(tmp_path)
    with Engine(Slow(), server) as engine:  # type: ignore[arg-type]
        engine.move_to(0, 0)
        server.play_until(lambda: engine.status().sounding == 1)
        engine.play()
        engine.set_tempo(240)
        engine.set_quantise(Quantise.SIXTEENTH)  # a line each 62.5 ms
        server.play(8)
        engine.move_to(1, 1)
        while engine.status().deadline_misses == 0:
            block = server.play()
            assert np.abs(block).max() > 0.05
            time.sleep(256 / 48_000)
        assert engine.status().deadline_misses == 1
        server.play_until(lambda: engine.status().sounding == 2)


def test_what_shaping_needs_is_loaded_once_and_where_it_is_expected(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    loaded = threading.Event()

    def load() -> None:
        loads.append(threading.current_thread().name)
        loaded.set()
    monkeypatch.setattr("vaesynth.engine.worker.load_shaping", load)
    server = ServerByHand(tmp_path)
    with Engine(ToneDecoder(), server) as engine:  # type: ignore[arg-type]
        engine.move_to(0.5, 0.5)
        server.play_until(lambda: engine.status().sounding == 1)
        assert not loads
        engine.expect_shaping()
        engine.expect_shaping()
        assert loaded.wait(20)
    assert loads == ["vaesynth-load"]


def test_free_memory_goes_back_beside_the_sound_until_the_engine_is_closed(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tidy() > 1
    threads: list[str] = []
    third = threading.Event()

    def often() -> float:
        threads.append(threading.current_thread().name)
        if len(threads) == 3:
            third.set()
        return 0.01
    monkeypatch.setattr("vaesynth.engine.engine.tidy", often)
    with Engine(ToneDecoder(), ServerByHand(tmp_path)):  # type: ignore[arg-type]
        assert third.wait(20)
    after = len(threads)
    time.sleep(0.1)
    assert len(threads) == after
    assert set(threads) == {"vaesynth-tidy"}


def test_shaping_is_rendered_into_the_loop_of_the_same_decode(tmp_path: Path) -> None:
    decoder, server = ToneDecoder(), ServerByHand(tmp_path)
    with Engine(decoder, server) as engine:  # type: ignore[arg-type]
        engine.play()
        engine.move_to(0.3, -0.7)
        server.play_until(lambda: settled(server, 0.3, -0.7))
        exactly = [z for z in decoder.decoded if z == pytest.approx([0.3, -0.7])]
        engine.set_shaping(Shaping(low_cut=440))  # the tone lies at the corner: 3 dB less
        assert engine.shaping == Shaping(low_cut=440)
        softer = (0.33 * 0.5**0.5, 0.23 * 0.5**0.5)
        server.play_until(lambda: level(server) == pytest.approx(softer, rel=0.01))
        assert [z for z in decoder.decoded if z == pytest.approx([0.3, -0.7])] == exactly
        engine.set_shaping(Shaping())
        server.play_until(lambda: settled(server, 0.3, -0.7))


def test_cells_of_the_grid_are_as_fine_as_midi() -> None:
    assert 2 / CELLS <= 2 / 127
