"""Hits on a kit → one seamless bar."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vaesynth.geometry import NATIVE_LOOP
from vaesynth.loop import Audio

from ..voices import HAT_CLOSED, HAT_OPEN, KICK, VOICES
from .instance import KitInstance
from .voices import Hit

FRAMES = NATIVE_LOOP.frames
CHOKE_FADE = 480
"""Frames (10 ms) in which a choked sound dies."""
PEAK = 10 ** (-1 / 20)
"""Peak of a rendered bar: -1 dBFS."""

CHOKED_BY = {HAT_OPEN: (HAT_CLOSED, HAT_OPEN)}
"""Voices that end a voice's sound."""


def render_bar(hits: Sequence[Hit], kit: KitInstance) -> Audio:
    """One bar `(96000, 2)` float32, peak -1 dBFS; tails that pass its end go on at its start.

    Args:
        hits: the strokes, in any order.
        kit: what they are played on.

    Raises:
        ValueError: nothing sounds.
    """
    stems, send = render_stems(hits, kit)
    return normalise(kit.bus.apply(stems.sum(axis=0), send))


def normalise(bar: Audio) -> Audio:
    """The bar with its peak at -1 dBFS.

    Raises:
        ValueError: the bar is silent.
    """
    peak = float(np.abs(bar).max(initial=0.0))
    if not peak > 1e-4:
        raise ValueError(f"the bar is silent, its peak is {peak:g}")
    return np.asarray(bar * np.float32(PEAK / peak), dtype=np.float32)


def render_stems(hits: Sequence[Hit], kit: KitInstance) -> tuple[npt.NDArray[np.float32], Audio]:
    """Strokes of each voice before the bus, `(8, 96000, 2)`, and what goes into the room, `(96000, 2)`."""
    stems = np.zeros((len(VOICES), FRAMES, 2), np.float32)
    send = np.zeros((FRAMES, 2), np.float32)
    wants_send = kit.bus.room is not None
    ordered = sorted(hits)
    for hit in ordered:
        sound = kit.layer(hit.note, hit.velocity)
        if sound is None:
            continue
        start = round(hit.position * FRAMES) % FRAMES
        sound = _choked(sound, hit, ordered, kit)
        gain = kit.amplitude(hit.velocity)
        _add(stems[hit.voice], start, sound, gain)
        if wants_send:
            _add(send, start, sound, gain * kit.send(hit.note))
    return stems, send


def _choked(sound: Audio, hit: Hit, hits: Sequence[Hit], kit: KitInstance) -> Audio:
    """The sound up to the next stroke (round the bar) that ends it, with a short fade."""
    by = (KICK,) if hit.voice == KICK and kit.mono_kick else CHOKED_BY.get(hit.voice, ())
    gaps = [gap for other in hits if other.voice in by and (gap := (other.position - hit.position) % 1.0) > 0]
    end = round(min(gaps, default=1.0) * FRAMES) + CHOKE_FADE
    if end >= len(sound):
        return sound
    sound = sound[:end].copy()
    fade = min(CHOKE_FADE, end)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return sound


def _add(bar: Audio, start: int, sound: Audio, gain: float) -> None:
    head = min(len(sound), FRAMES - start)
    bar[start : start + head] += sound[:head] * np.float32(gain)
    if head < len(sound):
        bar[: len(sound) - head] += sound[head:] * np.float32(gain)
