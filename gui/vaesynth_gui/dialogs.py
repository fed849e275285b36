# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialogs of models and sound: filled in the background, opened without holding up the window."""

import json
import subprocess
import sys
from pathlib import Path

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtWidgets import QDialog

from vaesynth.models import ModelFile

from .background import Background
from .bridge import EngineBridge
from .opening import AudioSettings
from .settings import Settings
from .widgets.model_browser import ModelBrowser
from .widgets.sound_dialog import SoundDialog
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

    def __init__(self, window: Window, bridge: EngineBridge, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._bridge, self._settings = window, bridge, settings
        self._work = Background(window.banner.show_error, self)
        self.browser: ModelBrowser | None = None
        self.sound: SoundDialog | None = None
        window.models_asked.connect(self.open_browser)
        window.audio_asked.connect(self.open_sound)
        window.closed.connect(self._work.close)

    def open_browser(self) -> None:
        """Open the model browser."""
        if self.browser is not None:
            self.browser.raise_()
            return
        browser = self.browser = ModelBrowser(self._bridge.model, self._window)
        browser.chosen.connect(self._choose_model)
        browser.file_asked.connect(browser.accept)
        browser.file_asked.connect(self._window.files.ask_for_model)
        self._open(browser, "browser")
        recent = self._settings.recent

        def done(models: list[ModelFile]) -> None:
            if self.browser is browser:
                browser.show_models(models)
        self._work.run(lambda: list_models(recent), done)

    def open_sound(self) -> None:
        """Open the sound settings."""
        if self.sound is not None:
            self.sound.raise_()
            return
        now = self._bridge.audio
        dialog = self.sound = SoundDialog(now.device, now.sample_rate, now.buffer_frames, now.provider,
                                          self._window)
        dialog.chosen.connect(self._choose_sound)
        self._open(dialog, "sound")

        def done(choices: tuple[list[str], list[str]]) -> None:
            if self.sound is dialog:
                dialog.show_choices(*choices)
        self._work.run(list_outputs, done)

    def _open(self, dialog: QDialog, name: str) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(lambda result: setattr(self, name, None))
        dialog.open()

    def _choose_model(self, path: Path, faces: bool) -> None:
        if faces:
            self._bridge.load_face(path)
        else:
            self._bridge.load_model(path)

    def _choose_sound(self, device: str | None, rate: int | None, buffer: int, provider: str | None) -> None:
        s = self._settings
        s.device, s.sample_rate, s.buffer_frames, s.provider = device, rate, buffer, provider
        self._bridge.reopen(AudioSettings(device, rate, buffer, provider))


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
