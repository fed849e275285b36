"""A pointer resting on a point of the pad: heard aside, never on the main output."""

import sys
from pathlib import Path

import numpy as np
import pytest
from ear import Ear, first_sample
from PyQt6.QtCore import QPoint
from PyQt6.QtTest import QTest
from rig import Bench

from vaesynth_gui.audition import KEPT, PointDecoder

TWO_STEP = (0.58, 0.22)


@pytest.fixture
def ear(playing: Bench) -> Ear:
    playing.app.settings.cue_device = "headphones"
    ear = playing.app.listening._make_cue = Ear(first_sample)
    playing.app.audition.decode = lambda model, z: (np.full((8, 2), z[0], np.float32), 48_000)
    return ear


def point_at(bench: Bench, x: float, y: float) -> None:
    QTest.mouseMove(bench.pad, bench.place(x, y).toPoint() + QPoint(2, 1))


def test_resting_on_a_point_is_heard_aside_and_leaves_the_instrument_alone(playing: Bench, ear: Ear) -> None:
    before = list(playing.engine.calls)
    point_at(playing, *TWO_STEP)
    playing.wait(lambda: not ear.silent)
    assert ear.heard == pytest.approx([0.58])
    assert "Two step" in playing.window.line.text
    assert playing.engine.calls == before
    point_at(playing, 0.0, 0.0)
    playing.wait(lambda: ear.silent)
    assert "Two step" not in playing.window.line.text


def test_press_ends_it(playing: Bench, ear: Ear) -> None:
    point_at(playing, *TWO_STEP)
    playing.wait(lambda: not ear.silent)
    playing.press(*TWO_STEP)
    assert ear.silent


def test_without_an_output_of_its_own_nothing_is_heard_and_the_line_says_why(playing: Bench,
                                                                             ear: Ear) -> None:
    playing.app.settings.cue_device = None
    point_at(playing, *TWO_STEP)
    playing.wait(lambda: "To hear Two step aside" in playing.window.line.text)
    assert not ear.heard


def test_a_passing_pointer_is_not_answered(playing: Bench, ear: Ear) -> None:
    dwell = playing.app.audition._dwell
    dwell.setInterval(60_000)
    point_at(playing, *TWO_STEP)
    playing.wait(dwell.isActive)
    point_at(playing, 0.0, 0.0)
    playing.wait(lambda: not dwell.isActive())
    assert not ear.heard


def test_points_are_decoded_by_the_model_and_kept(tmp_path: Path) -> None:
    sys.path.append(str(Path(__file__).parents[1] / "audio"))
    tone_model = pytest.importorskip("tone_model")
    model = tone_model.write_tone_model(tmp_path / "tones.decoder.onnx", 12_000, 24_000)
    decode = PointDecoder()
    left, rate = decode(model, (-1.0, 0.0))
    right, _ = decode(model, (1.0, 0.0))
    assert rate == 12_000
    assert left.shape == right.shape == (24_000, 2)
    assert np.abs(left - right).max() > 0.1
    assert decode(model, (-1.0, 0.0))[0] is left
    for i in range(KEPT):
        decode(model, (0.1 * i, 0.0))
    assert decode(model, (-1.0, 0.0))[0] is not left
