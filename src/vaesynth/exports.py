"""Loops, stems, hits and variations as files: bar-exact, in the session's tempo, swing and length."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .chain import lay_bars
from .errors import ModelError
from .folders import make_folder
from .latent_controls import LatentControls, LoopDecoder
from .latent_map import Latent
from .loop import Audio, Loop
from .loop_file import suggested_name, write
from .metadata import ModelMetadata
from .render import play_bars
from .session import Session
from .session.planes import plane_of
from .shaping import Shaping, shape
from .slicing import SlicedLoop
from .stretch import at_tempo
from .swing import STRAIGHT, Swing
from .tempo import TempoMode

if TYPE_CHECKING:
    from .groove import Stroke

FINE = 96_000
"""Parts of a beat in which hits are swung."""


@dataclass(frozen=True)
class Timing:
    """How a loop is to be played: tempo, swing in %, and how it follows another tempo than its own."""

    bpm: float
    swing: float
    mode: TempoMode

    @classmethod
    def of(cls, session: Session) -> "Timing":
        """That of a session."""
        return cls(session.bpm, session.swing, session.tempo_mode)


def played(loop: Loop, timing: Timing) -> Loop:
    """The loop as the instrument plays it, once round; the loop itself where nothing differs."""
    if abs(loop.bpm - timing.bpm) < 1e-6 and timing.swing == STRAIGHT:
        return loop
    sliced = SlicedLoop.of(at_tempo(loop, timing.bpm, timing.mode))
    return _loop(_play(sliced, timing), loop)


def played_stems(loop: Loop, timing: Timing) -> list[Loop]:
    """Each stem of a loop as the instrument plays it; cut at the slices of the mix, so that they add up.

    Raises:
        ModelError: the loop has no stems.
    """
    if loop.stems is None:
        raise ModelError("this model has no stems, expected one that decodes its voices one by one")
    table = SlicedLoop.of(at_tempo(loop, timing.bpm, timing.mode)).slices
    stems = []
    for audio in loop.stems:
        stem = at_tempo(_loop(audio, loop), timing.bpm, timing.mode)
        if abs(loop.bpm - timing.bpm) < 1e-6 and timing.swing == STRAIGHT:
            stems.append(stem)
        else:
            stems.append(_loop(_play(replace(SlicedLoop.of(stem), slices=table), timing), loop))
    return stems


def latent_at(session: Session, metadata: ModelMetadata, x: float, y: float) -> Latent:
    """The latent at a pad position with the session's plane, macros and lock, float32 `(latent_dim,)`."""
    controls = LatentControls(metadata).on(plane_of(session, metadata)).at(x, y)
    for name, value in session.macros.items():
        controls = controls.with_macro(name, value)
    held = session.held
    if session.lock is not None and held is not None:
        controls = controls.with_lock(session.lock, (held.x, held.y), held.macros)
    return controls.latent()


def laid(decoder: LoopDecoder, session: Session, z: Sequence[float] | Latent, *, stems: bool = True) -> Loop:
    """What sounds, unshaped: the loop of `z` in the session's length, or its chain, which begins with it.

    Raises:
        ModelError: the model fails.
    """
    further = session.chain[1:] if session.chaining else ()
    latents = [np.asarray(z, np.float32),
               *(latent_at(session, decoder.metadata, x, y) for x, y in further)]
    return lay_bars([decoder.decode_loop(latent, stems=stems) for latent in latents], session.bars)


def sounding_strokes(loop: Loop, voices: Sequence[str], shaping: Shaping,
                     swing: float) -> tuple["Stroke", ...]:
    """The hits of a loop as they are heard: without muted stems and steps, and swung.

    Args:
        loop: as it was decoded.
        voices: names of its stems.
        shaping: whose mutes count.
        swing: in %.
    """
    from .groove import find_groove

    names, bend = tuple(voices), Swing(round(10 * swing))
    silent = {voice for voice, sounds in zip(names, shaping.sounding(names), strict=True) if not sounds}
    return tuple(
        replace(stroke, beat=bend.place(round(stroke.beat * FINE), FINE // 2) / FINE)
        for stroke in find_groove(loop, names)
        if stroke.voice not in silent
        and round(4 * stroke.beat) % (4 * loop.beats) not in shaping.muted_steps)


def write_stems(model: Path, session: Session, z: Sequence[float], folder: Path) -> list[Path]:
    """Write each of the stems of what sounds, see `laid`; returns the files.

    Raises:
        ModelError: the model has no stems.
        OutputError: the folder cannot be written.
    """
    from .open_decoders import shared

    decoder = shared(model, kind="loop")
    timing, name = Timing.of(session), decoder.metadata.name
    stems = played_stems(laid(decoder, session, z), timing)
    files = [folder / suggested_name(name, timing.bpm, session.x, session.y, voice)
             for voice in decoder.metadata.voices]
    return _write(stems, files)


def write_midi(model: Path, session: Session, z: Sequence[float], path: Path) -> list[Path]:
    """Write the hits of what sounds, see `laid` and `sounding_strokes`, as a MIDI file; returns it.

    Raises:
        ModelError: the model fails.
        OutputError: the file cannot be written.
        SettingError: a package for MIDI files is not installed.
    """
    from .midi_file import write_groove
    from .open_decoders import shared

    decoder = shared(model, kind="loop")
    loop, voices = laid(decoder, session, z), decoder.metadata.voices
    strokes = sounding_strokes(loop, voices, session.shaping, session.swing)
    write_groove(path, strokes, session.bpm, beats=loop.beats, total_beats=loop.beats,
                 beats_per_bar=loop.beats_per_bar, name=decoder.metadata.name, voices=voices)
    return [path]


def write_variations(model: Path, session: Session, places: Sequence[tuple[float, float]],
                     folder: Path) -> list[Path]:
    """Decode, shape and write the loops at some places of the pad in the session's length; returns the files.

    Raises:
        ModelError: the model fails.
        OutputError: the folder cannot be written.
    """
    from .open_decoders import shared

    decoder = shared(model, kind="loop")
    metadata, timing, shaping = decoder.metadata, Timing.of(session), session.shaping
    single = replace(session, chaining=False)
    loops, files = [], []
    for number, (x, y) in enumerate(places, 1):
        z = latent_at(session, metadata, x, y)
        loop = laid(decoder, single, z, stems=shaping.uses_stems)
        loops.append(played(shape(loop, shaping, metadata.voices), timing))
        files.append(folder / suggested_name(metadata.name, timing.bpm, x, y, f"{number:02d}"))
    return _write(loops, files)


def _write(loops: Sequence[Loop], files: Sequence[Path]) -> list[Path]:
    if files:
        make_folder(files[0].parent)
    for loop, file in zip(loops, files, strict=True):
        write(loop, file)
    return list(files)


def _play(loop: SlicedLoop, timing: Timing) -> Audio:
    """Once round, float32 `(frames, 2)`."""
    return play_bars(loop, loop.beats, timing.bpm, Swing(round(10 * timing.swing)))


def _loop(audio: Audio, like: Loop) -> Loop:
    return Loop(audio, like.sample_rate, like.beats, like.beats_per_bar)
