# SPDX-License-Identifier: GPL-3.0-or-later
"""The application: window first, sound a moment later, and no failure that ends it."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QLocale, QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QApplication

from vaesynth import session as sessions
from vaesynth.session import Autosave, Session
from vaesynth.session.planes import plane_of

from . import icons, theme, translation
from .audition import Audition
from .bridge import EngineBridge
from .dialogs import Dialogs
from .learn.guide import Guide
from .learn_menu import LearnMenu
from .listening import Listening
from .named_controls import named_controls
from .opening import AudioSettings, open_engine, open_face
from .outside import Outside
from .plane.worker import PlaneWorker
from .settings import Settings
from .state.instrument import Instrument
from .sync_controls import SyncControls
from .window import Window

if TYPE_CHECKING:
    from vaesynth.engine import Engine
    from vaesynth.face_preview import FacePreview


class Faults(QObject):
    """Takes exceptions that nobody expected: prints them, tells people in the window, goes on."""

    happened = pyqtSignal(str)

    def hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """To be used as `sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        traceback.print_exception(kind, error, trace)
        self.happened.emit(self.tr("Something went wrong inside ({fault}); the sound goes on.").format(
            fault=f"{kind.__name__}: {error}"))

    def thread_hook(self, fault: threading.ExceptHookArgs) -> None:
        """To be used as `threading.excepthook`."""
        if fault.exc_value is not None:
            self.hook(fault.exc_type, fault.exc_value, fault.exc_traceback)


class Application:
    """Holds the parts together from start to end.

    Args:
        settings, session_file, cache, control_file: where preferences, session, pictures, and what is
            switched on of the outside world are kept; by default the user's.
        audio: what the engine is asked for where the preferences are not to be followed.
    """

    def __init__(self, settings: Settings | None = None, session_file: Path | None = None,
                 cache: Path | None = None, audio: AudioSettings | None = None,
                 engine_opener: Callable[[Path, AudioSettings], Engine] = open_engine,
                 face_opener: Callable[[Path | None], FacePreview] = open_face,
                 control_file: Path | None = None) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._app = app
        self.settings = settings or Settings()
        self._session_file = session_file or sessions.default_file()
        theme.load_fonts()
        theme.apply(app, theme.wanted(self.settings.theme, app))
        session, self._notice = sessions.recover(self._session_file)
        if session == Session():
            self.settings.session = None  # what is kept no longer comes from there
        self.faults = Faults()
        self.instrument = Instrument(replace(session, closed=False))
        self.bridge = EngineBridge(self.instrument, audio or self._audio(), engine_opener, face_opener)
        self.window = Window(self.instrument, self.bridge, self.settings)
        self.listening = Listening(self.settings, parent=self.window)
        self.audition = Audition(self.window.pad, self.bridge, self.listening, self.settings,
                                 parent=self.window)
        self.outside = Outside(self.bridge, self.window.surface, control_file, self.window)
        self.learning = LearnMenu(self.outside, self.window.surface, self.window)
        self.sync = SyncControls(self.window, self.outside, self.bridge)
        self.guide = Guide(self.window, self.listening, self.settings)
        self.dialogs = Dialogs(self.window, self.bridge, self.listening, self.settings,
                               lambda model, z: self.audition.decode(model, z), self.outside)
        self.plane = PlaneWorker(cache)
        self._autosave = Autosave(self._session_file, failed=self.faults.happened.emit)
        self._learnt: tuple[Path, str] | None = None
        self._closed = False
        self._connect()

    def show(self, model: Path | None = None, faces: Path | None = None) -> None:
        """Show the window, and open the sound as soon as it has been painted."""
        if model is not None:
            wanted: str | None = str(model)
        else:
            wanted = self.instrument.session.model
            if wanted is not None and not Path(wanted).is_file():
                self._notice = f"{wanted}: is no longer there; opened the bundled model."
                wanted = None
        self.window.show()
        self.outside.open()
        if self._notice:
            self.window.banner.show_notice(self._notice)
        QTimer.singleShot(0, lambda: self.bridge.start(wanted, faces or self.settings.faces))

    def close(self) -> None:
        """Keep the session and end everything; again does nothing."""
        if not self._closed:
            self._closed = True
            hints = self._app.styleHints()
            if hints is not None:
                hints.colorSchemeChanged.disconnect(self._dress)
            session = self.instrument.session
            self.guide.close()
            self.listening.close()
            self.sync.close()
            self.outside.close()
            self.bridge.close()
            self.plane.close()
            self._autosave.close(sessions.as_closed(session))

    def _audio(self) -> AudioSettings:
        s = self.settings
        return AudioSettings(s.device, s.sample_rate, s.buffer_frames, s.provider)

    def _connect(self) -> None:
        window, plane = self.window, self.plane
        self.instrument.changed.connect(self._keep)
        self.faults.happened.connect(window.banner.show_error)
        self.bridge.opened.connect(lambda path: self._show_plane())
        self.bridge.face_opened.connect(self._keep_faces)
        self.bridge.opened.connect(lambda path: window.want_plane())
        window.plane_wanted.connect(plane.set_look)
        plane.painted.connect(window.display.show_picture)
        window.theme_chosen.connect(self._choose_theme)
        window.learning_asked.connect(self.guide.open)
        self.guide.got_on.connect(window.line.hold_note)
        self.guide.ready.connect(self._play_learnt)
        self.bridge.opened.connect(self._tell_learnt)
        self.listening.failed.connect(window.banner.show_error)
        self.outside.failed.connect(window.banner.show_error)
        self.learning.noted.connect(window.line.set_note)
        self.learning.waits.connect(window.line.hold_note)
        self.learning.watch(named_controls(window))
        self.learning.input_asked.connect(lambda: self.dialogs.open_preferences("control"))
        window.pad_menu_made.connect(lambda menu: self.learning.fill(menu, ("x", "y")))
        self.instrument.described.connect(lambda metadata: self.learning.watch(named_controls(window)))
        self.audition.noted.connect(window.line.set_note)
        window.closed.connect(self.close)
        hints = self._app.styleHints()
        if hints is not None:
            hints.colorSchemeChanged.connect(self._dress)

    def _keep(self, before: Session, after: Session) -> None:
        self._autosave.offer(after)
        if (before.corners, before.own_loops) != (after.corners, after.own_loops):
            self._show_plane()

    def _show_plane(self) -> None:
        """Have the plane behind the pad painted."""
        model, metadata = self.bridge.model, self.instrument.metadata
        if model is not None and metadata is not None:
            self.plane.show_model(model, plane_of(self.instrument.session, metadata))

    def _keep_faces(self, path: Path | None) -> None:
        self.settings.faces = path

    def _play_learnt(self, model: Path, name: str) -> None:
        self._learnt = model, name
        self.bridge.load_model(model)

    def _tell_learnt(self, opened: Path) -> None:
        if self._learnt is not None and self._learnt[0] == opened:
            text = self.faults.tr("{name} has been learnt, and is on the pad.")
            self.window.banner.show_notice(text.format(name=self._learnt[1]))
            self._learnt = None

    def _choose_theme(self, name: str) -> None:
        self.settings.theme = name
        self._dress()

    def _dress(self, scheme: Qt.ColorScheme | None = None) -> None:
        """Take the colours that are wanted now; the system's have maybe changed to `scheme`."""
        used = theme.wanted(self.settings.theme, self._app)
        if used != theme.colours():
            theme.apply(self._app, used)
            self.window.want_plane()


def main(model: Path | None = None, faces: Path | None = None, device: str | None = None,
         sample_rate: int | None = None, buffer_frames: int | None = None,
         provider: str | None = None) -> int:
    """Open the instrument and return when its window is closed.

    Args:
        model, faces: decoder files; None takes the session's, or the bundled ones.
        device, sample_rate, buffer_frames, provider: taken in place of the preferences where given.

    Returns:
        The exit code.
    """
    QGuiApplication.setDesktopFileName("vaesynth")
    app = QApplication(["vaesynth"])
    app.setApplicationName("vaesynth")
    app.setApplicationDisplayName("vaesynth")
    app.setWindowIcon(icons.app_icon())
    fault = translation.install(app, QLocale(), translation.folders())
    settings = Settings()
    audio = AudioSettings(device or settings.device, sample_rate or settings.sample_rate,
                          buffer_frames or settings.buffer_frames, provider or settings.provider)
    instrument = Application(settings, audio=audio)
    sys.excepthook = instrument.faults.hook
    threading.excepthook = instrument.faults.thread_hook
    _let_signals_in(app)
    instrument.show(model, faces)
    if fault is not None:
        instrument.window.banner.show_error(fault)
    code = app.exec()
    instrument.close()
    return code


def _let_signals_in(app: QApplication) -> None:
    """Let Ctrl-C and SIGTERM close the window as a hand would; Python sees them only when its code runs."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: app.closeAllWindows())
    timer = QTimer(app)
    timer.timeout.connect(lambda: None)
    timer.start(250)

