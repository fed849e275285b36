# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogs of models and preferences: filled in the background, opened without holding up the window."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QDialog

from vaesynth.models import ModelFile

from .audition import Sound
from .background import Background
from .bridge import EngineBridge
from .listening import Listening
from .opening import AudioSettings
from .outside import Outside
from .settings import Settings
from .sync_controls import Ports, list_ports
from .widgets.model_browser import ModelBrowser
from .widgets.preferences.control_page import ControlPage
from .widgets.preferences.dialog import PreferencesDialog
from .widgets.preferences.folders_page import FoldersPage
from .widgets.preferences.look_page import LookPage
from .widgets.preferences.sound_page import SoundPage
from .window import Window

LOOK = """
import json, os, sys
from vaesynth import providers
from vaesynth.errors import DeviceError
from vaesynth.server.devices import output_devices
try:
    answer = {"devices": [d.name for d in output_devices()], "providers": providers.available()}
except DeviceError as e:
    answer = {"error": str(e)}
print(json.dumps(answer))
sys.stdout.flush()
os._exit(0)
"""


class Dialogs(QObject):
    """Opens the dialogs that the window asks for, one of each at most."""

    def __init__(self, window: Window, bridge: EngineBridge, listening: Listening, settings: Settings,
                 decode: Callable[[Path, tuple[float, ...]], Sound], outside: Outside) -> None:
        super().__init__(window)
        self._window, self._bridge, self._settings = window, bridge, settings
        self._listening, self._decode, self._outside = listening, decode, outside
        self._work = Background(window.banner.show_error, self)
        self.browser: ModelBrowser | None = None
        self.preferences: PreferencesDialog | None = None
        window.models_asked.connect(self.open_browser)
        window.preferences_asked.connect(lambda: self.open_preferences())
        window.closed.connect(self._work.close)

    def open_browser(self) -> None:
        """Open the model browser."""
        if self.browser is not None:
            self.browser.raise_()
            return
        browser = self.browser = ModelBrowser(self._bridge.model, self._window)
        browser.chosen.connect(self._choose_model)
        browser.card.heard.connect(self._hear)
        browser.finished.connect(lambda result: self._listening.stop())
        browser.file_asked.connect(browser.accept)
        browser.file_asked.connect(self._window.files.ask_for_model)
        self._open(browser, "browser")
        recent = self._settings.recent

        def done(models: list[ModelFile]) -> None:
            if self.browser is browser:
                browser.show_models(models)
        self._work.run(lambda: list_models(recent), done)

    def open_preferences(self, page: str = "sound") -> None:
        """Open the preferences at a page: `sound`, `control`, `look` or `folders`."""
        if self.preferences is not None:
            self.preferences.raise_()
            self.preferences.show_page(page)
            return
        dialog = self.preferences = PreferencesDialog(self._window)
        now, settings = self._bridge.audio, self._settings
        sound = SoundPage(settings, now.device, now.sample_rate, now.buffer_frames, now.provider)
        sound.chosen.connect(self._choose_sound)
        sound.cue_chosen.connect(self._choose_cue)
        look = LookPage(settings)
        look.theme_chosen.connect(self._window.theme_chosen)
        look.motion_chosen.connect(self._set_still)
        control = ControlPage(self._outside.settings)
        control.changed.connect(lambda changes: self._outside.change(**changes))
        control.sync_changed.connect(lambda changes: self._outside.change_sync(**changes))
        for name, title, widget in (("sound", self.tr("Sound"), sound),
                                 ("control", self.tr("Control"), control), ("look", self.tr("Look"), look),
                                 ("folders", self.tr("Folders"), FoldersPage(settings))):
            dialog.add_page(name, title, widget)
        dialog.show_page(page)
        self._open(dialog, "preferences")

        def done(choices: tuple[list[str], list[str]]) -> None:
            if self.preferences is dialog:
                sound.show_choices(*choices)
        self._work.run(list_outputs, done)

        def ports(found: Ports) -> None:
            if self.preferences is dialog:
                control.show_ports(found[0])
        self._work.run(list_ports, ports)

    def _open(self, dialog: QDialog, name: str) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda result: setattr(self, name, None))
        dialog.open()

    def _hear(self, model: ModelFile | None, z: tuple[float, ...]) -> None:
        if model is None:
            self._listening.stop()
        else:
            self._listening.play_made(lambda: self._decode(model.path, z))

    def _choose_model(self, path: Path, faces: bool) -> None:
        if faces:
            self._bridge.load_face(path)
        else:
            self._bridge.load_model(path)

    def _choose_sound(self, device: str | None, rate: int | None, buffer: int, provider: str | None) -> None:
        s = self._settings
        s.device, s.sample_rate, s.buffer_frames, s.provider = device, rate, buffer, provider
        self._bridge.reopen(AudioSettings(device, rate, buffer, provider))

    def _choose_cue(self, device: str | None, first: int) -> None:
        self._settings.cue_device, self._settings.cue_channels = device, (first, first + 1)
        self._listening.reopen()

    def _set_still(self, still: bool) -> None:
        self._settings.reduced_motion = still
        self._window.pad.motion.set_still(still)


def list_models(recent: list[str]) -> list[ModelFile]:
    """Bundled and user's models, then the files opened lately that still exist."""
    from vaesynth import models

    found = models.available()
    known = {m.path.resolve() for m in found}
    for name in recent:
        path = Path(name)
        if path.is_file() and path.resolve() not in known:
            found.append(models.describe(path, "recent"))
            known.add(path.resolve())
    return found


def list_outputs() -> tuple[list[str], list[str]]:
    """Names of the output devices and of the providers, as they are now.

    A process of its own looks: PortAudio sees only the devices of its start,
    and may take down whoever asked it.

    Raises:
        DeviceError: there is no working sound system.
    """
    from vaesynth.errors import DeviceError

    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, timeout=30,
                          check=False)
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise DeviceError("audio devices cannot be listed, expected a working sound system") from None
    if "error" in answer:
        raise DeviceError(str(answer["error"]))
    return list(answer["devices"]), list(answer["providers"])
