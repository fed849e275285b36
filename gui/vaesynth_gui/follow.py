# SPDX-License-Identifier: GPL-3.0-or-later
"""From one state of the instrument to the next, as engine calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vaesynth.session import Session
from vaesynth.session.planes import plane_of

if TYPE_CHECKING:
    from vaesynth.engine import Engine
    from vaesynth.metadata import ModelMetadata


def follow(engine: Engine, before: Session | None, after: Session, metadata: ModelMetadata | None, *,
           transport: bool = True, frozen: bool = False,
           from_start: bool = True) -> None:
    """Tell the engine what differs; everything where there is no `before`.

    Args:
        engine: to tell.
        before, after: the two states.
        metadata: of the model in use.
        transport: whether starting and stopping is to be told, too.
        from_start: whether starting begins at the downbeat, or goes on where it was stopped.
        frozen: the sounding loop is to be kept while the puck moves on.

    Raises:
        SettingError: the engine refuses a value.
    """
    def differs(*names: str) -> bool:
        return before is None or any(getattr(before, n) != getattr(after, n) for n in names)

    with engine.together():
        if differs("macros"):
            _follow_macros(engine, before.macros if before is not None else {}, after.macros, metadata)
        if differs("corners", "own_loops") and metadata is not None:
            engine.set_plane(plane_of(after, metadata))
        if differs("lock", "held", "corners", "own_loops"):
            held = after.held
            engine.set_lock(after.lock, (held.x, held.y) if held else None, held.macros if held else None)
        if differs("bars"):
            engine.set_bars(after.bars)
        if not frozen and (differs("x", "y", "chaining") or (after.chaining and differs("chain"))):
            go(engine, after)
    if differs("shaping"):
        engine.set_shaping(after.shaping)
    if differs("bpm"):
        engine.set_tempo(after.bpm)
    if differs("tempo_mode"):
        engine.set_tempo_mode(after.tempo_mode)
    if differs("volume"):
        engine.set_volume(after.volume)
    if differs("swing"):
        engine.transport.set_swing(after.swing)
    if differs("metronome"):
        engine.transport.set_metronome(after.metronome)
    if differs("quantise"):
        engine.set_quantise(after.quantise)
    if transport and differs("playing"):
        if after.playing:
            engine.play(from_start=from_start)
        elif before is not None:
            engine.stop()


def go(engine: Engine, session: Session) -> None:
    """Let the engine play where the session is: at the puck, or along the chain."""
    if session.chaining and session.chain:
        engine.set_chain(session.chain)
    else:
        engine.move_to(session.x, session.y)


def _follow_macros(engine: Engine, before: Mapping[str, float], after: Mapping[str, float],
                   metadata: ModelMetadata | None) -> None:
    for name, value in after.items():
        if before.get(name) != value:
            engine.set_macro(name, value)
    defaults = metadata.macro_defaults if metadata is not None else {}
    for name in before.keys() - after.keys():
        engine.set_macro(name, defaults.get(name, 0.0))
