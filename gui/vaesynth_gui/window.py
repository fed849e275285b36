# SPDX-License-Identifier: GPL-3.0-or-later
"""The window: its widgets and how they are arranged, and the events that concern all of it."""

from PyQt6.QtCore import QByteArray, QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PyQt6.QtWidgets import QMenu, QVBoxLayout, QWidget

from . import theme
from .bridge import EngineBridge
from .chaining import Chaining
from .controls import Controls
from .display import Display
from .exporting import Exporting
from .files import Files, local_files
from .gestures import Gestures
from .keys import digit_of
from .menus import MainMenu
from .session_files import SessionFiles
from .settings import Settings
from .state.instrument import Instrument
from .state.motion import Motion
from .surface import WindowSurface
from .taping import Taping
from .widgets.banner import Banner
from .widgets.pad.corners import corner_at
from .widgets.pad.pad import XYPad
from .widgets.play_area import PlayArea
from .widgets.shortcut_sheet import ShortcutSheet
from .widgets.side_panel import SidePanel
from .widgets.status_line import StatusLine
from .widgets.top_bar import TopBar

FIRST_SIZE = (1240, 780)
PICTURE = (64, 1600)
"""Least and greatest side of the plane's picture in pixels; a larger pad stretches it."""


class Window(QWidget):
    """The instrument as people see it.

    Signals:
        theme_chosen: another theme's name.
        plane_wanted: (side in pixels, dark): the picture behind the pad is to be painted like this.
        preferences_asked, models_asked, learning_asked: a dialog that the application opens.
        pad_menu_made: the menu of the pad is about to be shown; more can be added to it.
        closed: the window is gone.
    """

    theme_chosen = pyqtSignal(str)
    plane_wanted = pyqtSignal(int, bool)
    preferences_asked = pyqtSignal()
    models_asked = pyqtSignal()
    learning_asked = pyqtSignal()
    pad_menu_made = pyqtSignal(QMenu)
    closed = pyqtSignal()

    def __init__(self, instrument: Instrument, bridge: EngineBridge, settings: Settings,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._bridge = settings, bridge
        self._key_freezes = False
        self.sheet: ShortcutSheet | None = None
        self.setWindowTitle("vaesynth")
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 640)
        self.pad, self.panel, self.bar, self.line = XYPad(), SidePanel(), TopBar(), StatusLine()
        self._arrange()
        self.banner = Banner(self)
        self.panel.sound.shown.connect(bridge.expect_shaping)
        motion = Motion(instrument, self)
        bridge.status.connect(lambda status: motion.hear(status.position if status.playing else None))
        self._gestures = Gestures(instrument, bridge, motion, self)
        self.chaining = Chaining(instrument, self._gestures, self)
        self.files = Files(self, self.panel.loop, instrument, bridge, settings)
        self.saving = SessionFiles(self, instrument, bridge, settings)
        self.taping = Taping(bridge, self)
        self.surface = WindowSurface(instrument, self._gestures, self.chaining, bridge, self.taping,
                                     self)
        self.exporting = Exporting(self, self.files, instrument, bridge, self.taping, settings)
        self.menu = MainMenu(self.files, self.saving, self.exporting, self._gestures, self.chaining,
                             self.taping, self)
        self.display = Display(self, instrument, bridge, settings)
        self._controls = Controls(self, instrument, motion, self._gestures, self.display, settings)
        self.display.show_spectrogram(settings.spectrogram)
        self.pad.motion.set_still(settings.reduced_motion)
        self.display.show_session(None, instrument.session)
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

    def want_plane(self) -> None:
        """Ask for the plane's picture at the pad's size in the theme in use."""
        side = round(self.pad.plate().width() * self.pad.devicePixelRatioF())
        self.plane_wanted.emit(min(max(side, PICTURE[0]), PICTURE[1]), theme.colours().dark)

    def toggle_freeze(self) -> None:
        """Keep the loop that sounds, or let the puck be heard again."""
        self._gestures.freeze(not self._bridge.frozen)

    # Events.

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None or self.pad.hand.key(event):
            return
        if event.key() == Qt.Key.Key_Escape:
            self.pad.setFocus()
            self.banner.hide()
            self.bar.level.put_out()
        elif event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._key_freezes = True
            self._gestures.freeze(True)
        elif (digit := digit_of(event)) is not None:
            self._gestures.digit(digit, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() == Qt.Key.Key_F and not event.isAutoRepeat():
            self._key_freezes = False
            self._gestures.freeze(False)
        super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        # Another window would get the release of the key. What else freezes goes on.
        changed = event is not None and event.type() == QEvent.Type.ActivationChange
        if changed and self._key_freezes and not self.isActiveWindow():
            self._key_freezes = False
            self._gestures.freeze(False)
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        if event is not None and event.source() is None and local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        if event is not None:
            event.acceptProposedAction()
            place = self.pad.mapFrom(self, event.position())
            for file in local_files(event.mimeData()):
                self.files.open(file, corner_at(self.pad.plate(), place))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self._settings.geometry = self.saveGeometry()
        super().closeEvent(event)
        self.hide()  # the sound fades for a moment yet; nobody should look at a dead window
        self.closed.emit()  # silence first: what is still being read or exported may take a while
        self.files.close()
        self.saving.close()
        self.exporting.close()

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

    def _restore_geometry(self, geometry: QByteArray | None) -> None:
        if geometry is not None and self.restoreGeometry(geometry):
            return
        screen = QGuiApplication.primaryScreen()
        width, height = FIRST_SIZE
        if screen is not None:
            room = screen.availableSize()
            width, height = min(width, room.width()), min(height, room.height())
        self.resize(width, height)

    def _forget_sheet(self) -> None:
        self.sheet = None
