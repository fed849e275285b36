"""The picture behind the pad is what the loops are."""

from pathlib import Path

import numpy as np
import pytest
from fakes import tone

from vaesynth.loop import Loop
from vaesynth_gui.plane import field as fields
from vaesynth_gui.plane.field import SILENCE_DB, Field, load, measure, refine, save
from vaesynth_gui.plane.picture import contours, oklch_to_srgb, paint, upsample
from vaesynth_gui.plane.worker import PlaneWorker


def plane(x: float, y: float) -> Loop:
    """Louder to the right, brighter to the top."""
    return tone(400 * 2 ** (1 + y), 0.1 * 10 ** ((x + 1) * 0.45))


def last(levels: tuple[int, ...] = (3, 5)) -> Field:
    return [f for f in refine(plane, levels) if f is not None][-1]


def test_a_tone_measures_as_itself() -> None:
    loudness, brightness = measure(tone(1000, 0.5))
    assert loudness == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.01)
    assert 2**brightness == pytest.approx(1000, rel=0.01)


def test_silence_measures_as_silence() -> None:
    assert measure(Loop(np.zeros((8_000, 2), np.float32), 8_000, 2)) == (SILENCE_DB, 0.0)


def test_finer_levels_decode_only_what_is_new() -> None:
    asked: list[tuple[float, float]] = []

    def decode(x: float, y: float) -> Loop:
        asked.append((x, y))
        return plane(x, y)
    sides = [f.side for f in refine(decode, (3, 5, 9)) if f is not None]
    assert sides == [3, 5, 9]
    assert len(asked) == len(set(asked)) == 81


def test_rows_go_up_and_columns_go_right() -> None:
    field = last()
    assert (np.diff(field.loudness, axis=1) > 0).all()
    assert (np.diff(field.brightness, axis=0) > 0).all()


def test_field_is_kept_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    field, file = last((3, 5)), tmp_path / "a" / "x.npz"
    save(field, file)
    kept = load(file)
    assert kept is not None
    np.testing.assert_array_equal(kept.loudness, field.loudness)
    file.write_bytes(file.read_bytes()[:100])
    assert load(file) is None
    assert load(tmp_path / "nothing.npz") is None
    np.savez(file, loudness=np.array([object()]), brightness=np.zeros(1))
    assert load(file) is None


@pytest.mark.parametrize("dark", [True, False])
def test_louder_stands_out_from_the_background(dark: bool) -> None:
    pixels = paint(last(), 96, dark).astype(int)
    quiet, loud = pixels[48, 8:24].mean(), pixels[48, -24:-8].mean()
    assert pixels.shape == (96, 96, 3)
    assert (loud > quiet + 15) if dark else (loud < quiet - 15)


def test_upsampling_is_exact_on_a_ramp_and_keeps_its_nodes() -> None:
    ramp = np.tile(np.linspace(0, 1, 5, dtype=np.float32), (5, 1))
    fine = upsample(ramp, 80)
    middles = (np.arange(80) + 0.5) / 80
    np.testing.assert_allclose(fine[40, 20:60], middles[20:60], atol=1e-5)
    assert fine.min() > -0.02
    assert fine.max() < 1.02


def test_contours_are_thin_and_as_many_as_asked_for() -> None:
    ramp = np.tile(np.linspace(0, 1, 400, dtype=np.float32), (40, 1))
    row = contours(ramp, 4)[20]
    assert (np.diff((row > 0.3).astype(int)) == 1).sum() + int(row[0] > 0.3) == 5
    assert row.mean() < 0.05
    assert contours(np.full((20, 20), 0.5, np.float32), 4).max() == 0


def test_oklch_of_grey_is_grey_and_white_is_white() -> None:
    one = np.ones(1, np.float32)
    np.testing.assert_allclose(oklch_to_srgb(one, 0 * one, 0 * one)[0], 1, atol=2e-3)
    grey = oklch_to_srgb(0.6 * one, 0 * one, one)[0]
    assert np.ptp(grey) < 3e-3


def test_worker_decodes_once_and_paints_every_look(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(fields, "LEVELS", (3, 5))
    decoded: list[Path] = []

    def decode(model: Path, _plane: object):
        decoded.append(model)
        yield from refine(plane, (3, 5))
    monkeypatch.setattr(PlaneWorker, "_decode", staticmethod(decode))
    model = tmp_path / "a.onnx"
    model.write_bytes(b"a model")

    def finest() -> bool:
        kept = [load(f) for f in (tmp_path / "cache").glob("*.npz")]
        return [f.side for f in kept if f is not None] == [5]
    seen: list[tuple[int, bool]] = []
    shares: list[float] = []
    for _ in range(2):
        seen.clear()
        shares.clear()
        worker = PlaneWorker(tmp_path / "cache")
        worker.progressed.connect(shares.append)
        worker.painted.connect(lambda image, dark: seen.append((image.width(), dark)))
        worker.set_look(64, False)
        worker.show_model(model)
        qtbot.waitUntil(lambda: finest() and (64, False) in seen and shares[-1:] == [1.0], timeout=30_000)
        worker.set_look(96, True)
        qtbot.waitUntil(lambda: seen[-1] == (96, True), timeout=30_000)
        worker.close()
    assert decoded == [model]
