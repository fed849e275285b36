# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: puts the widgets together and connects them with the instrument's state."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDrag,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PyQt6.QtWidgets import QFileDialog, QMenu, QVBoxLayout, QWidget

from vaesynth.metadata import ModelMetadata
from vaesynth.session import Session, Snapshot
from vaesynth.tempo import TempoMode

from . import loop_file, theme
from .background import Background
from .bridge import EngineBridge
from .keys import digit_of
from .settings import Settings
from .state.instrument import Instrument
from .state.motion import Motion
from .state.tap_tempo import TapTempo
from .widgets.banner import Banner
from .widgets.pad import XYPad
from .widgets.pad_backdrop import marks_of
from .widgets.play_area import PlayArea
from .widgets.shortcut_sheet import ShortcutSheet
from .widgets.side_panel import SidePanel
from .widgets.status_line import StatusLine
from .widgets.top_bar import TopBar

if TYPE_CHECKING:
    from vaesynth.engine import EngineStatus

MUTATION = 0.12


class Window(QWidget):
    """The instrument as people see it.

    Signals:
        theme_chosen: another theme's name.
        plane_wanted: (side in pixels, dark): the picture behind the pad is to be painted like this.
        audio_asked, models_asked: a dialog that the application opens.
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
        self._taps = TapTempo()
        self._motion = Motion(instrument, self)
        self._touched = False
        self._sheet: ShortcutSheet | None = None
        self.setWindowTitle("vaesynth")
        self.setAcceptDrops(True)
        self.pad, self.panel, self.bar, self.line = XYPad(), SidePanel(), TopBar(), StatusLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(PlayArea(self.pad, self.panel), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 0, 16, 2)
        foot.addWidget(self.line)
        column.addLayout(foot)
        self.banner = Banner(self)
        self._background = Background(self.banner.show_error, self)
        self.setMinimumSize(1000, 620)
        self._menu = self._make_menu()
        self._connect_controls()
        self._connect_engine()
        self._make_shortcuts()
        self.panel.loop.set_spectrogram(settings.spectrogram)
        self.panel.spectrum.setChecked(settings.spectrogram)
        self.pad.set_reduced_motion(settings.reduced_motion)
        self._show(None, instrument.session)
        self._touched = instrument.session.playing
        self._update_hint()
        self._restore_geometry(settings.geometry)
        self.pad.setFocus()

    # Gestures.

    def tap(self) -> None:
        """Tap the tempo."""
        bpm = self._taps.tap(time.monotonic())
        if bpm is not None:
            self._instrument.set_tempo(bpm)

    def recall(self, slot: int) -> None:
        """Go to a snapshot, within the morph time."""
        snapshot = self._instrument.session.snapshots.get(slot)
        if snapshot is not None:
            self._motion.go_to(snapshot, self._instrument.session.morph_beats)

    def jump(self) -> None:
        """Go anywhere."""
        self._go(self._instrument.random_position())

    def mutate(self) -> None:
        """Take a small step aside."""
        self._go(self._instrument.mutated_position(MUTATION))

    def copy_position(self) -> None:
        """Put the position on the clipboard, in the form that the command line takes."""
        session = self._instrument.session
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(f"--x {session.x:.4f} --y {session.y:.4f}")
        self.line.set_note(self.tr("Position copied"))

    def open_file(self, path: Path) -> None:
        """Open a dropped or chosen file as far as its kind is known; the sound goes on."""
        if path.suffix.lower() == ".onnx":
            self._bridge.load_model(path)
        else:
            text = self.tr("{name}: is no model file, expected a file that ends in .onnx")
            self.banner.show_error(text.format(name=path.name))

    def ask_for_model(self) -> None:
        """Choose a model file."""
        dialog = QFileDialog(self, self.tr("Open a model"), self._settings.folder, self.tr("Models (*.onnx)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._file_chosen)
        dialog.open()

    def export_loop(self) -> None:
        """Choose where to write the sounding loop."""
        loop = self.panel.loop.loop
        if loop is None:
            self.banner.show_notice(self.tr("There is no loop yet."))
            return
        dialog = QFileDialog(self, self.tr("Export the loop"), self._settings.folder, self.tr("WAV (*.wav)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("wav")
        dialog.selectFile(self._loop_name())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.write_loop(Path(name)))
        dialog.open()

    def write_loop(self, path: Path) -> None:
        """Write the sounding loop as WAV."""
        loop = self.panel.loop.loop
        if loop is None:
            return

        def job() -> Path:
            loop_file.write(loop, path)
            return path
        self._background.run(job, lambda p: self.line.set_note(self.tr("Wrote {name}").format(name=p.name)))

    def show_shortcuts(self) -> None:
        """Open the sheet of keys and gestures, or close it."""
        if self._sheet is not None and self._sheet.isVisible():
            self._sheet.close()
            return
        self._sheet = ShortcutSheet(self)
        self._sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sheet.destroyed.connect(self._forget_sheet)
        self._sheet.show()

    def show_picture(self, picture: QImage, dark: bool) -> None:
        """Show the plane's picture, if it was painted for the theme in use."""
        if dark == theme.colours().dark:
            self.pad.set_picture(picture)

    def want_plane(self) -> None:
        """Ask for the plane's picture at the pad's size in the theme in use."""
        side = round(self.pad.plate().width() * self.pad.devicePixelRatioF())
        self.plane_wanted.emit(min(max(side, 64), 1600), theme.colours().dark)

    # Events.

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        if self.pad.nudge(event):
            return
        if event.key() == Qt.Key.Key_Escape:
            self.pad.setFocus()
            self.banner.hide()
        elif event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._bridge.set_frozen(True)
            self.line.set_note(self.tr("Frozen: let go to hear the puck again"))
        elif (digit := digit_of(event)) is not None:
            self._digit(digit, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._bridge.set_frozen(False)
            self.line.set_note("")
        super().keyReleaseEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and event.source() is None and _local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is None:
            return
        files = _local_files(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.open_file(files[0])

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._settings.geometry = self.saveGeometry()
        super().closeEvent(event)
        self._background.close()
        self.closed.emit()

    # Set-up.

    def _connect_controls(self) -> None:
        instrument, pad, bar, panel = self._instrument, self.pad, self.bar, self.panel
        instrument.changed.connect(self._show)
        instrument.described.connect(self._describe)
        pad.pressed.connect(self._on_pressed)
        pad.moved.connect(lambda x, y: instrument.move_to(x, y))
        pad.released.connect(self._on_released)
        pad.resized.connect(lambda side: self.want_plane())
        pad.menu_asked.connect(self._show_pad_menu)
        bar.play.clicked.connect(lambda: self._toggle_playing())
        bar.tap.pressed.connect(self.tap)
        bar.tempo.asked.connect(instrument.set_tempo)
        bar.tempo.released.connect(instrument.finish_gesture)
        bar.volume.moved.connect(instrument.set_volume)
        bar.volume.released.connect(instrument.finish_gesture)
        bar.undo.clicked.connect(instrument.undo)
        bar.redo.clicked.connect(instrument.redo)
        bar.help.clicked.connect(self.show_shortcuts)
        bar.menu.clicked.connect(self._show_menu)
        bar.model.clicked.connect(self.models_asked)
        panel.quantise_chosen.connect(lambda q: instrument.edit(None, quantise=q))
        panel.morph_chosen.connect(lambda b: instrument.edit(None, morph_beats=b))
        panel.lock_chosen.connect(lambda g: instrument.edit(None, lock=g))
        panel.macros.moved.connect(instrument.set_macro)
        panel.macros.released.connect(instrument.finish_gesture)
        panel.snapshots.recalled.connect(self.recall)
        panel.snapshots.stored.connect(instrument.store_snapshot)
        panel.snapshots.cleared.connect(instrument.clear_snapshot)
        panel.random.clicked.connect(self.jump)
        panel.mutate.clicked.connect(self.mutate)
        panel.record.clicked.connect(self._motion.toggle_recording)
        panel.path.clicked.connect(instrument.set_path_playing)
        panel.spectrum.clicked.connect(self._show_spectrogram)
        panel.export.clicked.connect(self.export_loop)
        panel.loop.drag_asked.connect(self._drag_loop)
        self._motion.recording_changed.connect(self._on_recording)

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

    def _make_shortcuts(self) -> None:
        for keys, act in (
                ("Space", self._toggle_playing), ("T", self.tap), ("R", self.jump), ("M", self.mutate),
                ("P", self._motion.toggle_recording), ("Shift+P", self._toggle_path),
                ("S", lambda: self._show_spectrogram(not self._settings.spectrogram)),
                ("Ctrl+Z", self._instrument.undo), ("Ctrl+Shift+Z", self._instrument.redo),
                ("Ctrl+Y", self._instrument.redo), ("Ctrl+O", self.ask_for_model),
                ("Ctrl+E", self.export_loop), ("Ctrl+C", self.copy_position), ("F1", self.show_shortcuts),
                ("?", self.show_shortcuts),
                ("Ctrl+Q", self.close), ("F11", self._toggle_full_screen)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setAutoRepeat(keys.startswith("Ctrl") and keys not in ("Ctrl+O", "Ctrl+E", "Ctrl+Q"))
            shortcut.activated.connect(act)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Models …"), self.models_asked.emit)
        menu.addAction(self.tr("Open a model file …\tCtrl+O"), self.ask_for_model)
        menu.addAction(self.tr("Export the loop as WAV …\tCtrl+E"), self.export_loop)
        menu.addAction(self.tr("Copy the position\tCtrl+C"), self.copy_position)
        menu.addSeparator()
        modes = menu.addMenu(self.tr("When the tempo differs from the loop's"))
        group = QActionGroup(self)
        self._modes: dict[TempoMode, QAction] = {}
        for mode, text in ((TempoMode.SLICES, self.tr("Move the slices, keep every attack")),
                           (TempoMode.STRETCH, self.tr("Stretch, keep the pitch")),
                           (TempoMode.REPITCH, self.tr("Repitch, like a record"))):
            action = QAction(text, self)
            action.setCheckable(True)
            action.triggered.connect(lambda checked, mode=mode: self._instrument.edit(None, tempo_mode=mode))
            group.addAction(action)
            self._modes[mode] = action
            if modes is not None:
                modes.addAction(action)
        look = menu.addMenu(self.tr("Look"))
        themes = QActionGroup(self)
        for name, text in (("dark", self.tr("Dark")), ("light", self.tr("Light")),
                           ("system", self.tr("As the system"))):
            action = QAction(text, self)
            action.setCheckable(True)
            action.setChecked(self._settings.theme == name)
            action.triggered.connect(lambda checked, name=name: self.theme_chosen.emit(name))
            themes.addAction(action)
            if look is not None:
                look.addAction(action)
        still = QAction(self.tr("Reduced motion"), self)
        still.setCheckable(True)
        still.setChecked(self._settings.reduced_motion)
        still.triggered.connect(self._set_reduced_motion)
        if look is not None:
            look.addSeparator()
            look.addAction(still)
        menu.addAction(self.tr("Sound …"), self.audio_asked.emit)
        menu.addSeparator()
        menu.addAction(self.tr("Keys and gestures\tF1"), self.show_shortcuts)
        menu.addAction(self.tr("Quit\tCtrl+Q"), self.close)
        return menu

    def _restore_geometry(self, geometry: QByteArray | None) -> None:
        if geometry is not None and self.restoreGeometry(geometry):
            return
        screen = QGuiApplication.primaryScreen()
        room = screen.availableSize() if screen is not None else None
        self.resize(min(1240, room.width() if room else 1240), min(780, room.height() if room else 780))

    # What comes in.

    def _show(self, before: Session | None, after: Session) -> None:
        self.pad.set_position(after.x, after.y)
        self.bar.set_playing(after.playing)
        self.bar.tempo.show_tempo(after.bpm)
        self.bar.set_volume(after.volume)
        self.bar.undo.setEnabled(self._instrument.can_undo)
        self.bar.redo.setEnabled(self._instrument.can_redo)
        self.panel.show_session(after)
        if before is None or before.snapshots != after.snapshots:
            self.pad.set_snapshots(tuple((slot, s.x, s.y) for slot, s in sorted(after.snapshots.items())))
        if before is None or before.path != after.path:
            self.pad.set_path(after.path)
        if before is None or before.playing != after.playing:
            self._update_hint()
            if not after.playing:
                self.pad.set_beat(0, False)
                self.panel.loop.set_beat(0, False)
        self._modes[after.tempo_mode].setChecked(True)

    def _describe(self, metadata: ModelMetadata) -> None:
        self.setWindowTitle(f"{metadata.name} – vaesynth")
        self.bar.model.set_name(metadata.name)
        self.pad.set_picture(None)
        self.pad.set_examples(marks_of(metadata.values))
        self.pad.set_labels(metadata.pad.x_label, metadata.pad.y_label)
        self.panel.describe(metadata)
        self.panel.show_session(self._instrument.session)

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
        self.bar.set_playing(self._instrument.session.playing)

    def _toggle_path(self) -> None:
        self._instrument.set_path_playing(not self._instrument.session.path_playing)

    def _go(self, position: tuple[float, float]) -> None:
        here = self._instrument.session
        self._motion.go_to(Snapshot(*position, dict(here.macros)), min(here.morph_beats, 1.0))

    def _digit(self, slot: int, store: bool) -> None:
        if store:
            self._instrument.store_snapshot(slot)
        else:
            self.recall(slot)

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
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def _update_hint(self) -> None:
        played = self._touched or self._instrument.session.playing
        self.pad.set_hint("" if played else self.tr("Click anywhere to play"))

    def _show_pad_menu(self, where: QPointF) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy the position"), self.copy_position)
        menu.addAction(self.tr("Back to the middle"), lambda: self._go((0.0, 0.0)))
        menu.addAction(self.tr("Jump anywhere"), self.jump)
        menu.addAction(self.tr("Mutate"), self.mutate)
        menu.addSeparator()
        clear = menu.addAction(self.tr("Forget the recorded path"), self._forget_path)
        if clear is not None:
            clear.setEnabled(bool(self._instrument.session.path))
        menu.popup(where.toPoint())

    def _show_menu(self) -> None:
        self._menu.popup(self.bar.menu.mapToGlobal(QPoint(0, self.bar.menu.height() + 4)))

    def _forget_path(self) -> None:
        self._instrument.edit(None, path=(), path_beats=0.0)
        self._instrument.set_path_playing(False)

    def _file_chosen(self, name: str) -> None:
        self._settings.folder = str(Path(name).parent)
        self.open_file(Path(name))

    def _loop_name(self) -> str:
        loop, session, metadata = self.panel.loop.loop, self._instrument.session, self._instrument.metadata
        assert loop is not None
        return loop_file.suggested_name(metadata.name if metadata else "loop", loop, session.x, session.y)

    def _drag_loop(self) -> None:
        loop, name = self.panel.loop.loop, self._loop_name()
        if loop is not None:
            self._background.run(lambda: loop_file.keep(loop, name), self._start_drag)

    def _start_drag(self, file: Path) -> None:
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return  # the hand was faster than the disk
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setPixmap(self.panel.loop.grab().scaledToHeight(48, Qt.TransformationMode.SmoothTransformation))
        drag.exec(Qt.DropAction.CopyAction)

    def _forget_sheet(self) -> None:
        self._sheet = None


def _local_files(mime: QMimeData | None) -> list[Path]:
    if mime is None or not mime.hasUrls():
        return []
    return [Path(u.toLocalFile()) for u in mime.urls() if u.isLocalFile()]
