# SPDX-License-Identifier: GPL-3.0-or-later
"""Which control sets which parameter, so that a knob can learn it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QPointF
from PyQt6.QtWidgets import QWidget

from vaesynth.control.parameters import slug

if TYPE_CHECKING:
    from .window import Window

Names = Callable[[QPoint], Sequence[str]]
"""The parameters that are set at a place of a control."""


def named_controls(window: "Window") -> dict[QWidget, Names]:
    """All controls that set something."""
    bar, panel = window.bar, window.panel
    named: dict[QWidget | None, str] = {
        bar.volume: "volume", bar.metronome: "metronome", bar.play: "play", bar.record: "record",
        bar.tap: "tap",
        bar.earlier: "nudge/back", bar.later: "nudge/ahead", bar.undo: "undo", bar.redo: "redo",
        bar.tempo.lineEdit(): "tempo", bar.swing.lineEdit(): "swing",
        panel.quantise: "quantise", panel.morph: "morph", panel.random: "jump", panel.mutate: "mutate",
        panel.record: "path/record", panel.path: "path", panel.freeze: "freeze",
        panel.motion.a: "a", panel.motion.b: "b", panel.motion.mix: "mix",
        panel.motion.mutation: "mutation", panel.motion.speed: "path/speed",
        panel.chain.play: "chain"}
    named |= {key: f"snapshot/{slot}" for slot, key in panel.snapshots.keys.items()}
    named |= {part.slider: f"shape/{setting}" for setting, part in panel.sound.sliders.items()}
    named |= {part.slider: f"macro/{n}" for n, part in enumerate(panel.macros.sliders.values(), 1)}
    for voice, strip in panel.stems.strips.items():
        named |= {strip.mute: f"mute/{slug(voice)}", strip.solo: f"solo/{slug(voice)}"}
    found: dict[QWidget, Names] = {
        control: lambda place, name=name: (name,)  # type: ignore[misc]  # bound early
        for control, name in named.items() if control is not None}

    def step(place: QPoint) -> Sequence[str]:
        at = panel.loop.step_at(QPointF(place))
        return () if at is None else (f"mute_step/{at + 1}",)

    def locks(place: QPoint) -> Sequence[str]:
        group = panel.shape.lock_at(QPointF(place))
        return [f"lock/{slug(g)}" for g in panel.shape.groups if group in (None, g)]
    return {**found, panel.loop: step, panel.shape.lock: locks}
