"""Pictures as people have them: any mode, any side up, and every way to be broken."""

import struct
from pathlib import Path

import numpy as np
import pytest

from vaesynth.errors import ImageFileError
from vaesynth.geometry import ImageGeometry
from vaesynth.prepare.image import plain_resize, prepare_image

Image = pytest.importorskip("PIL.Image")

SMALL = ImageGeometry(16, 16)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def _quarters(width: int = 64, height: int = 64) -> "Image.Image":
    """Red, green over blue, white."""
    image = Image.new("RGB", (width, height))
    for x, y, colour in ((0, 0, RED), (1, 0, GREEN), (0, 1, BLUE), (1, 1, WHITE)):
        image.paste(colour, (x * width // 2, y * height // 2, (x + 1) * width // 2, (y + 1) * height // 2))
    return image


def _corners(pixels: np.ndarray) -> list[tuple[int, ...]]:
    h, w = pixels.shape[0] // 4, pixels.shape[1] // 4
    return [tuple(int(v) for v in pixels[y, x]) for y in (h, 3 * h) for x in (w, 3 * w)]


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.jpg"])
def test_formats(tmp_path: Path, name: str) -> None:
    _quarters().save(tmp_path / name, **({"lossless": True} if name == "a.webp" else {"quality": 95}))
    pixels = prepare_image(tmp_path / name, SMALL)
    assert pixels.shape == (16, 16, 3)
    assert pixels.dtype == np.uint8
    for found, expected in zip(_corners(pixels), (RED, GREEN, BLUE, WHITE), strict=True):
        assert found == pytest.approx(expected, abs=4)


@pytest.mark.parametrize(("orientation", "turned"), [
    (1, None), (2, "FLIP_LEFT_RIGHT"), (3, "ROTATE_180"), (6, "ROTATE_90"), (8, "ROTATE_270")])
def test_exif_orientation(tmp_path: Path, orientation: int, turned: str | None) -> None:
    stored = _quarters() if turned is None else _quarters().transpose(Image.Transpose[turned])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.jpg", exif=exif, quality=95)
    found = _corners(prepare_image(tmp_path / "a.jpg", SMALL))
    for corner, expected in zip(found, (RED, GREEN, BLUE, WHITE), strict=True):
        assert corner == pytest.approx(expected, abs=4)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK"])
def test_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    Image.new("RGB", (32, 32), WHITE).convert(mode).save(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"))
    [path] = tmp_path.iterdir()
    assert prepare_image(path, SMALL).min() >= 253


def test_sixteen_bit_greys_are_scaled_not_clipped(tmp_path: Path) -> None:
    Image.fromarray(np.full((32, 32), 32_768, np.uint16)).save(tmp_path / "a.png")
    assert np.unique(prepare_image(tmp_path / "a.png", SMALL)).tolist() == [127]


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((255, 0, 0, 128), (0, 0, 32, 16))
    image.save(tmp_path / "a.png")
    corners = _corners(prepare_image(tmp_path / "a.png", SMALL))
    assert corners[0] == pytest.approx((255, 127, 127), abs=2)
    assert corners[2] == WHITE


def test_the_centre_is_cropped_or_the_whole_squeezed(tmp_path: Path) -> None:
    image = Image.new("RGB", (96, 32), RED)
    image.paste(GREEN, (32, 0, 64, 32))
    image.save(tmp_path / "a.png")
    assert prepare_image(tmp_path / "a.png", SMALL)[:, :, 1].min() > 200
    assert tuple(prepare_image(tmp_path / "a.png", SMALL, frame=plain_resize)[8, 0]) == RED


def test_grey_is_the_luma_in_all_channels(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), GREEN).save(tmp_path / "a.png")
    assert np.unique(prepare_image(tmp_path / "a.png", SMALL, grey=True)).tolist() == [150]


def _declare(jpeg: bytes, width: int, height: int) -> bytes:
    frame = jpeg.index(b"\xff\xc0")
    return jpeg[:frame + 5] + struct.pack(">HH", height, width) + jpeg[frame + 9:]


@pytest.mark.parametrize(("change", "reason"), [
    (lambda jpeg: b"", "is empty (0 bytes)"),
    (lambda jpeg: b"no picture", "is no JPEG, PNG or WebP image"),
    (lambda jpeg: jpeg[:len(jpeg) // 2], "is damaged"),
    (lambda jpeg: _declare(jpeg, 9_000, 9_500), "is 9000×9500 pixels, expected at most"),
    (lambda jpeg: _declare(jpeg, 65_000, 65_000), "expected at most 80,000,000")])
def test_a_broken_file_is_one_sentence(tmp_path: Path, change, reason: str) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(path)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ImageFileError) as caught:
        prepare_image(path, SMALL)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_thumbnail_of_a_few_pixels_is_refused(tmp_path: Path) -> None:
    _quarters(8, 64).save(tmp_path / "a.png")
    with pytest.raises(ImageFileError, match="is 8×64 pixels, expected at least 16"):
        prepare_image(tmp_path / "a.png", SMALL)
