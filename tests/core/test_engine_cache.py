import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tones import ToneDecoder

from vaesynth import providers
from vaesynth.engine.apart import loop_apart, sliced_apart
from vaesynth.engine.cache import ByteCache
from vaesynth.engine.maker import FINISHED_BYTES, LoopMaker
from vaesynth.engine.prefetch import RADIUS, Prefetcher
from vaesynth.engine.wanted import CELLS, Wanted
from vaesynth.errors import ModelError, SettingError
from vaesynth.latent_controls import LatentControls
from vaesynth.loop import Loop
from vaesynth.open_decoders import IN_TURN
from vaesynth.slicing import SlicedLoop
from vaesynth.tempo import TempoMode


def wanted(decoder: ToneDecoder, x: float = 0.0, y: float = 0.0) -> Wanted:
    return Wanted(decoder, LatentControls(decoder.metadata).at(x, y), 48_000, TempoMode.SLICES, 120, np.inf)


def wait_for(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 120)), max_size=60))
def test_a_cache_keeps_its_budget_and_the_newest(puts: list[tuple[int, int]]) -> None:
    cache = ByteCache[int](100, lambda size: size)
    for key, size in puts:
        cache.put(key, size)
        assert cache.nbytes <= 100
        assert (cache.get(key) == size) == (size <= 100)
    cache.clear()
    assert cache.nbytes == 0


def test_what_was_used_last_outlives_the_rest() -> None:
    cache = ByteCache[int](30, lambda size: size)
    for key in "abc":
        cache.put(key, 10)
    assert cache.get("a") == 10
    cache.put("d", 10)
    assert ("a" in cache, "b" in cache) == (True, False)


def test_a_loop_is_decoded_once_and_memory_is_bounded() -> None:
    decoder = ToneDecoder()
    maker = LoopMaker()
    first = maker.make(wanted(decoder).recipe())
    assert maker.make(wanted(decoder).recipe()) is first
    assert len(decoder.decoded) == 1
    for n in range(100):
        maker.make(wanted(decoder, n / 100).recipe())
    assert maker._finished.nbytes <= FINISHED_BYTES
    assert not maker.has(wanted(decoder).recipe())


def test_what_is_kept_lies_apart_and_is_copied_once() -> None:
    audio = np.random.default_rng(0).uniform(-1, 1, (480, 2)).astype(np.float32)
    loop = Loop(audio, 48_000, 4, stems=np.stack([audio, 0 * audio]))
    kept = loop_apart(loop)
    for before, after in ((loop.audio, kept.audio), (loop.stems, kept.stems)):
        np.testing.assert_array_equal(before, after)
        assert not np.shares_memory(before, after)
        assert not after.flags.writeable
    assert loop_apart(kept).audio is kept.audio
    sliced = sliced_apart(SlicedLoop.of(loop))
    assert sliced_apart(sliced).audio is sliced.audio
    finished = LoopMaker().make(wanted(ToneDecoder()).recipe())
    assert finished.sliced.audio is finished.loop.audio, "they share it"


def test_another_rate_mode_or_tempo_is_another_loop_of_the_same_decode() -> None:
    decoder = ToneDecoder()
    maker = LoopMaker()
    plain = wanted(decoder)
    recipes = [plain, replace(plain, sample_rate=44_100), replace(plain, mode=TempoMode.REPITCH),
               replace(plain, mode=TempoMode.REPITCH, bpm=100)]
    lengths = [len(maker.make(w.recipe()).sliced.audio) for w in recipes]
    assert lengths == [96_000, 88_200, 96_000, 115_200]
    assert len(decoder.decoded) == 1
    # In slice mode the player follows the tempo.
    assert maker.has(replace(plain, bpm=77).recipe())


def test_the_neighbourhood_is_made_ahead_nearest_first() -> None:
    decoder = ToneDecoder()
    maker = LoopMaker()
    prefetcher = Prefetcher(maker)
    maker.make(wanted(decoder, 0.3, 0.1).recipe())
    prefetcher.go_round(wanted(decoder, 0.3, 0.1))
    room = min((2 * RADIUS + 1) ** 2, maker.room())
    wait_for(lambda: len(decoder.decoded) > room)
    time.sleep(0.05)
    prefetcher.close()
    assert len(decoder.decoded) == room + 1
    places = np.array(decoder.decoded[1:])
    assert places * CELLS / 2 == pytest.approx(np.round(places * CELLS / 2))
    distances = np.hypot(*(places - [0.3, 0.1]).T)
    assert (np.diff(distances) > -1e-6).all()
    assert distances.max() < 1.5 * RADIUS * 2 / CELLS


def test_prefetching_waits_while_it_is_held_and_survives_a_broken_decoder() -> None:
    class Broken(ToneDecoder):
        def decode_loop(self, z: np.ndarray, stems: bool = True) -> None:  # type: ignore[override]
            called.set()
            raise RuntimeError("no")

    called = threading.Event()
    prefetcher = Prefetcher(LoopMaker())
    prefetcher._maker._last_bytes = 1
    prefetcher.go_round(wanted(Broken()))
    assert called.wait(10)
    wait_for(lambda: not prefetcher._go.is_set())
    decoder = ToneDecoder()
    prefetcher.go_round(wanted(decoder))
    wait_for(lambda: len(decoder.decoded) > 2)
    prefetcher.close()
    assert not prefetcher._thread.is_alive()


def test_loops_ahead_take_turns_with_what_else_nobody_waits_for() -> None:
    decoder = ToneDecoder()
    prefetcher = Prefetcher(LoopMaker())
    prefetcher._maker._last_bytes = 1
    with IN_TURN:
        prefetcher.go_round(wanted(decoder))
        time.sleep(0.1)
        assert not decoder.decoded
    wait_for(lambda: len(decoder.decoded) > 2)
    prefetcher.close()


def test_a_jump_gives_up_the_decode_made_ahead() -> None:
    begun = threading.Event()

    class Endless(ToneDecoder):
        def decode_loop(self, z: np.ndarray, stems: bool = True) -> None:  # type: ignore[override]
            halt = providers._halt.get()
            assert halt is not None
            begun.set()
            while not halt.options.terminate:
                time.sleep(0.001)
            raise ModelError("terminated")

    prefetcher = Prefetcher(LoopMaker())
    prefetcher._maker._last_bytes = 1
    prefetcher.go_round(wanted(Endless()))
    assert begun.wait(10)
    prefetcher.hold(halt=True)
    prefetcher.close()
    assert not prefetcher._thread.is_alive()


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_the_grid_of_a_moving_pad_is_half_a_cell_away_at_most(x: float, y: float) -> None:
    near = wanted(ToneDecoder(), x, y).near().controls
    assert max(abs(near.x - x), abs(near.y - y)) <= 1 / CELLS + 1e-12


def test_an_exact_latent_stands_in_for_the_pad() -> None:
    controls = LatentControls(ToneDecoder().metadata).at(0.5, 0.5).with_latent([0.25, -1])
    assert controls.latent() == pytest.approx([0.25, -1])
    assert controls.with_macro("louder", 0.5).latent() == pytest.approx([0.75, -0.5])
    locked = controls.with_lock("left").at(1, 1)
    assert locked.latent() == pytest.approx([0.25, 1])
    for wrong in ([1, 2, 3], [np.nan, 0], ["a", 0], 3):
        with pytest.raises(SettingError, match="expected 2 finite numbers for tones"):
            controls.with_latent(wrong)
