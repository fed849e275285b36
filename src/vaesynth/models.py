"""Where instruments live: bundled in the package, in the user's models folder, or anywhere by path."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import platformdirs

from . import onnx_file
from .decoder import check_graph, read_metadata
from .errors import ModelError, SettingError
from .metadata import ModelMetadata

BUNDLED_NAMES = {"loop": "drums", "image": "faces"}
DECODER_SUFFIX = ".decoder.onnx"
ENCODER_SUFFIX = ".encoder.onnx"
MAX_LISTED = 500


@dataclass(frozen=True)
class ModelFile:
    """A decoder file found on this machine: its metadata, or the reason why it cannot be used."""

    path: Path
    origin: str  # "bundled" or "user"
    metadata: ModelMetadata | None
    error: str | None = None

    @property
    def name(self) -> str:
        """The name by which `find` knows it."""
        return model_name(self.path)


def model_name(path: Path) -> str:
    """File name without `.decoder.onnx` or `.onnx`."""
    return path.name.removesuffix(DECODER_SUFFIX).removesuffix(".onnx")


def bundled_folder() -> Path:
    """Folder of the instruments in the package."""
    return Path(str(resources.files("vaesynth"))) / "bundled"


def user_folder() -> Path:
    """Folder of the user's instruments; it may not exist yet."""
    return Path(platformdirs.user_data_dir("vaesynth", appauthor=False)) / "models"


def bundled(kind: str) -> Path:
    """The bundled decoder of a kind, `loop` or `image`.

    Raises:
        SettingError: there is no such kind.
        ModelError: this installation has no bundled instrument of that kind.
    """
    if kind not in BUNDLED_NAMES:
        raise SettingError(f"kind is {kind!r}, expected loop or image")
    path = bundled_folder() / f"{BUNDLED_NAMES[kind]}{DECODER_SUFFIX}"
    if not path.is_file():
        raise ModelError(
            f"{path.name}: is missing from this installation, expected a bundled model of kind {kind}"
        )
    return path


def encoder_of(decoder: Path) -> Path | None:
    """The encoder file beside a decoder (`NAME.encoder.onnx`), or None."""
    path = decoder.with_name(model_name(decoder) + ENCODER_SUFFIX)
    return path if path.is_file() else None


def find(name: str | Path) -> Path:
    """The decoder file of a name (as `available` lists it) or a path.

    Raises:
        ModelError: there is no such file or name.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    for folder in (user_folder(), bundled_folder()):
        for file in _files(folder):
            if str(name) in (file.name, model_name(file)):
                return file
    known = ", ".join(m.name for m in available()) or "none"
    raise ModelError(f"{name}: is no model, expected a file or one of: {known}")


def available() -> list[ModelFile]:
    """All decoders of the package and of the user's folder, with their metadata or what is wrong."""
    folders = ((bundled_folder(), "bundled"), (user_folder(), "user"))
    return [describe(path, origin) for folder, origin in folders for path in _files(folder)]


def _files(folder: Path) -> list[Path]:
    """Decoder files of a folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.glob("*.onnx") if not p.name.endswith(ENCODER_SUFFIX))[:MAX_LISTED]


def describe(path: Path, origin: str) -> ModelFile:
    """What a decoder file says of itself, or why it cannot be used."""
    try:
        file = onnx_file.read(path)
        metadata = read_metadata(file)
        check_graph(file, metadata)
    except ModelError as e:
        return ModelFile(path, origin, None, str(e))
    return ModelFile(path, origin, metadata)
