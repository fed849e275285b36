"""Offline rendering: what the player would play, without a device."""

from collections.abc import Mapping, Sequence

import numpy as np

from .chain import MAX_BARS, lay_bars
from .errors import SettingError
from .latent_controls import LatentControls, LoopDecoder
from .loop import Audio, Loop
from .player import LoopPlayer
from .shaping import NEUTRAL, Shaping, shape
from .slicing import SlicedLoop
from .stretch import at_rate, at_tempo
from .swing import Swing
from .tempo import MICRO, TempoMode, check_bpm

MAX_SECONDS = 3600
BLOCK_FRAMES = 512


def render(decoder: LoopDecoder, x: float = 0.0, y: float = 0.0, *, bars: int = 1, bpm: float | None = None,
           sample_rate: int | None = None, mode: TempoMode = TempoMode.SLICES,
           macros: Mapping[str, float] | None = None, shaping: Shaping = NEUTRAL,
           chain: Sequence[tuple[float, float]] = ()) -> Loop:
    """Play one pad position for some bars.

    The first sample is the downbeat's; nothing is faded, so that the result is itself a loop wherever its
    bars are a multiple of the model's.

    Args:
        decoder: the instrument, of kind loop.
        x, y: pad position in [-1, 1].
        bars: how many, from 1.
        bpm: tempo; None for the model's own.
        sample_rate: in Hz; None for the model's own.
        mode: how the loop follows a tempo that is not its own.
        macros: name → value.
        shaping: of the sound.
        chain: further positions; a bar of each follows in turn.

    Returns:
        The rendered bars in stereo.

    Raises:
        ModelError: the model is of another kind, or fails.
        SettingError: a value out of range.
    """
    controls = LatentControls(decoder.metadata).at(x, y)
    for name, value in (macros or {}).items():
        controls = controls.with_macro(name, value)
    geometry = decoder.metadata.loop
    tempo = geometry.bpm if bpm is None else check_bpm(bpm)
    rate = sample_rate or geometry.sample_rate
    beats = bars * geometry.beats_per_bar
    most = int(MAX_SECONDS * tempo / 60 / geometry.beats_per_bar)
    if not 1 <= bars <= most:
        raise SettingError(f"bars is {bars}, expected 1 to {most}")
    if len(chain) >= MAX_BARS:
        raise SettingError(f"chain has {len(chain) + 1} places, expected at most {MAX_BARS}")
    loops = [decoder.decode_loop(c.latent(), stems=shaping.uses_stems)
             for c in (controls, *(controls.at(*place) for place in chain))]
    decoded = lay_bars(loops)
    loop = at_tempo(at_rate(shape(decoded, shaping, decoder.metadata.voices), rate), tempo, mode)
    audio = play_bars(SlicedLoop.of(loop), beats, tempo)
    audio.flags.writeable = False
    return Loop(audio, rate, beats, geometry.beats_per_bar)


def play_bars(loop: SlicedLoop, beats: int, bpm: float, swing: Swing | None = None) -> Audio:
    """Play `beats` beats of a loop from its downbeat, float32 `(frames, 2)`."""
    player = LoopPlayer(loop.sample_rate)
    player.clock.micro_bpm = round(bpm * MICRO)
    if swing is not None:
        player.set_swing(swing)
    player.offer(loop)
    player.play(fade=False)
    out = np.empty((round(60 * beats * loop.sample_rate / bpm), 2), np.float32)
    for start in range(0, len(out), BLOCK_FRAMES):
        player.render(out[start:start + BLOCK_FRAMES])
    return out
