from pathlib import Path

import numpy as np
import pytest
import soundfile
from loops import RATE, tone

from vaesynth.errors import OutputError, SettingError
from vaesynth.wav import write_audio


@pytest.mark.parametrize(("name", "bits", "step"), [
    ("a.wav", 16, 2**-15), ("a.wav", 24, 2**-23), ("a.WAV", 32, 0), ("a.flac", 24, 2**-23)])
def test_what_is_written_can_be_read(tmp_path: Path, name: str, bits: int, step: float) -> None:
    write_audio(tmp_path / name, tone(440), RATE, bits)  # type: ignore[arg-type]  # a parameter of the test
    audio, rate = soundfile.read(tmp_path / name, dtype="float32")
    assert rate == RATE
    assert np.abs(audio - tone(440)).max() <= step
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_too_loud_is_clipped_not_wrapped(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", 3 * tone(440, 1.0), RATE, 16)
    audio, _ = soundfile.read(tmp_path / "a.wav")
    assert (np.sign(audio[:, 0]) == np.sign(tone(440)[:, 0]))[np.abs(tone(440)[:, 0]) > 0.01].all()


@pytest.mark.parametrize(("name", "bits"), [("a.mp3", 24), ("a", 24), ("a.flac", 32), ("a.wav", 8)])
def test_other_formats_are_refused(tmp_path: Path, name: str, bits: int) -> None:
    with pytest.raises(SettingError, match="expected"):
        write_audio(tmp_path / name, tone(440), RATE, bits)  # type: ignore[arg-type]  # meant to be wrong
    assert not list(tmp_path.iterdir())


def test_unwritable_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere.*expected a writable place"):
        write_audio(tmp_path / "nowhere" / "a.wav", tone(440), RATE)
    (tmp_path / "a.wav").mkdir()
    with pytest.raises(OutputError, match=r"a\.wav cannot be written"):
        write_audio(tmp_path / "a.wav", tone(440), RATE)
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_an_old_file_stays_when_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.wav"
    write_audio(path, tone(440), RATE)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")
    monkeypatch.setattr(soundfile, "write", full)
    with pytest.raises(OutputError, match="No space left"):
        write_audio(path, tone(880), RATE)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]
