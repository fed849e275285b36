"""The sounding loop as a WAV file, bar-exact, with its tempo in the name."""

import re
import zlib
from pathlib import Path

import platformdirs

from .folders import make_folder
from .loop import Loop
from .wav import write_audio


def suggested_name(model: str, bpm: float, x: float, y: float, part: str = "") -> str:
    """File name of a loop: model, tempo, pad position and what part it is, in characters that every file
    system takes."""
    names = [re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower()[:40] for text in (model, part)]
    end = f"_{names[1]}" if names[1] else ""
    return f"{names[0] or 'loop'}_{bpm:.6g}bpm_x{x:+.2f}_y{y:+.2f}{end}.wav"


def write(loop: Loop, path: Path) -> None:
    """Write a loop as 24-bit audio file.

    Raises:
        OutputError: the file cannot be written; nothing half-written is left.
        SettingError: the name ends neither with .wav nor with .flac.
    """
    write_audio(path, loop.audio, loop.sample_rate)


def keep(loop: Loop, name: str, folder: Path | None = None) -> Path:
    """Write a loop where it stays, for programs that refer to a dropped file instead of copying it.

    Its name carries a checksum of the audio, so that no other loop ever takes its place.

    Raises:
        OutputError: the user's data folder cannot be written.
    """
    folder = folder or Path(platformdirs.user_data_dir("vaesynth", appauthor=False)) / "loops"
    make_folder(folder)
    path = folder / name.replace(".wav", f"_{zlib.crc32(loop.audio.tobytes()):08x}.wav")
    if not path.is_file():
        write(loop, path)
    return path
