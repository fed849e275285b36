"""Nothing is cut off, and nothing jumps: from 1024 × 640 to 4K, from 100 % to 300 %."""

import json
import os
import subprocess
import sys
from pathlib import Path

import fakes
import pytest
from cut_texts import cut_texts
from faint_texts import faint_texts
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel
from rig import Bench
from scaled import look, pages_of

from vaesynth import models
from vaesynth_gui import dialogs
from vaesynth_gui.widgets.segmented import Segmented

SIZES = [(1024, 640), (1920, 1080), (3840, 2160)]


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> Bench:
    """With the bundled model's names, which are what has to fit."""
    described = models.describe(models.bundled("loop"), "bundled").metadata
    monkeypatch.setattr(fakes, "metadata", lambda *_: described)
    bench.show()
    bench.wait(lambda: bench.window.panel.loop.loop is not None)
    return bench


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_no_text_is_cut(real: Bench, size: tuple[int, int]) -> None:
    assert not any(found := look(real, *size).values()), found


def test_no_text_is_cut_at_the_least_size(real: Bench) -> None:
    window = real.window
    found = look(real, 1, 1)
    assert (window.width(), window.height()) == SIZES[0]
    assert not any(found.values()), found


def test_a_cut_text_would_be_found(real: Bench) -> None:
    label = QLabel("much longer than its place", real.window)
    label.resize(40, 20)
    label.show()
    segmented = Segmented(["one", "a very long choice"], real.window)
    segmented.resize(80, 28)
    segmented.show()
    real.pad.set_near("near a loop whose name has no end, or one that nobody will ever get to see " * 3)
    kinds = {text.partition(":")[0] for text in cut_texts(real.window)}
    assert kinds == {"QLabel", "Segmented", "painted"}


def test_a_faint_text_would_be_found(real: Bench) -> None:
    label = QLabel("hardly seen", real.window)
    label.setStyleSheet("background: #101010; color: #303030;")
    label.resize(90, 20)
    label.show()
    assert any("hardly seen" in text for text in faint_texts(real.window))


def test_the_pages_keep_their_place(real: Bench) -> None:
    """Turning pages, a message, and what is set move nothing."""
    window, panel = real.window, real.window.panel
    window.resize(1024, 640)
    QTest.qWait(50)
    parts = (real.pad, panel.loop, panel.face, panel.snapshots, panel.pages, window.bar, window.line)
    before = [part.geometry() for part in parts]
    for page in pages_of(panel).values():
        panel.pages.show_widget(page)
        QTest.qWait(20)
        assert [part.geometry() for part in parts] == before
    window.banner.show_error("Something is wrong, in a sentence that is as long as they get: expected less.")
    for slot in range(1, 10):
        real.instrument.store_snapshot(slot)
        real.window.chaining.add()
    real.instrument.set_lock("kit")
    QTest.qWait(50)
    assert [part.geometry() for part in parts] == before


def test_no_text_of_a_dialog_is_cut(real: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = ["system", "Built-in Audio Analog Stereo"]
    monkeypatch.setattr(dialogs, "list_outputs", lambda: (outputs, ["cpu"]))
    monkeypatch.setattr(dialogs, "list_ports", lambda: (["Keys"], [], ""))
    found = {}
    real.window.preferences_asked.emit()
    preferences = real.app.dialogs.preferences
    for row in range(preferences.list.count()):
        preferences.list.setCurrentRow(row)
        QTest.qWait(50)
        found[f"preferences {row}"] = cut_texts(preferences)
    preferences.reject()
    real.window.models_asked.emit()
    browser = real.app.dialogs.browser
    real.wait(lambda: browser.list.currentItem() is not None)
    QTest.qWait(50)
    found["models"] = cut_texts(browser)
    browser.reject()
    real.window.show_shortcuts()
    found["shortcuts"] = cut_texts(real.window.sheet)
    real.window.show_shortcuts()
    real.window.exporting.ask_for_variations()
    found["variations"] = cut_texts(real.window.exporting.variations)
    real.window.exporting.variations.reject()
    real.app.guide.open()
    dialog = real.app.guide.dialog
    found["loops"] = cut_texts(dialog)
    dialog.run.begin("My loops")
    dialog.show_run()
    QTest.qWait(20)
    found["learning"] = cut_texts(dialog)
    dialog.close()
    assert not any(found.values()), found


@pytest.mark.parametrize("factor", [1.5, 3.0])
def test_a_larger_scale_is_drawn_in_its_own_pixels(display: None, tmp_path: Path, factor: float) -> None:
    here = Path(__file__).parent
    environment = {**os.environ, "QT_SCALE_FACTOR": str(factor),
                   "PYTHONPATH": os.pathsep.join([str(here), *sys.path])}
    done = subprocess.run([sys.executable, str(here / "scaled.py"), str(tmp_path), "1024", "640"],
                          env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["pixels"] == [round(1024 * factor), round(640 * factor)]
    assert not any(answer["cut"].values()), answer["cut"]
    if factor == 3.0:
        assert not any(answer["faint"].values()), answer["faint"]
