# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be exported, and where to."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from vaesynth.exports import write_midi, write_stems, write_variations
from vaesynth.take.copy import copy_take

from .background import Background
from .bridge import EngineBridge
from .files import Files
from .settings import Settings
from .state.instrument import Instrument
from .taping import Taping
from .widgets.variations_dialog import VariationsDialog


class Exporting(QObject):
    """Offers what can be written, asks for the place, and writes in the background.

    Signals:
        failed: one sentence on what did not work.
        noted: a few words on what is going on; empty to take them back.
    """

    failed = pyqtSignal(str)
    noted = pyqtSignal(str)

    def __init__(self, window: QWidget, files: Files, instrument: Instrument, bridge: EngineBridge,
                 taping: Taping, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._files, self._taping = window, files, taping
        self._instrument, self._bridge, self._settings = instrument, bridge, settings
        self._background = Background(self._fail, self)
        self.variations: VariationsDialog | None = None

    def fill(self, menu: QMenu) -> None:
        """Add what can be exported to a menu."""
        menu.addAction(self.tr("Loop …") + "\tCtrl+E", self.ask_for_loop)
        stems = menu.addAction(self.tr("Stems …"), self.ask_for_stems)
        assert stems is not None
        stems.setEnabled(self._has_stems())
        menu.addAction(self.tr("Variations …"), self.ask_for_variations)
        menu.addAction(self.tr("MIDI …"), self.ask_for_midi)
        take = menu.addAction(self.tr("Recorded take …"), self.ask_for_take)
        assert take is not None
        take.setEnabled(self._taping.last is not None)

    def popup(self, button: QWidget) -> None:
        """Open the menu below a button."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill(menu)
        corner = button.mapToGlobal(QPoint(button.width(), button.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def ask_for_loop(self) -> None:
        """Choose where to write the sounding loop."""
        if self._bridge.sounding() is None:
            self.noted.emit(self.tr("There is no loop yet"))
            return
        kinds = self.tr("WAV (*.wav);;FLAC (*.flac)")
        self._ask_for_file(self.tr("Export the loop"), kinds, self._files.loop_name(), self._files.write_loop)

    def ask_for_midi(self) -> None:
        """Choose where to write the hits of the place that sounds."""
        name = self._files.loop_name().removesuffix(".wav") + ".mid"
        self._ask_for_file(self.tr("Export the hits as MIDI"), self.tr("MIDI (*.mid)"), name, self.write_midi)

    def ask_for_stems(self) -> None:
        """Choose a folder for the stems of the place that sounds."""
        self._ask_for_folder(self.tr("Export the stems into a folder"), self.write_stems)

    def ask_for_take(self) -> None:
        """Choose where to copy what was recorded last."""
        recording = self._taping.last
        if recording is not None:
            self._ask_for_file(self.tr("Export the recorded take"), self.tr("WAV (*.wav)"), recording.name,
                               lambda path: self._run(path.parent, lambda: copy_take(recording, path)))

    def ask_for_variations(self) -> None:
        """Choose how many loops round the puck are to be written."""
        if self.variations is None:
            dialog = self.variations = VariationsDialog(self._instrument.session.mutation, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.finished.connect(lambda result: setattr(self, "variations", None))
            dialog.chosen.connect(lambda count, spread: self._ask_for_folder(
                self.tr("Export the variations into a folder"),
                lambda folder: self.write_variations(folder, count, spread)))
            dialog.open()

    def write_stems(self, folder: Path) -> None:
        """Write the stems of the place that sounds."""
        model, z = self._bridge.model, self._bridge.latent()
        if model is not None and z is not None:
            session = self._instrument.session
            self._run(folder, lambda: write_stems(model, session, z, folder))

    def write_midi(self, path: Path) -> None:
        """Write the hits of the place that sounds, for a drum sampler."""
        model, z = self._bridge.model, self._bridge.latent()
        if model is not None and z is not None:
            session = self._instrument.session
            self._run(path.parent, lambda: write_midi(model, session, z, path))

    def write_variations(self, folder: Path, count: int, spread: float) -> None:
        """Write the puck's loop and others from round it; `spread` is the deviation in pad units."""
        model = self._bridge.model
        if model is not None:
            session = self._instrument.session
            others = [self._instrument.mutated_position(spread) for _ in range(count - 1)]
            places = [(session.x, session.y), *others]
            self._run(folder, lambda: write_variations(model, session, places, folder))

    def close(self) -> None:
        """Let what runs end."""
        self._background.close()

    def _run(self, folder: Path, job: Callable[[], list[Path]]) -> None:
        self.noted.emit(self.tr("Exporting …"))
        text = self.tr("Wrote {n} files into {folder}")

        def done(files: list[Path]) -> None:
            one = len(files) == 1
            self.noted.emit(self.tr("Wrote {name}").format(name=files[0].name) if one
                            else text.format(n=len(files), folder=folder.name))
        self._background.run(job, done)

    def _ask_for_file(self, title: str, kinds: str, name: str, act: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, title, self._settings.folder, kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix[1:])
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda chosen: act(self._remember(Path(chosen))))
        dialog.open()

    def _ask_for_folder(self, title: str, act: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, title, self._settings.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: act(self._remember(Path(name))))
        dialog.open()

    def _remember(self, path: Path) -> Path:
        self._settings.folder = str(path if path.is_dir() else path.parent)
        return path

    def _has_stems(self) -> bool:
        metadata = self._instrument.metadata
        return metadata is not None and bool(metadata.voices)

    def _fail(self, text: str) -> None:
        self.noted.emit("")
        self.failed.emit(text)
