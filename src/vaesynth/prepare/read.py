"""Any audio file → its samples, or one sentence that says why not."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from ..errors import AudioFileError
from ..loop import Audio
from .containers import MP3_DELAY, declared_length, itunes_length, mp3_length

MIN_RATE, MAX_RATE = 4_000, 768_000
MIN_SECONDS, MAX_SECONDS = 0.25, 600.0
MAX_SAMPLES = 120_000_000
MAX_BYTES = 2**30
SILENCE = 1e-3
"""Peak, relative to full scale, below which a file is silent: -60 dBFS, under any room's noise."""

LOUDEST = 1e6
"""Greatest peak that can be meant: some programs write floats in the range of 16-bit integers."""

_BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class Recording:
    """What an audio file holds.

    Attributes:
        audio: float32 `(frames, channels)`, one or two channels, as loud as in the file.
        sample_rate: in Hz.
        channels: number of channels in the file.
        sha256: of the file's bytes.
        notes: what was done to it, in words.
    """

    audio: Audio
    sample_rate: int
    channels: int
    sha256: str
    notes: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.audio) / self.sample_rate


def read_audio(path: Path, trim: bool = True) -> Recording:
    """Read a WAV, AIFF, FLAC, OGG or MP3 file of any rate, depth and channel count.

    Of more than two channels the first two are taken: front left and right in every standard order. The
    silence that an MP3 encoder puts round the music is cut off.

    Args:
        path: the file.
        trim: cut the MP3 encoder's silence; unset where a table gives positions in the decoded file.

    Raises:
        AudioFileError: the file cannot be used; names the file and the reason.
    """
    try:
        size = path.stat().st_size
        if size == 0:
            raise AudioFileError(f"{path}: is empty (0 bytes), expected audio")
        if size > MAX_BYTES:
            raise AudioFileError(f"{path}: has {size} bytes, expected a loop of at most {MAX_BYTES}")
        payload = path.read_bytes()
    except OSError as e:
        raise AudioFileError(f"{path}: cannot be read ({e.strerror or e})") from e
    audio, rate, channels, form = _decode(path, payload)
    notes = []
    if channels > 2:
        audio = np.ascontiguousarray(audio[:, :2])
        notes.append(f"the first two of {channels} channels")
    if form == "MP3":
        promised = mp3_length(payload)
        # Decoders may withhold a frame or two at the end.
        if promised is not None and len(audio) < promised - 3 * 1152:
            raise _truncated(path, len(audio), promised, "samples")
        if trim and promised is None:
            audio = audio[MP3_DELAY:][:itunes_length(payload)]
    seconds = len(audio) / rate
    if seconds < MIN_SECONDS:
        raise AudioFileError(f"{path}: lasts {1000 * seconds:.0f} ms, "
                             f"expected at least {1000 * MIN_SECONDS:.0f} ms")
    if not np.isfinite(audio).all():
        bad = int(len(audio) - np.isfinite(audio).all(1).sum())
        raise AudioFileError(f"{path}: holds NaN or infinity in {bad} of {len(audio)} samples, "
                             "expected finite numbers")
    peak = float(np.abs(audio).max())
    if peak < SILENCE:
        level = f"{20 * np.log10(peak):.0f} dBFS" if peak else "digital silence"
        raise AudioFileError(f"{path}: is silent ({level}), expected a peak of at least -60 dBFS")
    if peak > LOUDEST:
        raise AudioFileError(f"{path}: has a peak of {peak:.3g}, "
                             f"expected at most {LOUDEST:g} (full scale is 1)")
    return Recording(audio, rate, channels, hashlib.sha256(payload).hexdigest(), tuple(notes))


def _decode(path: Path, payload: bytes) -> tuple[Audio, int, int, str]:
    try:
        with soundfile.SoundFile(path) as file:
            rate, channels, frames = file.samplerate, file.channels, file.frames
            if not MIN_RATE <= rate <= MAX_RATE:
                raise AudioFileError(f"{path}: has a sample rate of {rate} Hz, "
                                     f"expected {MIN_RATE} to {MAX_RATE}")
            if frames > MAX_SECONDS * rate or frames * channels > MAX_SAMPLES:
                raise AudioFileError(f"{path}: lasts {frames / rate:.0f} s with {channels} channels, "
                                     f"expected a loop of at most {MAX_SECONDS:.0f} s")
            # In blocks, as a lying header must not decide how much memory is taken.
            blocks = []
            while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                blocks.append(block)
            form = file.format
    except soundfile.LibsndfileError as e:
        reason = str(e.error_string).removeprefix("Error : ").strip().rstrip(".")
        if not reason or reason.startswith("File does not exist"):
            # What libsndfile says when its MP3 decoder finds no frame.
            reason = "no audio is found in it"
        raise AudioFileError(f"{path}: is no readable audio ({reason}), "
                             "expected a whole WAV, AIFF, FLAC, OGG or MP3 file") from e
    audio = np.concatenate(blocks) if blocks else np.zeros((0, channels), np.float32)
    declared = declared_length(payload)
    if declared is not None and declared > len(payload):
        raise _truncated(path, len(payload), declared, "bytes")
    # The length of other formats is an estimate, or known only at their end.
    if form in ("WAV", "WAVEX", "RF64", "W64", "AIFF", "FLAC") and len(audio) < frames:
        raise _truncated(path, len(audio), frames, "samples")
    return audio, rate, channels, form


def _truncated(path: Path, found: int, promised: int, unit: str) -> AudioFileError:
    return AudioFileError(f"{path}: is truncated, it has {found} {unit}, "
                          f"expected the {promised} that its header promises")
