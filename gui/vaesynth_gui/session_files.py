# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions as files of their own: saved under a name, opened again with the model they were played on."""

from dataclasses import replace
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QWidget

from vaesynth import session as sessions
from vaesynth.errors import ModelError
from vaesynth.session import Session, SessionError

from .background import Background
from .bridge import EngineBridge
from .files import SESSION
from .settings import Settings
from .state.instrument import Instrument


class SessionFiles(QObject):
    """Saves and opens sessions beside the one that is kept all the time.

    The file that was saved or opened last is the one that is open, also after a restart.

    Signals:
        failed: one sentence on what did not work.
        noted: a few words on what has been done.
        named: the session that is open has another name.
    """

    failed = pyqtSignal(str)
    noted = pyqtSignal(str)
    named = pyqtSignal()

    def __init__(self, window: QWidget, instrument: Instrument, bridge: EngineBridge,
                 settings: Settings) -> None:
        super().__init__(window)
        self._window, self._instrument, self._bridge, self._settings = window, instrument, bridge, settings
        self._background = Background(self.failed.emit, self)
        self._waiting: tuple[Path, Session, Path] | None = None
        bridge.opened.connect(self._on_opened)
        bridge.failed.connect(self._on_failed)

    @property
    def file(self) -> Path | None:
        """Where the session that is open was saved, or came from; None for one without a name."""
        return self._settings.session

    def ask(self) -> None:
        """Choose where to save the session; the dialog asks before it writes over a file."""
        file = self.file or Path(self._settings.folder, "session" + SESSION)
        dialog = QFileDialog(self._window, self.tr("Save the session"), str(file.parent),
                             self.tr("Sessions (*.json)"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SESSION[1:])
        dialog.selectFile(file.name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def save(self, file: Path) -> None:
        """Write the session as it is now."""
        self._settings.folder = str(file.parent)
        session = sessions.as_closed(self._instrument.session)
        self._background.run(lambda: _write(file, session),
                             lambda _: self._name(file, self.tr("Saved {name}")))

    def open(self, file: Path) -> None:
        """Take over a session, on the model it was played on where that is still there; the sound goes on."""
        self._background.run(lambda: _read(file), lambda found: self._take(file, *found))

    def close(self) -> None:
        """Let what runs end."""
        self._background.close()

    def _take(self, file: Path, session: Session, model: Path | None) -> None:
        if model is not None and model != self._bridge.model:
            self._waiting = model, session, file
            self._bridge.load_model(model)
        else:
            self._restore(session, file)

    def _on_opened(self, model: Path) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting[0] == model:
            self._restore(*waiting[1:])

    def _on_failed(self, _: str) -> None:
        # A session whose model cannot be opened is not to come back on its own, later.
        self._waiting = None

    def _restore(self, session: Session, file: Path) -> None:
        self._instrument.restore(session)
        self._name(file, self.tr("Opened {name}"))

    def _name(self, file: Path, note: str) -> None:
        self._settings.session = file.absolute()
        self.named.emit()
        self.noted.emit(note.format(name=file.name))


def _write(file: Path, session: Session) -> None:
    """Models that have a name here are called by it, so that the file opens on other machines, too."""
    from vaesynth import models

    if session.model is not None:
        path = Path(session.model)
        if path.parent in (models.bundled_folder(), models.user_folder()):
            session = replace(session, model=models.model_name(path))
    sessions.write(file, session)


def _read(file: Path) -> tuple[Session, Path | None]:
    """A session, and the model that it names."""
    from vaesynth import models

    session = sessions.read(file)
    if session is None:
        raise SessionError(f"{file.name}: is no longer there, expected a session file")
    if session.model is None:
        return session, None
    try:
        return session, models.find(session.model)
    except ModelError:
        return session, models.find(models.model_name(Path(session.model)))
