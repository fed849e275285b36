# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: puts the widgets together and connects them with the instrument's state."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray, QEvent, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from vaesynth.metadata import ModelMetadata
from vaesynth.session import Session

from . import theme
from .bridge import EngineBridge
from .files import Files, local_files
from .gestures import Gestures
from .keys import digit_of
from .menus import MainMenu, PadMenu
from .settings import Settings
from .state.instrument import Instrument
from .state.motion import Motion
from .widgets.banner import Banner
from .widgets.pad import XYPad
from .widgets.pad_backdrop import Mark, marks_of
from .widgets.play_area import PlayArea
from .widgets.shortcut_sheet import ShortcutSheet
from .widgets.side_panel import SidePanel
from .widgets.status_line import StatusLine
from .widgets.top_bar import TopBar

if TYPE_CHECKING:
    from vaesynth.engine import EngineStatus

FIRST_SIZE = (1240, 780)
PICTURE = (64, 1600)
"""Least and greatest side of the plane's picture in pixels; a larger pad stretches it."""


class Window(QWidget):
    """The instrument as people see it.

    Signals:
        theme_chosen: another theme's name.
        plane_wanted: (side in pixels, dark): the picture behind the pad is to be painted like this.
        audio_asked, models_asked: a dialog that the application opens.
        closed: the window is gone.
    """

    theme_chosen = pyqtSignal(str)
    plane_wanted = pyqtSignal(int, bool)
    audio_asked = pyqtSignal()
    models_asked = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, instrument: Instrument, bridge: EngineBridge, settings: Settings,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._instrument, self._bridge, self._settings = instrument, bridge, settings
        self._touched = instrument.session.playing
        self.sheet: ShortcutSheet | None = None
        self.setWindowTitle("vaesynth")
        self.setAcceptDrops(True)
        self.setMinimumSize(1000, 620)
        self.pad, self.panel, self.bar, self.line = XYPad(), SidePanel(), TopBar(), StatusLine()
        self._arrange()
        self.banner = Banner(self)
        self._motion = Motion(instrument, self)
        self._gestures = Gestures(instrument, bridge, self._motion, self)
        self.files = Files(self, self.panel.loop, instrument, bridge, settings)
        self._menu = MainMenu(self.files, self._gestures, settings, self)
        self._connect_instrument()
        self._connect_panel()
        self._connect_engine()
        self._connect_menu()
        self._make_shortcuts()
        self._show_spectrogram(settings.spectrogram)
        self.pad.set_reduced_motion(settings.reduced_motion)
        self._show(None, instrument.session)
        self._restore_geometry(settings.geometry)
        self.pad.setFocus()

    # What others ask of it.

    def show_shortcuts(self) -> None:
        """Open the sheet of keys and gestures, or close it."""
        if self.sheet is not None:
            self.sheet.close()
            return
        self.sheet = ShortcutSheet(self)
        self.sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sheet.finished.connect(self._forget_sheet)
        self.sheet.show()

    def show_picture(self, picture: QImage, dark: bool) -> None:
        """Show the plane's picture, if it was painted for the theme in use."""
        if dark == theme.colours().dark:
            self.pad.set_picture(picture)

    def want_plane(self) -> None:
        """Ask for the plane's picture at the pad's size in the theme in use."""
        side = round(self.pad.plate().width() * self.pad.devicePixelRatioF())
        self.plane_wanted.emit(min(max(side, PICTURE[0]), PICTURE[1]), theme.colours().dark)

    # Events.

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or self.pad.nudge(event):
            return
        if event.key() == Qt.Key.Key_Escape:
            self.pad.setFocus()
            self.banner.hide()
        elif event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._gestures.freeze(True)
        elif (digit := digit_of(event)) is not None:
            self._gestures.digit(digit, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._gestures.freeze(False)
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        # Another window would get the release of the key.
        if event is not None and event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._gestures.freeze(False)
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and event.source() is None and local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None:
            event.acceptProposedAction()
            for file in local_files(event.mimeData()):
                self.files.open(file)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._settings.geometry = self.saveGeometry()
        super().closeEvent(event)
        self.hide()  # the sound fades for a moment yet; nobody should look at a dead window
        self.files.close()
        self.closed.emit()

    # Set-up.

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(PlayArea(self.pad, self.panel), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 0, 16, 2)
        foot.addWidget(self.line)
        column.addLayout(foot)

    def _connect_instrument(self) -> None:
        instrument, pad, bar = self._instrument, self.pad, self.bar
        instrument.changed.connect(self._show)
        instrument.described.connect(self._describe)
        pad.pressed.connect(self._on_pressed)
        pad.moved.connect(lambda x, y: instrument.move_to(x, y))
        pad.released.connect(self._on_released)
        pad.resized.connect(lambda side: self.want_plane())
        pad.menu_asked.connect(self._show_pad_menu)
        bar.play.clicked.connect(self._toggle_playing)
        bar.tap.pressed.connect(self._gestures.tap)
        bar.tempo.asked.connect(instrument.set_tempo)
        bar.tempo.released.connect(instrument.finish_gesture)
        bar.volume.moved.connect(instrument.set_volume)
        bar.volume.released.connect(instrument.finish_gesture)
        bar.undo.clicked.connect(instrument.undo)
        bar.redo.clicked.connect(instrument.redo)

    def _connect_panel(self) -> None:
        instrument, panel, gestures = self._instrument, self.panel, self._gestures
        panel.quantise_chosen.connect(lambda q: instrument.edit(None, quantise=q))
        panel.morph_chosen.connect(lambda b: instrument.edit(None, morph_beats=b))
        panel.lock_chosen.connect(lambda g: instrument.edit(None, lock=g))
        panel.macros.moved.connect(instrument.set_macro)
        panel.macros.released.connect(instrument.finish_gesture)
        panel.snapshots.recalled.connect(gestures.recall)
        panel.snapshots.stored.connect(instrument.store_snapshot)
        panel.snapshots.cleared.connect(instrument.clear_snapshot)
        panel.random.clicked.connect(gestures.jump)
        panel.mutate.clicked.connect(gestures.mutate)
        panel.record.clicked.connect(self._motion.toggle_recording)
        panel.path.clicked.connect(instrument.set_path_playing)
        panel.spectrum.clicked.connect(self._show_spectrogram)
        panel.export.clicked.connect(self.files.export_loop)
        self._motion.recording_changed.connect(self._on_recording)
        gestures.noted.connect(self.line.set_note)
        self.files.noted.connect(self.line.set_note)
        self.files.failed.connect(self.banner.show_error)
        self.files.placed.connect(gestures.go_to)

    def _connect_engine(self) -> None:
        bridge = self._bridge
        bridge.status.connect(self._on_status)
        bridge.loop_changed.connect(self.panel.loop.set_loop)
        bridge.face_changed.connect(self.panel.face.set_pixels)
        bridge.failed.connect(self._on_failure)
        bridge.noticed.connect(self.banner.show_notice)
        bridge.opened.connect(self._on_opened)
        bridge.busy.connect(self._on_busy)
        bridge.sound_lost.connect(self._on_sound_lost)
        bridge.sound_found.connect(self.banner.hide)

    def _connect_menu(self) -> None:
        menu, bar = self._menu, self.bar
        bar.model.clicked.connect(self.models_asked)
        bar.help.clicked.connect(self.show_shortcuts)
        bar.menu.clicked.connect(lambda: menu.popup(bar.menu.mapToGlobal(QPoint(0, bar.menu.height() + 4))))
        menu.models_asked.connect(self.models_asked)
        menu.sound_asked.connect(self.audio_asked)
        menu.sheet_asked.connect(self.show_shortcuts)
        menu.close_asked.connect(self.close)
        menu.mode_chosen.connect(lambda mode: self._instrument.edit(None, tempo_mode=mode))
        menu.theme_chosen.connect(self.theme_chosen)
        menu.motion_chosen.connect(self._set_reduced_motion)

    def _make_shortcuts(self) -> None:
        gestures, instrument, files = self._gestures, self._instrument, self.files
        once = {
            "Space": self._toggle_playing, "T": gestures.tap, "R": gestures.jump, "M": gestures.mutate,
            "P": self._motion.toggle_recording, "Shift+P": gestures.toggle_path,
            "S": lambda: self._show_spectrogram(not self._settings.spectrogram),
            "Ctrl+O": files.ask_for_model, "Ctrl+E": files.export_loop, "Ctrl+C": gestures.copy_position,
            "F1": self.show_shortcuts, "?": self.show_shortcuts, "F11": self._toggle_full_screen,
            "Ctrl+Q": self.close}
        repeated = {"Ctrl+Z": instrument.undo, "Ctrl+Shift+Z": instrument.redo, "Ctrl+Y": instrument.redo}
        for keys, act in (once | repeated).items():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setAutoRepeat(keys in repeated)
            shortcut.activated.connect(act)

    def _restore_geometry(self, geometry: QByteArray | None) -> None:
        if geometry is not None and self.restoreGeometry(geometry):
            return
        screen = QGuiApplication.primaryScreen()
        width, height = FIRST_SIZE
        if screen is not None:
            room = screen.availableSize()
            width, height = min(width, room.width()), min(height, room.height())
        self.resize(width, height)

    # What comes in.

    def _show(self, before: Session | None, after: Session) -> None:
        self.pad.set_position(after.x, after.y)
        self.bar.set_playing(after.playing)
        self.bar.tempo.show_tempo(after.bpm)
        self.bar.set_volume(after.volume)
        self.bar.undo.setEnabled(self._instrument.can_undo)
        self.bar.redo.setEnabled(self._instrument.can_redo)
        self.panel.show_session(after)
        self._menu.show_session(after)
        if before is None or before.snapshots != after.snapshots:
            self.pad.set_snapshots(tuple((slot, s.x, s.y) for slot, s in sorted(after.snapshots.items())))
        if before is None or before.own_loops != after.own_loops:
            self._show_marks()
        if before is None or before.path != after.path:
            self.pad.set_path(after.path)
        if before is None or before.playing != after.playing:
            self._update_hint()
            if not after.playing:
                self.pad.set_beat(0, False)
                self.panel.loop.set_beat(0, False)

    def _describe(self, metadata: ModelMetadata) -> None:
        self.setWindowTitle(f"{metadata.name} – vaesynth")
        self.bar.model.set_name(metadata.name)
        self.pad.set_picture(None)
        self._show_marks()
        self.pad.set_labels(metadata.pad.x_label, metadata.pad.y_label)
        self.panel.describe(metadata)
        self.panel.show_session(self._instrument.session)

    def _show_marks(self) -> None:
        metadata = self._instrument.metadata
        own = tuple(Mark(p.name, p.x, p.y, own=True) for p in self._instrument.session.own_loops)
        self.pad.set_examples(own + (marks_of(metadata.values) if metadata is not None else ()))

    def _on_status(self, status: "EngineStatus") -> None:
        self.line.set_status(status)
        self.bar.level.set_level(*status.peak, status.clipped)
        if self._instrument.session.playing:
            self.pad.set_beat(status.beat, status.playing)
            self.panel.loop.set_beat(status.beat, status.playing)

    def _on_failure(self, text: str) -> None:
        if self._bridge.running:
            self.banner.show_error(text)
        else:
            self.line.set_message(self.tr("No sound"), "danger")
            self.banner.show_error(text, self.tr("Try again"), self._bridge.reopen)

    def _on_sound_lost(self) -> None:
        self._on_failure(self.tr("The sound has stopped; it is being opened again."))

    def _on_opened(self, path: Path) -> None:
        self._settings.add_recent(str(path))
        if self._bridge.running:
            self.banner.hide()

    def _on_busy(self, busy: bool) -> None:
        if busy and not self._bridge.running:
            self.line.set_message(self.tr("Starting the sound …"))
        self.line.set_note(self.tr("Opening a model …") if busy and self._bridge.running else "")

    # What the hand does.

    def _on_pressed(self) -> None:
        self._motion.hold(True)
        # The first touch plays: nobody needs to find the button first.
        if not self._touched:
            self._touched = True
            self._instrument.set_playing(True)

    def _on_released(self) -> None:
        self._motion.hold(False)
        self._instrument.finish_gesture()

    def _toggle_playing(self) -> None:
        self._touched = True
        self._instrument.toggle_playing()

    def _on_recording(self, recording: bool) -> None:
        self.panel.record.setChecked(recording)
        self.line.set_note(self.tr("Recording a path: move the puck, P ends it") if recording else "")

    def _show_spectrogram(self, shown: bool) -> None:
        self._settings.spectrogram = shown
        self.panel.spectrum.setChecked(shown)
        self.panel.loop.set_spectrogram(shown)

    def _set_reduced_motion(self, still: bool) -> None:
        self._settings.reduced_motion = still
        self.pad.set_reduced_motion(still)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _update_hint(self) -> None:
        played = self._touched or self._instrument.session.playing
        self.pad.set_hint("" if played else self.tr("Click anywhere to play"))

    def _show_pad_menu(self, where: QPointF) -> None:
        PadMenu(self._gestures, self._instrument.session, self).popup(where.toPoint())

    def _forget_sheet(self) -> None:
        self.sheet = None
