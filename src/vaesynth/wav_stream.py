"""A WAV file that grows while it is recorded, and is a whole one at any moment."""

import os
import struct
from pathlib import Path

import numpy as np

from .loop import Audio

HEADER = 94
LARGEST_RIFF = UNKNOWN = 0xFFFF_FFFF
FLUSHES_A_SYNC = 10


class WavStream:
    """Writes 32-bit floating point; beyond 4 GB the file becomes an RF64 one, which has room for days.

    After `flush` all that was written before it is in the file and in its header: a crash loses what came
    later, and never the file. Where the disk is full, what was written stays.

    Args:
        path: a new file.
        sample_rate: in Hz.
        channels: how many.

    Attributes:
        frames: written so far.

    Raises:
        OSError: the file exists already, or cannot be made.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int = 2) -> None:
        self.frames = 0
        self._rate, self._channels = sample_rate, channels
        self._file = path.open("xb", buffering=0)
        self._flushes = 0
        self._put(self._header())

    def write(self, audio: Audio) -> None:
        """Append float32 `(frames, channels)`.

        Raises:
            OSError: the disk is full, or gone.
        """
        self._put(np.ascontiguousarray(audio, "<f4").tobytes())
        self.frames += len(audio)

    def flush(self) -> None:
        """Tell the header what was written; every tenth time see to it that the disk has it.

        Raises:
            OSError: the disk is gone.
        """
        end = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self._put(self._header())
        self._file.seek(end)
        self._flushes += 1
        if self._flushes % FLUSHES_A_SYNC == 0:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Complete the file; what a failed write has left of a frame goes.

        Raises:
            OSError: the disk is gone.
        """
        try:
            self._file.truncate(HEADER + self.frames * 4 * self._channels)
            self.flush()
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view):]

    def _header(self) -> bytes:
        size = 4 * self._channels
        data, rate = self.frames * size, self._rate
        riff = HEADER - 8 + data
        large = riff > LARGEST_RIFF
        sizes = struct.pack("<QQQI", riff, data, self.frames, 0) if large else bytes(28)
        return b"".join((
            b"RF64" if large else b"RIFF", struct.pack("<I", UNKNOWN if large else riff), b"WAVE",
            b"ds64" if large else b"JUNK", struct.pack("<I", 28), sizes,
            b"fmt ", struct.pack("<IHHIIHHH", 18, 3, self._channels, rate, rate * size, size, 32, 0),
            b"fact", struct.pack("<II", 4, min(self.frames, UNKNOWN)),
            b"data", struct.pack("<I", UNKNOWN if large else data)))


def to_flac(wav: Path, flac: Path) -> None:
    """Turn a recording into a FLAC file of 24 bits; the WAV goes when the other is complete.

    Raises:
        OSError: the disk is full, or gone; the WAV stays.
        soundfile.SoundFileError: so does it here.
    """
    import soundfile

    part = flac.with_name(f".{flac.name}.part")
    try:
        with soundfile.SoundFile(wav) as source, soundfile.SoundFile(
                part, "w", source.samplerate, source.channels, "PCM_24", format="FLAC") as sink:
            for block in source.blocks(65_536, dtype="float32", always_2d=True):
                sink.write(block)
        os.replace(part, flac)
    finally:
        part.unlink(missing_ok=True)
    wav.unlink()
