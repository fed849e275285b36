"""Audio files as people have them: any rate and depth, and every way to be broken."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from beats import beat

from vaesynth.errors import AudioFileError
from vaesynth.prepare.containers import declared_length, itunes_length, mp3_length
from vaesynth.prepare.read import read_audio

AUDIO = beat(1.0, [0.0, 0.5], channels=2)


@pytest.mark.parametrize(("name", "subtype", "tolerance"), [
    ("a.wav", "PCM_U8", 0.008), ("a.wav", "PCM_16", 1e-4), ("a.wav", "PCM_24", 1e-6), ("a.wav", "FLOAT", 0),
    ("a.aiff", "PCM_16", 1e-4), ("a.flac", "PCM_24", 1e-6), ("a.WAV", "PCM_32", 1e-6)])
def test_every_depth_is_read(tmp_path: Path, name: str, subtype: str, tolerance: float) -> None:
    soundfile.write(tmp_path / name, AUDIO, 44_100, subtype=subtype)
    recording = read_audio(tmp_path / name)
    assert recording.audio.dtype == np.float32
    assert np.abs(recording.audio - AUDIO).max() <= tolerance
    assert (recording.sample_rate, recording.channels, recording.seconds) == (44_100, 2, 1.0)


def _chirp() -> np.ndarray:
    time = np.arange(44_100) / 44_100
    return np.asarray(0.5 * np.sin(2 * np.pi * (200 * time + 1_500 * time**2)), np.float32)


def _begins_at(found: np.ndarray, wanted: np.ndarray) -> int:
    """Sample of `found` at which `wanted` begins, negative where some of its beginning is missing."""
    padded = np.pad(found, 2_000)[:30_000]
    return int(np.argmax(np.correlate(padded, wanted[:20_000], "valid"))) - 2_000


def test_the_silence_of_an_mp3_encoder_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, _chirp(), 44_100, bitrate_mode="CONSTANT", compression_level=0.5)
    assert _begins_at(read_audio(path).audio[:, 0], _chirp()) == 0
    # Without the encoder's tag, which is the first frame, no decoder knows of the silence.
    payload = path.read_bytes()
    # The bytes of a frame follow from its bit rate.
    kilobits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[payload[2] >> 4]
    tag_bytes = 144 * 1000 * kilobits // 44_100 + (payload[2] >> 1 & 1)
    assert payload[tag_bytes:tag_bytes + 2] == payload[:2]
    path.write_bytes(payload[tag_bytes:])
    untagged = _begins_at(read_audio(path, trim=False).audio[:, 0], _chirp())
    assert untagged > 1_000
    assert _begins_at(read_audio(path).audio[:, 0], _chirp()) == untagged - 1_105


def test_an_mp3_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    soundfile.write(path, _chirp(), 44_100)
    path.write_bytes(path.read_bytes()[:-path.stat().st_size // 2])
    with pytest.raises(AudioFileError, match="expected the 44100 that its header promises"):
        read_audio(path)


def test_the_tag_of_an_mp3_encoder() -> None:
    tag = (b"\xff\xfb\x90\x00" + bytes(32) + b"Info" + struct.pack(">III", 3, 10, 5_000)
           + b"LAME3.100" + bytes(12) + bytes([576 >> 4, (576 & 15) << 4 | 1, 44]))
    assert mp3_length(tag) == 10 * 1152 - 576 - 300
    assert mp3_length(tag[:60]) is None
    assert mp3_length(b"\xff\xfb\x90\x00" + bytes(500)) is None


def test_the_comment_of_itunes() -> None:
    head = b"ID3\x02COM\x00\x00h\x00engiTunSMPB\x00 00000000 00000210 00000A50 0000000000056220 00000000"
    assert itunes_length(head + bytes(100)) == 0x56220
    assert itunes_length(bytes(100)) is None


def test_declared_lengths() -> None:
    wav = b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0xxdata\x08\0\0\0"
    assert declared_length(wav) == len(wav) + 8
    assert declared_length(wav[:-4] + b"\xff\xff\xff\xff") is None
    assert declared_length(b"FORM\0\0\0\0AIFFSSND\0\0\0\x10") == 36
    assert declared_length(b"OggS") is None
    assert declared_length(b"RIFF\0\0\0\0WAVE") is None


def _broken(path: Path, kind: str) -> Path:
    def wav(audio: np.ndarray, rate: int = 44_100) -> None:
        soundfile.write(path, audio, rate, subtype="FLOAT", format="WAV")

    def with_sample(value: float) -> None:
        audio = AUDIO.copy()
        audio[100, 0] = value
        wav(audio)

    def cut(form: str) -> None:
        soundfile.write(path, AUDIO, 44_100, format=form)
        path.write_bytes(path.read_bytes()[:8_000])

    makers = {
        "empty": lambda: path.write_bytes(b""), "text": lambda: path.write_text("These are no samples."),
        "noise": lambda: path.write_bytes(np.random.default_rng(0).bytes(20_000)),
        "cut wav": lambda: cut("WAV"), "cut aiff": lambda: cut("AIFF"), "cut flac": lambda: cut("FLAC"),
        "20 ms": lambda: wav(AUDIO[:882]), "no samples": lambda: wav(AUDIO[:0]),
        "silence": lambda: wav(0 * AUDIO), "murmur": lambda: wav(1e-3 * AUDIO),
        "nan": lambda: with_sample(np.nan), "infinity": lambda: with_sample(np.inf),
        "absurd": lambda: with_sample(1e38),
        "low rate": lambda: wav(AUDIO, 100), "high rate": lambda: wav(AUDIO, 2_000_000),
        "long": lambda: soundfile.write(path, np.zeros((4_900_000, 1), np.int16), 8_000, format="WAV")}
    makers[kind]()
    return path


@pytest.mark.parametrize(("kind", "reason"), [
    ("empty", "is empty (0 bytes)"), ("text", "is no readable audio"), ("noise", "is no readable audio"),
    ("cut wav", "is truncated"), ("cut aiff", "is truncated"), ("cut flac", "expected a whole WAV"),
    ("20 ms", "lasts 20 ms, expected at least 250 ms"), ("no samples", "lasts 0 ms"),
    ("silence", "is silent (digital silence)"), ("murmur", "is silent (-"),
    ("nan", "holds NaN or infinity in 1 of 44100 samples"), ("infinity", "holds NaN or infinity"),
    ("absurd", "has a peak of 1e+38"),
    ("low rate", "has a sample rate of 100 Hz"), ("high rate", "has a sample rate of 2000000 Hz"),
    ("long", "lasts 612 s with 1 channels, expected a loop of at most 600 s")])
def test_a_broken_file_is_one_sentence(tmp_path: Path, kind: str, reason: str) -> None:
    path = _broken(tmp_path / "a.wav", kind)
    with pytest.raises(AudioFileError) as caught:
        read_audio(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert reason in message
    assert "\n" not in message


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="cannot be read"):
        read_audio(tmp_path / "none.wav")
