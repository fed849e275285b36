"""Faces in photos: found, turned upright, refused with a reason; and their place on the pad.

No photo of anybody is part of the tests: the mean of the bundled model's faces stands in, which nobody has.
"""

from pathlib import Path

import numpy as np
import pytest

from vaesynth import models
from vaesynth.cli import main
from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.errors import ImageFileError, ModelError
from vaesynth.face_preview import FacePreview
from vaesynth.geometry import ImageGeometry
from vaesynth.own_face import OwnFace, place
from vaesynth.prepare.image import centre_crop, prepare_image

Image = pytest.importorskip("PIL.Image")
FACES = models.bundled("image")
SQUARE = ImageGeometry(128, 128)


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder.open(FACES)


@pytest.fixture(scope="module")
def encoder(decoder: Decoder) -> Encoder:
    path = models.encoder_of(FACES)
    assert path is not None
    return Encoder.open(path, decoder.metadata)


@pytest.fixture(scope="module")
def face(decoder: Decoder) -> np.ndarray:
    return decoder.decode_image(np.zeros(decoder.metadata.latent_dim, np.float32))


@pytest.fixture(scope="module")
def eyes() -> object:
    pytest.importorskip("dlib")
    from vaesynth.prepare.photo import EyesFrame

    return EyesFrame()


def photo(
    face: np.ndarray, *, side: int = 320, turn: float = 0.0, at: tuple[int, int] = (200, 160)
) -> object:
    """A photo of 800 × 640 with a face in it, turned by `turn` degrees."""
    canvas = Image.new("RGB", (800, 640), (120, 130, 140))
    large = Image.fromarray(face).resize((side, side), Image.Resampling.BICUBIC)
    canvas.paste(large, at)
    middle = (at[0] + side / 2, at[1] + side / 2)
    return canvas.rotate(turn, Image.Resampling.BICUBIC, center=middle, fillcolor=(120, 130, 140))


@pytest.mark.parametrize("turn", [0.0, 14.0, -11.0])
def test_a_face_comes_back_upright_and_in_its_place(face: np.ndarray, eyes: object, turn: float) -> None:
    """The bundled faces are framed by their eyes already, so the frame gives back what was pasted."""
    found = np.asarray(eyes(photo(face, turn=turn), SQUARE), float)  # type: ignore[operator]
    inner = slice(24, 104)
    difference = found[inner, inner] - face[inner, inner]
    assert np.sqrt((difference**2).mean()) < 12
    moved = np.roll(face, 4, 1)[inner, inner].astype(float)
    assert (difference**2).mean() < 0.5 * ((found[inner, inner] - moved) ** 2).mean()


def test_exif_is_followed(face: np.ndarray, eyes: object, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo(face).transpose(Image.Transpose.ROTATE_90).save(tmp_path / "me.jpg", exif=exif, quality=95)  # type: ignore[attr-defined]
    pixels = prepare_image(tmp_path / "me.jpg", SQUARE, frame=eyes)  # type: ignore[arg-type]
    assert np.sqrt(((pixels[24:104, 24:104].astype(float) - face[24:104, 24:104]) ** 2).mean()) < 12


def test_photos_without_one_usable_face_are_refused_with_the_reason(
    face: np.ndarray, eyes: object, tmp_path: Path
) -> None:
    two = photo(face, side=300, at=(60, 160))
    two.paste(Image.fromarray(face).resize((300, 300)), (440, 160))  # type: ignore[attr-defined]
    cases = {
        "none": (Image.new("RGB", (80, 60), (90, 120, 90)), "no face was found"),
        "two": (two, "shows 2 faces of about the same size, expected one"),
        "cut": (photo(face).crop((300, 0, 800, 640)), "cut off: "),  # type: ignore[attr-defined]
    }
    for name, (picture, reason) in cases.items():
        picture.save(tmp_path / f"{name}.png")
        with pytest.raises(ImageFileError, match=reason) as refused:
            prepare_image(tmp_path / f"{name}.png", SQUARE, frame=eyes)  # type: ignore[arg-type]
        assert str(refused.value).startswith(str(tmp_path / f"{name}.png"))


def test_prepare_aligns_and_reports_refusals(
    face: np.ndarray, eyes: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    photo(face).save(folder / "me.png")  # type: ignore[attr-defined]
    Image.new("RGB", (80, 60), (90, 120, 90)).save(folder / "wall.png")
    assert main(["prepare", "--faces", str(folder), "--align", "--out", str(tmp_path / "set")]) == 0
    printed = capsys.readouterr().out
    assert "1 of 2 files taken, 1 refused" in printed
    assert "no face was found, expected one that looks at the camera" in printed


def test_a_photo_has_a_place_on_the_pad(encoder: Encoder, decoder: Decoder, tmp_path: Path) -> None:
    """A face of the pad itself comes back near to where it was taken from."""
    taken = decoder.decode_image(decoder.metadata.pad.point(0.6, -0.4))
    Image.fromarray(taken).save(tmp_path / "me.png")
    own = place(tmp_path / "me.png", encoder, centre_crop)
    assert own.name == "me"
    assert np.hypot(own.x - 0.6, own.y + 0.4) < 0.35
    np.testing.assert_array_equal(own.photo, taken)


def test_the_preview_shows_it_at_its_place_and_the_pad_elsewhere(decoder: Decoder) -> None:
    pad, z = decoder.metadata.pad, np.full(decoder.metadata.latent_dim, 0.3, np.float32)
    preview = FacePreview(decoder)
    preview.show_own([OwnFace("me", 0.2, 0.1, z, np.zeros((128, 128, 3), np.uint8))])
    np.testing.assert_allclose(preview.latent(0.2, 0.1), z, atol=1e-5)
    np.testing.assert_allclose(preview.latent(-0.9, -0.9), pad.point(-0.9, -0.9), atol=1e-6)
    preview.show_own([])
    np.testing.assert_allclose(preview.latent(0.2, 0.1), pad.point(0.2, 0.1), atol=1e-6)
    preview.close()


def test_an_encoder_of_loops_has_no_faces(tmp_path: Path) -> None:
    path = models.encoder_of(models.bundled("loop"))
    assert path is not None
    with pytest.raises(ModelError, match="expected a model of kind image"):
        place(tmp_path / "me.png", Encoder.open(path), centre_crop)


def test_the_command_tells_the_place_and_writes_the_picture(
    face: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(face).save(tmp_path / "me.png")
    out = tmp_path / "out.png"
    assert main(["face", str(tmp_path / "me.png"), "--as-it-is", "--out", str(out)]) == 0
    assert "me.png: x " in capsys.readouterr().out
    assert Image.open(out).size == (3 * 128, 128)
