# SPDX-License-Identifier: GPL-3.0-or-later
"""What is: state, model and engine, shown in the window's widgets."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject
from PyQt6.QtGui import QImage

from vaesynth.metadata import ModelMetadata
from vaesynth.metronome import Metronome
from vaesynth.session import Session
from vaesynth.session.planes import pinned_names

from . import theme
from .bridge import EngineBridge
from .settings import Settings
from .state.instrument import Instrument
from .widgets.pad.held_puck import HeldPuck
from .widgets.pad.marks import Mark, marks_of, plain_name

if TYPE_CHECKING:
    from vaesynth.engine import EngineStatus
    from vaesynth.novelty import Novelty

    from .window import Window


class Display(QObject):
    """Listens to instrument and bridge, and shows what they tell; asks for nothing."""

    def __init__(self, window: "Window", instrument: Instrument, bridge: EngineBridge,
                 settings: Settings) -> None:
        super().__init__(window)
        self._window, self._instrument, self._bridge, self._settings = window, instrument, bridge, settings
        self._touched = instrument.session.playing
        self._silent = False
        instrument.changed.connect(self.show_session)
        instrument.described.connect(self._describe)
        window.saving.named.connect(self._show_title)
        bridge.status.connect(self._show_status)
        bridge.loop_changed.connect(window.panel.loop.set_loop)
        bridge.novelty_changed.connect(self._show_novelty)
        bridge.face_changed.connect(window.panel.face.set_pixels)
        bridge.failed.connect(self._show_failure)
        bridge.noticed.connect(window.banner.show_notice)
        bridge.opened.connect(self._show_opened)
        bridge.busy.connect(self._show_busy)
        bridge.sound_lost.connect(self._show_lost)
        bridge.sound_found.connect(window.banner.hide)

    @property
    def touched(self) -> bool:
        """Whether the instrument has been played in this window."""
        return self._touched

    def touch(self) -> None:
        """Somebody has found out how to play it."""
        self._touched = True
        self._show_hint()

    def show_session(self, before: Session | None, after: Session) -> None:
        """Show the instrument's state."""
        window, pad, bar = self._window, self._window.pad, self._window.bar
        pad.set_position(after.x, after.y)
        bar.set_playing(after.playing)
        bar.tempo.show_number(after.bpm)
        bar.swing.show_number(after.swing)
        bar.metronome.setChecked(after.metronome is not Metronome.OFF)
        bar.set_volume(after.volume)
        bar.undo.setEnabled(self._instrument.can_undo)
        bar.redo.setEnabled(self._instrument.can_redo)
        window.panel.show_session(after)
        window.menu.show_session(after)
        if before is None or before.snapshots != after.snapshots:
            pad.set_snapshots(tuple((slot, s.x, s.y) for slot, s in sorted(after.snapshots.items())))
        if before is None or (before.own_loops, before.corners) != (after.own_loops, after.corners):
            self._show_marks()
        if before is None or (before.lock, before.held) != (after.lock, after.held):
            held = after.held
            pad.set_held(HeldPuck(after.lock or "", held.x, held.y) if held is not None else None)
        if before is None or before.path != after.path:
            pad.set_path(after.path)
        if before is None or before.playing != after.playing:
            self._show_hint()
            if not after.playing:
                pad.motion.set_beat(0, False)
                window.panel.loop.set_beat(0, False)

    def show_picture(self, picture: QImage, dark: bool) -> None:
        """Show the plane's picture, if it was painted for the theme in use."""
        if dark == theme.colours().dark:
            self._window.pad.set_picture(picture)

    def show_spectrogram(self, shown: bool) -> None:
        """Show the loop as a spectrogram, or as a waveform."""
        self._settings.spectrogram = shown
        self._window.panel.spectrum.setChecked(shown)
        self._window.panel.loop.set_spectrogram(shown)

    def show_recording(self, recording: bool) -> None:
        """Show whether the puck's path is being recorded."""
        self._window.panel.record.setChecked(recording)
        text = self.tr("Recording a path: move the puck, P ends it") if recording else ""
        self._window.line.hold_note(text)

    def _describe(self, metadata: ModelMetadata) -> None:
        window = self._window
        self._show_title()
        window.bar.model.set_name(metadata.name)
        window.pad.set_picture(None)
        self._show_marks()
        window.panel.describe(metadata)
        window.panel.show_session(self._instrument.session)

    def _show_title(self) -> None:
        file, metadata = self._window.saving.file, self._instrument.metadata
        names = [file.stem if file is not None else None, metadata.name if metadata is not None else None]
        self._window.setWindowTitle(" – ".join([*filter(None, names), "vaesynth"]))

    def _show_marks(self) -> None:
        """The model's training loops and own ones; between pinned corners these do not lie where they did."""
        metadata, session, pad = self._instrument.metadata, self._instrument.session, self._window.pad
        if metadata is None:
            return
        pinned = pinned_names(session, metadata)
        pad.set_corners(pinned)
        if any(pinned):
            pad.set_examples(())
            pad.set_labels("", "")
        else:
            own = tuple(Mark(p.name, p.x, p.y, own=True, z=p.z) for p in session.own_loops)
            pad.set_examples(own + marks_of(metadata.values))
            pad.set_labels(metadata.pad.x_label, metadata.pad.y_label)

    def _show_novelty(self, novelty: "Novelty | None") -> None:
        text = ""
        if novelty is not None:
            text = self.tr("near {name} · {share:.0f} % new").format(
                name=plain_name(novelty.name), share=100 * novelty.distance)
        self._window.pad.set_near(text)

    def _show_status(self, status: "EngineStatus") -> None:
        window = self._window
        window.line.set_status(status)
        window.bar.level.set_level(*status.peak, status.clipped)
        self._show_bar(status)
        if self._instrument.session.playing:
            window.pad.motion.set_beat(status.beat, status.playing)
            window.panel.loop.set_beat(status.beat, status.playing)

    def _show_bar(self, status: "EngineStatus") -> None:
        """Which bar of the chain is heard."""
        session, loop, bar = self._instrument.session, self._window.panel.loop.loop, None
        if session.chaining and session.playing and loop is not None:
            heard = int(status.beat // loop.beats_per_bar)
            if loop.beats > loop.beats_per_bar or len(session.chain) == 1:  # else its loop is on its way yet
                bar = heard % len(session.chain)
        self._window.panel.chain.strip.set_sounding(bar)
        self._window.pad.motion.set_sounding(session.chain[bar] if bar is not None else None)

    def _show_hint(self) -> None:
        played = self._touched or self._instrument.session.playing
        self._window.pad.set_hint("" if played else self.tr("Click anywhere to play"))

    def _show_failure(self, text: str) -> None:
        window = self._window
        if self._bridge.running:
            window.banner.show_error(text)
        else:
            self._silent = True
            window.line.set_message(self.tr("No sound"), "danger")
            window.banner.show_error(text, self.tr("Try again"), self._bridge.reopen)

    def _show_lost(self) -> None:
        self._show_failure(self.tr("The sound has stopped; it is being opened again."))

    def _show_opened(self, path: Path) -> None:
        self._settings.add_recent(str(path))
        if self._bridge.running and self._silent:
            self._silent = False
            self._window.banner.hide()

    def _show_busy(self, busy: bool) -> None:
        line = self._window.line
        if busy and not self._bridge.running:
            line.set_message(self.tr("Starting the sound …"))
        line.hold_note(self.tr("Opening a model …") if busy and self._bridge.running else "")
