"""The models' cards: what a model may be used for, how good it is, and how it sounds, by mouse."""

from pathlib import Path

import numpy as np
import pytest
from ear import Ear, first_sample
from fakes import metadata
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel
from rig import Bench

from vaesynth.models import ModelFile
from vaesynth_gui import dialogs
from vaesynth_gui.widgets.model_browser import ModelBrowser

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def browser(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> ModelBrowser:
    full = metadata("Full")
    full.values["scores"] = {"train": {"mr_stft": 1.1698}, "validation": {"mr_stft": 1.2022}}
    full.values["trained"] = {"minutes": 28.1, "steps": 804,
                              "data": [{"name": "my_loops", "items": {"train": 60}}]}
    full.values["data_licence"] = ", ".join(f"Licence {n}" for n in range(9))
    found = [ModelFile(Path("/models/full.decoder.onnx"), "user", full, None),
             ModelFile(Path("/models/bad.onnx"), "recent", None, "bad.onnx: is no model")]
    monkeypatch.setattr(dialogs, "list_models", lambda recent: found)
    QTest.mouseClick(playing.window.bar.model, LEFT)
    dialog = playing.app.dialogs.browser
    playing.wait(lambda: dialog.list.count() == 2)
    return dialog


def test_a_card_tells_licence_data_and_scores(browser: ModelBrowser) -> None:
    texts = browser.card.texts
    assert "Full" in texts
    assert "CC0" in texts
    assert "28 minutes, 804 steps, 60 items of my loops" in texts
    assert {"1.17", "1.2", "train", "validation"} <= set(texts)
    shortened = "Licence 0, Licence 1, Licence 2 and 6 more"
    label = next(w for w in browser.card.findChildren(QLabel) if w.text() == shortened)
    assert "Licence 8" in label.toolTip()


def test_large_numbers_are_written_out(browser: ModelBrowser) -> None:
    many = metadata("Many")
    many.values["scores"] = {"train": {"mr_stft": 0.87244, "items": 1153, "loss": -1234567.0, "bits": 999.7,
                                       "snr": 999.4, "draws": 1e15, "bars": 999}}
    many.values["trained"] = {"steps": 14130, "data": [{"name": "set", "items": {"train": 10000}}]}
    browser.card.show_model(ModelFile(Path("/models/many.decoder.onnx"), "user", many, None))
    texts = browser.card.texts
    assert {"0.872", "1,153", "−1,234,567", "1,000", "999", "1e+15"} <= set(texts)
    assert "14,130 steps, 10,000 items of set" in texts


def test_the_chosen_model_plays_on_at_once(playing: Bench, browser: ModelBrowser, monkeypatch) -> None:
    playing.instrument.set_playing(True)
    other = playing.folder / "other.onnx"
    other.write_bytes(b"model")
    browser.show_models([ModelFile(other, "user", metadata("Other"), None)])
    QTest.mouseClick(browser._load, LEFT)
    playing.wait(lambda: playing.instrument.metadata.name == "other")
    assert playing.engine.playing
    assert len(playing.engines) == 1
    assert playing.app.dialogs.browser is None


def test_a_model_of_no_use_says_why(browser: ModelBrowser) -> None:
    QTest.mouseClick(browser.list.viewport(), LEFT,
                     pos=browser.list.visualItemRect(browser.list.item(1)).center())
    assert any("bad.onnx: is no model" in t for t in browser.card.texts)
    assert not browser._load.isEnabled()


def test_examples_are_heard_aside_one_at_a_time(playing: Bench, browser: ModelBrowser) -> None:
    ear = playing.app.listening._make_cue = Ear(first_sample)
    playing.app.audition.decode = lambda model, z: (np.full((8, 2), z[0], np.float32), 48_000)
    before = list(playing.engine.calls)
    first, second = browser.card.examples[:2]
    QTest.mouseClick(first, LEFT)
    playing.wait(lambda: len(ear.heard) == 1)
    QTest.mouseClick(second, LEFT)
    playing.wait(lambda: len(ear.heard) == 2)
    assert ear.heard == pytest.approx([-0.62, 0.15])
    assert not first.isChecked()
    QTest.mouseClick(second, LEFT)
    assert ear.silent
    QTest.mouseClick(first, LEFT)
    playing.wait(lambda: not ear.silent)
    QTest.keyClick(browser, Qt.Key.Key_Escape)
    playing.wait(lambda: ear.silent)
    assert playing.engine.calls == before
