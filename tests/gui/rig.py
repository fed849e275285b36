"""The whole application on doubles of engine and face, and a hand to play it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fakes import FakeEngine, FakeFace
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from vaesynth_gui.app import Application
from vaesynth_gui.opening import AudioSettings
from vaesynth_gui.settings import Settings

NONE = Qt.KeyboardModifier.NoModifier
PATIENCE = 120_000
"""Milliseconds: tests wait for what must come, however busy the machine."""


class Bench:
    """The application in a folder of its own, and a hand to play it."""

    audio = AudioSettings()
    openers: tuple[Callable[..., Any], Callable[..., Any]] | None = None
    """What opens engine and face, where they are no doubles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engines: list[FakeEngine] = []
        self.model = folder / "drums.onnx"
        self.model.write_bytes(b"model")
        self.app = self.start()

    def start(self) -> Application:
        """Open the window on what the folder holds."""
        settings = Settings.in_file(self.folder / "settings.ini")
        self.app = Application(settings, self.folder / "session.json", self.folder / "cache", self.audio,
                               *(self.openers or (self.open_engine, self.open_face)),
                               control_file=self.folder / "control.json")
        if self.openers is None:
            self.app.plane.show_model = lambda model, plane=None: None  # type: ignore[method-assign]  # doubles decode nothing
        self.window = self.app.window
        self.pad = self.window.pad
        self.instrument = self.app.instrument
        return self.app

    def open_engine(self, model: Path, audio: AudioSettings) -> FakeEngine:
        engine = FakeEngine(model)
        self.engines.append(engine)
        return engine

    def open_face(self, model: Path | None) -> FakeFace:
        self.face = FakeFace(model)
        return self.face

    @property
    def engine(self) -> FakeEngine:
        return self.engines[-1]

    def show(self) -> "Bench":
        """Show the window and wait for its sound."""
        self.app.show(self.model)
        assert QTest.qWaitForWindowExposed(self.window, PATIENCE)
        self.window.activateWindow()
        self.wait(lambda: self.app.bridge.running)
        self.pad.setFocus()
        return self

    def wait(self, condition: Callable[[], bool], seconds: float = PATIENCE / 1000) -> None:
        """Let the window work until a condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "what was waited for did not come"
            QTest.qWait(5)

    def place(self, x: float, y: float) -> QPointF:
        return self.pad.place_of(x, y)

    def press(self, x: float, y: float, modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.mousePress(self.pad, Qt.MouseButton.LeftButton, modifier, self.place(x, y).toPoint())

    def drag_to(self, x: float, y: float) -> None:
        QTest.mouseMove(self.pad, self.place(x, y).toPoint())

    def release(self, x: float, y: float) -> None:
        QTest.mouseRelease(self.pad, Qt.MouseButton.LeftButton, pos=self.place(x, y).toPoint())

    def key(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def drop(self, file: Path, place: QPointF | None = None) -> None:
        """Let a file fall onto a place of the window, as a file manager does."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        place = place or QPointF(200, 200)
        how = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, NONE
        enter = QDragEnterEvent(place.toPoint(), *how)
        QApplication.sendEvent(self.window, enter)
        if enter.isAccepted():
            QApplication.sendEvent(self.window, QDropEvent(place, *how))
