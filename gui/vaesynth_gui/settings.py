# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person prefers on this machine, apart from any session: look, audio device, folders."""

from pathlib import Path
from typing import Any

from PyQt6.QtCore import QByteArray, QSettings

THEMES = ("system", "dark", "light")
BUFFERS = (64, 128, 256, 512, 1024, 2048)
RATES = (0, 44_100, 48_000, 88_200, 96_000)
"""0 follows the model and the device."""
CUE_CHANNELS = (1, 3, 5, 7)
"""First channel of the pairs of outputs to listen aside on."""
MAX_RECENT = 8


class Settings:
    """Typed access to a `QSettings`; values that are not in their range read as the default."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("vaesynth", "vaesynth")

    @classmethod
    def in_file(cls, path: Path) -> "Settings":
        """Settings in an INI file of their own."""
        return cls(QSettings(str(path), QSettings.Format.IniFormat))

    @property
    def theme(self) -> str:
        """One of `THEMES`."""
        return self._text("look/theme", THEMES, "dark")

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("look/theme", value)

    @property
    def reduced_motion(self) -> bool:
        """Whether glow, trail and pulses stay still."""
        return self._store.value("look/reduced_motion", "false") in (True, "true")

    @reduced_motion.setter
    def reduced_motion(self, value: bool) -> None:
        self._store.setValue("look/reduced_motion", "true" if value else "false")

    @property
    def spectrogram(self) -> bool:
        """Whether the loop is shown as a spectrogram instead of a waveform."""
        return self._store.value("look/spectrogram", "false") in (True, "true")

    @spectrogram.setter
    def spectrogram(self, value: bool) -> None:
        self._store.setValue("look/spectrogram", "true" if value else "false")

    @property
    def device(self) -> str | None:
        """Part of the output device's name, None for the system's choice."""
        return str(self._store.value("audio/device", "") or "") or None

    @device.setter
    def device(self, value: str | None) -> None:
        self._store.setValue("audio/device", value or "")

    @property
    def sample_rate(self) -> int | None:
        """In Hz, None follows the model and the device."""
        return self._number("audio/rate", RATES, 0) or None

    @sample_rate.setter
    def sample_rate(self, value: int | None) -> None:
        self._store.setValue("audio/rate", value or 0)

    @property
    def buffer_frames(self) -> int:
        """Frames a callback."""
        return self._number("audio/buffer", BUFFERS, 256)

    @buffer_frames.setter
    def buffer_frames(self, value: int) -> None:
        self._store.setValue("audio/buffer", value)

    @property
    def provider(self) -> str | None:
        """ONNX Runtime provider, None for the best."""
        return str(self._store.value("audio/provider", "") or "") or None

    @provider.setter
    def provider(self, value: str | None) -> None:
        self._store.setValue("audio/provider", value or "")

    @property
    def recent(self) -> list[str]:
        """Paths of the model files opened last, newest first."""
        value = self._store.value("models/recent", [])
        paths = [value] if isinstance(value, str) else list(value or [])
        return [str(p) for p in paths if p][:MAX_RECENT]

    def add_recent(self, path: str) -> None:
        """Note a model file as the one opened last."""
        self._store.setValue("models/recent", [path, *(p for p in self.recent if p != path)][:MAX_RECENT])

    @property
    def faces(self) -> Path | None:
        """The faces model that was chosen, None for the bundled one, or where it is no longer there."""
        name = str(self._store.value("models/faces", "") or "")
        return Path(name) if name and Path(name).is_file() else None

    @faces.setter
    def faces(self, value: Path | None) -> None:
        self._store.setValue("models/faces", str(value or ""))

    @property
    def folder(self) -> str:
        """The folder used last in a file dialog."""
        return str(self._store.value("models/folder", "") or "")

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("models/folder", value)

    @property
    def session(self) -> Path | None:
        """The session file that was saved or opened last, None for none, or where its folder is gone."""
        name = str(self._store.value("session/file", "") or "")
        return Path(name) if name and Path(name).parent.is_dir() else None

    @session.setter
    def session(self, value: Path | None) -> None:
        self._store.setValue("session/file", str(value or ""))

    @property
    def cue_device(self) -> str | None:
        """Part of the name of the device to listen aside on, None for the main one."""
        return str(self._store.value("audio/cue_device", "") or "") or None

    @cue_device.setter
    def cue_device(self, value: str | None) -> None:
        self._store.setValue("audio/cue_device", value or "")

    @property
    def cue_channels(self) -> tuple[int, int]:
        """Its output channels for left and right, counted from 1."""
        first = self._number("audio/cue_channels", CUE_CHANNELS, 1)
        return first, first + 1

    @cue_channels.setter
    def cue_channels(self, value: tuple[int, int]) -> None:
        self._store.setValue("audio/cue_channels", value[0])

    @property
    def has_cue(self) -> bool:
        """Whether listening aside has an output of its own, which the audience does not hear."""
        return self.cue_device is not None or self.cue_channels != (1, 2)

    @property
    def models_folder(self) -> Path | None:
        """Where instruments that are learnt here go, None for the user's models folder."""
        return self._folder("folders/models")

    @models_folder.setter
    def models_folder(self, value: Path | None) -> None:
        self._store.setValue("folders/models", str(value or ""))

    @property
    def runs_folder(self) -> Path | None:
        """Where trainings are kept, None for the user's data folder."""
        return self._folder("folders/runs")

    @runs_folder.setter
    def runs_folder(self, value: Path | None) -> None:
        self._store.setValue("folders/runs", str(value or ""))

    @property
    def geometry(self) -> QByteArray | None:
        """Where the window stood."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    def _folder(self, key: str) -> Path | None:
        name = str(self._store.value(key, "") or "")
        return Path(name) if name and Path(name).is_dir() else None

    def _text(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        value: Any = self._store.value(key, default)
        return value if value in allowed else default

    def _number(self, key: str, allowed: tuple[int, ...], default: int) -> int:
        value: Any = self._store.value(key, default)
        try:
            number = int(value)
        except (TypeError, ValueError):
            return default
        return number if number in allowed else default
