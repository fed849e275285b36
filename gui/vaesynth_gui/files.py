# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in and out: models and loops opened or dropped, the sounding loop exported or dragged away."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QMimeData, QObject, Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDrag, QGuiApplication
from PyQt6.QtWidgets import QFileDialog, QWidget

from vaesynth import loop_file, own_loops
from vaesynth.exports import Timing, played
from vaesynth.session import OwnLoop

from . import own_faces
from .background import Background
from .bridge import EngineBridge
from .settings import Settings
from .state.instrument import Instrument
from .widgets.loop_view import LoopView

if TYPE_CHECKING:
    from vaesynth.own_face import OwnFace

DRAG_PICTURE = 48
SESSION = ".json"


class Files(QObject):
    """Moves files between the instrument and the world, without holding up the window.

    Signals:
        failed: one sentence on what did not work.
        noted: a few words on what is going on; empty to take them back.
        placed: position (x, y) of a loop or face of the musician's own, and what of the session changes with
            it.
        session_given: a file that holds a session.
    """

    failed = pyqtSignal(str)
    noted = pyqtSignal(str)
    placed = pyqtSignal(float, float, dict)
    session_given = pyqtSignal(Path)

    def __init__(self, window: QWidget, view: LoopView, instrument: Instrument, bridge: EngineBridge,
                 settings: Settings) -> None:
        super().__init__(window)
        self._window, self._view = window, view
        self._instrument, self._bridge, self._settings = instrument, bridge, settings
        self._background = Background(self._fail, self)
        view.drag_asked.connect(self.drag_loop)

    def open(self, path: Path, corner: int | None = None) -> None:
        """Open a file as far as its kind is known; the sound goes on. A loop may be pinned to a corner."""
        suffix = path.suffix.lower()
        if suffix == ".onnx":
            self._bridge.load_model(path)
        elif suffix in own_loops.SUFFIXES:
            self._place(path, corner)
        elif suffix in own_faces.SUFFIXES:
            self._place_face(path)
        elif suffix == SESSION:
            self.session_given.emit(path)
        else:
            text = self.tr("{name}: is no model, loop, photo or session, expected {kinds}")
            kinds = (".onnx", *sorted(own_loops.SUFFIXES), *sorted(own_faces.SUFFIXES), SESSION)
            self.failed.emit(text.format(name=path.name, kinds=", ".join(kinds)))

    def ask(self) -> None:
        """Choose files of any kind that can be dropped, too."""
        loops, photos = (" ".join(f"*{suffix}" for suffix in sorted(suffixes))
                         for suffixes in (own_loops.SUFFIXES, own_faces.SUFFIXES))
        kinds = ((self.tr("Models"), "*.onnx"), (self.tr("Loops"), loops), (self.tr("Photos"), photos),
                 (self.tr("Sessions"), f"*{SESSION}"))
        every = (self.tr("All that can be opened"), " ".join(pattern for _, pattern in kinds))
        filters = ";;".join(f"{name} ({pattern})" for name, pattern in (every, *kinds))
        self._ask_for_files(self.tr("Open"), filters)

    def ask_for_model(self) -> None:
        """Choose a model file."""
        self._ask_for_files(self.tr("Open a model"), self.tr("Models") + " (*.onnx)")

    def write_loop(self, path: Path) -> None:
        """Write the sounding loop, as it is played, into a WAV or FLAC file."""
        loop, timing = self._view.loop, Timing.of(self._instrument.session)
        if loop is None:
            return

        def job() -> Path:
            loop_file.write(played(loop, timing), path)
            return path
        self._background.run(job, lambda p: self.noted.emit(self.tr("Wrote {name}").format(name=p.name)))

    def drag_loop(self) -> None:
        """Let the sounding loop be dragged out as a WAV file."""
        loop = self._view.loop
        if loop is not None:
            name, timing = self.loop_name(), Timing.of(self._instrument.session)
            self._background.run(lambda: loop_file.keep(played(loop, timing), name), self._start_drag)

    def close(self) -> None:
        """Let what runs end."""
        self._background.close()

    def _place(self, path: Path, corner: int | None) -> None:
        model, metadata = self._bridge.model, self._instrument.metadata
        if model is None or metadata is None:
            text = self.tr("{name}: has no place yet, expected a model first")
            self.failed.emit(text.format(name=path.name))
            return
        self.noted.emit(self.tr("Listening to {name} …").format(name=path.name))

        def done(loops: list[OwnLoop]) -> None:
            self.noted.emit("")
            if loops and self._instrument.metadata is metadata:
                if corner is not None:
                    self._instrument.add_own_loops(loops, corner)
                else:
                    first, own = self._instrument.beside_own_loops(loops)
                    self.placed.emit(first.x, first.y, {"own_loops": own})
        self._background.run(lambda: own_loops.encode(path, model, metadata), done)

    def _place_face(self, photo: Path) -> None:
        """Let the face pass through a photo. It is kept nowhere: closing the window forgets it."""
        self.noted.emit(self.tr("Looking at {name} …").format(name=photo.name))
        faces = self._settings.faces

        def done(face: "OwnFace") -> None:
            self.noted.emit("")
            if self._settings.faces == faces:
                self._bridge.show_own_face(face)
                self.placed.emit(face.x, face.y, {})
        self._background.run(lambda: own_faces.find(photo, faces), done)

    def _start_drag(self, file: Path) -> None:
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return  # the hand was faster than the disk
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        drag = QDrag(self._window)
        drag.setMimeData(mime)
        smooth = Qt.TransformationMode.SmoothTransformation
        drag.setPixmap(self._view.grab().scaledToHeight(DRAG_PICTURE, smooth))
        drag.exec(Qt.DropAction.CopyAction)

    def _fail(self, text: str) -> None:
        self.noted.emit("")
        self.failed.emit(text)

    def _ask_for_files(self, title: str, kinds: str) -> None:
        dialog = QFileDialog(self._window, title, self._settings.folder, kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._files_chosen)
        dialog.open()

    def _files_chosen(self, names: list[str]) -> None:
        for name in names:
            self._settings.folder = str(Path(name).parent)
            self.open(Path(name))

    def loop_name(self) -> str:
        """What the sounding loop is to be called."""
        session, metadata = self._instrument.session, self._instrument.metadata
        name = metadata.name if metadata else "loop"
        return loop_file.suggested_name(name, session.bpm, session.x, session.y)


def local_files(mime: QMimeData | None) -> list[Path]:
    """Files of this machine that a drop brings."""
    if mime is None or not mime.hasUrls():
        return []
    return [Path(u.toLocalFile()) for u in mime.urls() if u.isLocalFile()]
