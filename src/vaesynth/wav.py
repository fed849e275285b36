"""Audio files out: whole or not at all."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np

from .errors import OutputError, SettingError
from .loop import Audio

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
SUBTYPES = {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}


def write_audio(path: Path, audio: Audio, sample_rate: int, bits: Literal[16, 24, 32] = 24) -> None:
    """Write a WAV or FLAC file, by the path's ending; an existing file is replaced once the new one is
    complete.

    Args:
        path: ends with .wav or .flac.
        audio: float32 `(frames, channels)`; whole-number formats clip it to [-1, 1].
        sample_rate: in Hz.
        bits: 16 or 24 for whole numbers, 32 for floating point (WAV only).

    Raises:
        SettingError: another ending, or a depth that the format has not.
        OutputError: the file cannot be written.
    """
    import soundfile
    path = Path(path)
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise SettingError(f"{path} ends with {path.suffix or 'nothing'}, expected .wav or .flac")
    if bits not in SUBTYPES or (form == "FLAC" and bits == 32):
        depths = "16, 24 or 32" if form == "WAV" else "16 or 24"
        raise SettingError(f"{path}: depth is {bits} bits, expected {depths}")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            sink = _Sink(file)
            try:
                soundfile.write(sink, np.asarray(audio), sample_rate, SUBTYPES[bits], format=form)
            finally:
                if sink.fault is not None:
                    raise sink.fault
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except (OSError, soundfile.SoundFileError) as e:
        reason = e.strerror if isinstance(e, OSError) and e.strerror else e
        raise OutputError(f"{path} cannot be written ({reason}), expected a writable place") from e
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


class _Sink:
    """A file that keeps its first error to be raised afterwards.

    Where a Python file raises inside libsndfile's callback, a traceback is printed, the error is lost, and
    all that soundfile does is to assert that everything was written.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.fault: OSError | None = None

    def write(self, data: bytes) -> int:
        if self.fault is None:
            try:
                self._file.write(data)
            except OSError as e:
                self.fault = e
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self.fault is None:
            try:
                return self._file.seek(offset, whence)
            except OSError as e:
                self.fault = e
        return 0

    def tell(self) -> int:
        return self._file.tell()
