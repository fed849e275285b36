"""Outputs from elsewhere, measured against a data set."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from vaesynth.dataset import read_items
from vaesynth_training.cli import main


def test_a_quieter_copy_of_an_item_finds_it(
    loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audio, record = list(read_items(loops, "train"))[3]
    soundfile.write(tmp_path / "a.wav", 0.25 * audio, 8000, subtype="FLOAT")
    assert main(["compare", str(tmp_path / "a.wav"), "--data", str(loops)]) == 0
    found = json.loads(capsys.readouterr().out)["files"]["a.wav"]
    assert found["nearest"] == record["name"]
    assert found["matched_mr_stft"] < 0.05 < found["mr_stft"]


def test_a_paler_copy_of_an_image_finds_it(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, record = list(read_items(images, "train"))[2]
    Image.fromarray((128 + 0.4 * (image.astype(np.float32) - 128)).astype(np.uint8)).save(tmp_path / "a.png")
    assert main(["compare", str(tmp_path / "a.png"), "--data", str(images)]) == 0
    found = json.loads(capsys.readouterr().out)["files"]["a.png"]
    assert found["nearest"] == record["name"]
    assert found["matched_psnr"] > 35 > found["psnr"]


@pytest.mark.parametrize("name", ["short.wav", "text.wav", "absent.wav"])
def test_a_file_that_does_not_fit_is_named(
    name: str, loops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros((80, 2)), 8000)
    (tmp_path / "text.wav").write_text("no sound")
    assert main(["compare", str(tmp_path / name), "--data", str(loops)]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert error.count("\n") == 1
