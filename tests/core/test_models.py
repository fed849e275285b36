"""Finding instruments: bundled, the user's own, or by path."""

from pathlib import Path

import pytest
import toy_models as toy

from vaesynth import models
from vaesynth.errors import ModelError, SettingError


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A bundled folder with `drums`, and a user's folder with `mine` and its encoder."""
    bundled, user = tmp_path / "bundled", tmp_path / "user"
    for folder in (bundled, user):
        folder.mkdir()
    toy.write(bundled / "drums.decoder.onnx", toy.loop_decoder())
    toy.write(user / "mine.decoder.onnx", toy.loop_decoder())
    toy.write(user / "mine.encoder.onnx", toy.encoder())
    monkeypatch.setattr(models, "bundled_folder", lambda: bundled)
    monkeypatch.setattr(models, "user_folder", lambda: user)
    return bundled, user


def test_bundled(folders: tuple[Path, Path]) -> None:
    assert models.bundled("loop") == folders[0] / "drums.decoder.onnx"
    with pytest.raises(ModelError, match=r"faces\.decoder\.onnx: is missing"):
        models.bundled("image")
    with pytest.raises(SettingError, match="kind is 'video', expected loop or image"):
        models.bundled("video")


def test_find_by_name_file_name_and_path(folders: tuple[Path, Path]) -> None:
    own = folders[1] / "mine.decoder.onnx"
    assert models.find("mine") == models.find("mine.decoder.onnx") == models.find(own) == own
    assert models.find("drums").parent == folders[0]


def test_the_users_instrument_goes_before_the_bundled_one(folders: tuple[Path, Path]) -> None:
    own = toy.write(folders[1] / "drums.decoder.onnx", toy.loop_decoder())
    assert models.find("drums") == own
    assert models.bundled("loop").parent == folders[0]


def test_unknown_name_lists_the_known_ones(folders: tuple[Path, Path]) -> None:
    with pytest.raises(ModelError, match="nothing: is no model, expected a file or one of: drums, mine"):
        models.find("nothing")


def test_available_tells_what_is_wrong_with_broken_files(folders: tuple[Path, Path]) -> None:
    (folders[1] / "broken.onnx").write_bytes(b"no model")
    found = {m.name: m for m in models.available()}
    assert list(found) == ["drums", "broken", "mine"]
    assert [m.origin for m in found.values()] == ["bundled", "user", "user"]
    assert found["broken"].metadata is None
    assert "no ONNX file" in str(found["broken"].error)
    metadata = found["mine"].metadata
    assert metadata is not None
    assert metadata.loop.frames == toy.FRAMES


def test_missing_folders_are_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "bundled_folder", lambda: tmp_path / "a")
    monkeypatch.setattr(models, "user_folder", lambda: tmp_path / "b")
    assert models.available() == []


def test_the_encoder_beside_a_decoder(folders: tuple[Path, Path]) -> None:
    assert models.encoder_of(folders[1] / "mine.decoder.onnx") == folders[1] / "mine.encoder.onnx"
    assert models.encoder_of(folders[0] / "drums.decoder.onnx") is None
