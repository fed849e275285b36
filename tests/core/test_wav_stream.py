import errno
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vaesynth import wav_stream
from vaesynth.wav_stream import WavStream, to_flac

RATE = 48_000


def noise(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).uniform(-1, 1, (frames, 2)).astype(np.float32)


@pytest.mark.parametrize("largest", [wav_stream.LARGEST_RIFF, 1_000])
def test_the_file_is_whole_after_each_flush_and_never_closed(
        largest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also beyond the size that a WAV can spell, where it becomes an RF64 file."""
    monkeypatch.setattr(wav_stream, "LARGEST_RIFF", largest)
    stream, parts = WavStream(tmp_path / "a.wav", RATE), []
    for n in range(1, 30):
        parts.append(noise(10 * n))
        stream.write(parts[-1])
        stream.flush()
        stream.write(noise(7))
        parts.append(noise(7))
        if n % 7 == 0:
            flushed = np.concatenate(parts[:-1])
            read, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
            assert rate == RATE
            assert np.array_equal(read, flushed)
    stream.close()
    assert np.array_equal(soundfile.read(tmp_path / "a.wav", dtype="float32")[0], np.concatenate(parts))
    assert soundfile.info(tmp_path / "a.wav").format == ("RF64" if largest == 1_000 else "WAV")


def test_a_full_disk_leaves_what_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = WavStream(tmp_path / "a.wav", RATE)
    stream.write(noise(100))

    class Full:
        """Takes five bytes more."""

        def __init__(self, file: object) -> None:
            self.file, self.left = file, 5

        def write(self, data: bytes) -> int:
            if not self.left:
                raise OSError(errno.ENOSPC, "No space left on device")
            count, self.left = self.file.write(data[:self.left]), 0
            return count

    file = stream._file
    monkeypatch.setattr(stream, "_file", Full(file))
    with pytest.raises(OSError, match="No space left"):
        stream.write(noise(50))
    monkeypatch.setattr(stream, "_file", file)
    stream.close()
    assert np.array_equal(soundfile.read(tmp_path / "a.wav", dtype="float32")[0], noise(100))


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("mine")
    with pytest.raises(FileExistsError):
        WavStream(tmp_path / "a.wav", RATE)
    assert (tmp_path / "a.wav").read_text() == "mine"


def test_flac_takes_the_place_of_the_wav_when_it_is_whole(tmp_path: Path) -> None:
    stream, audio = WavStream(tmp_path / "a.wav", RATE), noise(200_000)
    audio[0] = 1.0
    stream.write(audio)
    stream.close()
    to_flac(tmp_path / "a.wav", tmp_path / "a.flac")
    read, _ = soundfile.read(tmp_path / "a.flac", dtype="float32")
    assert np.abs(read - audio).max() <= 2**-22
    assert [p.name for p in tmp_path.iterdir()] == ["a.flac"]
