"""How many moves of the pad cost no decode, by how much memory the finished loops may take.

    python bench/kept.py [--decode MS] [--ahead MS]

In simulated time: the engine's own wishes, grid and cache, worked off by the rules of its worker (the newest
wish wins) and of its prefetcher (the nearest place round the puck, while the worker rests), so that a busy
machine changes nothing. Loops are as large as the drums'. Each hand moves for a minute: slowly over the pad
and faster, to and fro on a line, round and round, and searching: from point to point in one corner.
"""

import argparse
import math
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "core"))

from tones import ToneDecoder

from vaesynth.engine.cache import ByteCache
from vaesynth.engine.prefetch import AHEAD_SECONDS, RADIUS
from vaesynth.engine.wanted import Wanted
from vaesynth.latent_controls import LatentControls
from vaesynth.tempo import TempoMode

LOOP_BYTES, FRAME_MS, HAND_OVER_MS, SECONDS = 96_000 * 8, 16, 2, 60
BUDGETS = (64, 48, 32, 24, 16)
Way = Callable[[float], tuple[float, float]]


def ways() -> dict[str, Way]:
    """Name → position of the hand at a time in seconds."""
    rng = random.Random(1)
    points = [(0.3 + 0.08 * rng.gauss(0, 1), 0.1 + 0.08 * rng.gauss(0, 1)) for _ in range(2 * SECONDS + 2)]

    def searching(t: float) -> tuple[float, float]:
        number, part = int(2 * t), min(1.0, 2 * (2 * t % 1))
        (x, y), (to_x, to_y) = points[number:number + 2]
        return x + part * (to_x - x), y + part * (to_y - y)
    return {
        "slow": lambda t: (0.9 * math.sin(0.1 * t), 0.9 * math.sin(0.157 * t)),
        "wide": lambda t: (0.9 * math.sin(0.4 * t), 0.9 * math.sin(0.63 * t)),
        "quick": lambda t: (0.9 * math.sin(1.5 * t), 0.9 * math.sin(2.4 * t)),
        "line": lambda t: (0.5 * math.sin(t), 0.1),
        "round": lambda t: (0.3 + 0.2 * math.sin(t), 0.2 + 0.12 * math.sin(1.3 * t)),
        "searching": searching}


class Desk:
    """Worker and prefetcher, a millisecond after the other.

    Args:
        budget: bytes that the finished loops may take.
        decode_ms, ahead_ms: time to make a loop for the worker, and ahead.
    """

    def __init__(self, budget: int, decode_ms: int, ahead_ms: int) -> None:
        self.hits = self.misses = 0
        self._room = budget // 2 // LOOP_BYTES
        self._cache = ByteCache[int](budget, lambda size: size)
        self._decode_ms, self._ahead_ms = decode_ms, ahead_ms
        self._work: tuple[int, Wanted] | None = None
        self._ahead: tuple[int, tuple[float, float]] | None = None
        self._round: Wanted | None = None
        self._held = True

    def turn(self, now: int, wish: Wanted | None) -> bool:
        """One millisecond; whether the wish was taken."""
        if self._ahead and now >= self._ahead[0]:
            self._cache.put(self._ahead[1], LOOP_BYTES)
            self._ahead = None
        if self._work and now >= self._work[0]:
            self._cache.put(place(self._work[1]), LOOP_BYTES)
            self._round, self._work, self._held = self._work[1], None, False
        taken = self._work is None and wish is not None
        if taken and wish is not None:
            hit = self._cache.get(place(wish)) is not None
            self.hits, self.misses = self.hits + hit, self.misses + (not hit)
            self._held = not hit
            self._work = now + (HAND_OVER_MS if hit else self._decode_ms), wish
        if self._ahead is None and self._round is not None and not self._held:
            near = map(place, self._round.neighbours(RADIUS, AHEAD_SECONDS)[:self._room])
            missing = next((p for p in near if p not in self._cache), None)
            if missing is None:
                self._round = None
            else:
                self._ahead = now + self._ahead_ms, missing
        return taken


def place(wanted: Wanted) -> tuple[float, float]:
    """Where on the grid a wish lies."""
    near = wanted.near().controls
    return near.x, near.y


def rate(way: Way, budget: int, decode_ms: int, ahead_ms: int) -> float:
    """Share of the wishes on a way for which a loop was there."""
    decoder = ToneDecoder()
    controls = LatentControls(decoder.metadata)
    still = Wanted(decoder, controls, 48_000, TempoMode.SLICES, 120, math.inf)
    desk, wish, before = Desk(budget, decode_ms, ahead_ms), None, way(0)
    for now in range(1000 * SECONDS):
        if now % FRAME_MS == 0:
            x, y = way(now / 1000)
            heading = (1000 * (x - before[0]) / FRAME_MS, 1000 * (y - before[1]) / FRAME_MS)
            if heading != (0, 0) or now == 0:
                wish = replace(still, controls=controls.at(x, y), heading=heading)
            before = x, y
        if desk.turn(now, wish):
            wish = None
    return desk.hits / (desk.hits + desk.misses)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--decode", type=int, default=25, help="ms that the worker takes for a loop")
    parser.add_argument("--ahead", type=int, default=40, help="ms that a loop ahead takes")
    options = parser.parse_args()
    hands = ways()
    print("MB    " + "".join(f"{name:>11}" for name in hands))
    for budget in BUDGETS:
        rates = (rate(way, budget * 2**20, options.decode, options.ahead) for way in hands.values())
        print(f"{budget:<6}" + "".join(f"{share:11.2f}" for share in rates), flush=True)


if __name__ == "__main__":
    main()
