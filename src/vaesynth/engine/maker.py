"""From a latent to a loop for the player: decode, shape, bring to the device's rate and tempo, slice."""

import math
import time
from collections.abc import Hashable
from dataclasses import dataclass, replace

from ..chain import lay_bars
from ..latent_controls import LoopDecoder
from ..latent_map import Latent
from ..loop import Loop
from ..shaping import NEUTRAL, Shaping, shape
from ..slicing import SlicedLoop
from ..stretch import at_rate, at_tempo
from ..tempo import TempoMode
from .apart import loop_apart, sliced_apart
from .cache import ByteCache

FINISHED_BYTES = 32 * 2**20
"""Twice as much would spare a searching hand 7 of 100 decodes, and others next to none (bench/kept.py)."""
DECODED_BYTES = 16 * 2**20


@dataclass(frozen=True, eq=False)
class Recipe:
    """All that one finished loop depends on: the same recipe gives the same samples.

    Attributes:
        decoder: the instrument.
        z: float32 `(latent_dim,)`.
        sample_rate: of the device, in Hz.
        mode: how the loop follows the tempo.
        bpm: the tempo; in slice mode the player follows it, and it plays no part here.
        shaping: of the sound.
        chain: latents of further loops, whose bars follow in turn.
        bars: length of the whole; None for the model's own, or a bar for each loop of a chain.
    """

    decoder: LoopDecoder
    z: Latent
    sample_rate: int
    mode: TempoMode
    bpm: float
    shaping: Shaping = NEUTRAL
    chain: tuple[Latent, ...] = ()
    bars: int | None = None

    @property
    def key(self) -> Hashable:
        """Equal for recipes that give the same loop."""
        bpm = None if self.mode is TempoMode.SLICES else self.bpm
        latents = tuple(z.tobytes() for z in self.latents)
        return self.decoder, latents, self.bars, self.sample_rate, self.mode, bpm, self.shaping

    @property
    def latents(self) -> tuple[Latent, ...]:
        """Of all its loops."""
        return self.z, *self.chain


@dataclass(frozen=True, eq=False)
class Finished:
    """A loop as people see it, at the model's own rate and tempo, and as the player takes it."""

    loop: Loop
    sliced: SlicedLoop

    @property
    def nbytes(self) -> int:
        """Memory of both; they share it where nothing had to be converted."""
        shared = self.sliced.audio is self.loop.audio
        return self.loop.audio.nbytes + (0 if shared else self.sliced.audio.nbytes)


def finish(recipe: Recipe, decoded: Loop) -> Finished:
    """All that follows decoding."""
    loop = shape(decoded, recipe.shaping, recipe.decoder.metadata.voices)
    return Finished(loop, SlicedLoop.of(at_tempo(at_rate(loop, recipe.sample_rate), recipe.bpm, recipe.mode)))


class LoopMaker:
    """Makes loops and keeps the last ones within bounded memory, finished, and a few as they were decoded.

    Several threads may make loops at once.

    Attributes:
        decode_ms: time of the last decode, NaN before the first one.
    """

    def __init__(self) -> None:
        self.decode_ms = math.nan
        self._last_bytes = 0
        self._finished = ByteCache[Finished](FINISHED_BYTES, lambda finished: finished.nbytes)
        self._decoded = ByteCache[Loop](DECODED_BYTES, _decoded_bytes)

    def has(self, recipe: Recipe) -> bool:
        """Whether the loop is there already."""
        return recipe.key in self._finished

    def make(self, recipe: Recipe) -> Finished:
        """The loop of a recipe.

        Raises:
            ModelError: the decoder fails.
            SettingError: tempo mode or shaping need a package that is not installed.
        """
        key = recipe.key
        finished = self._finished.get(key)
        if finished is None:
            finished = _apart(finish(recipe, self._decode(recipe)))
            self._finished.put(key, finished)
            self._last_bytes = finished.nbytes
        return finished

    def room(self) -> int:
        """How many loops like the last one fit into half the memory."""
        return self._finished.budget // 2 // max(1, self._last_bytes)

    def clear(self) -> None:
        """Let go of all loops."""
        self._finished.clear()
        self._decoded.clear()

    def _decode(self, recipe: Recipe) -> Loop:
        return lay_bars([self._decode_one(recipe, z) for z in recipe.latents], recipe.bars)

    def _decode_one(self, recipe: Recipe, z: Latent) -> Loop:
        stems = recipe.shaping.uses_stems
        key = recipe.decoder, z.tobytes(), stems
        loop = self._decoded.get(key)
        if loop is None:
            begun = time.perf_counter()
            loop = loop_apart(recipe.decoder.decode_loop(z, stems=stems))
            self.decode_ms = 1000 * (time.perf_counter() - begun)
            self._decoded.put(key, loop)
        return loop


def _apart(finished: Finished) -> Finished:
    """Both in memory of their own, or in the same where they share it."""
    loop = loop_apart(finished.loop)
    if finished.sliced.audio is finished.loop.audio:
        return Finished(loop, replace(finished.sliced, audio=loop.audio))
    return Finished(loop, sliced_apart(finished.sliced))


def _decoded_bytes(loop: Loop) -> int:
    return loop.audio.nbytes + (0 if loop.stems is None else loop.stems.nbytes)
