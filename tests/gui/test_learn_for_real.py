"""The whole way from a few loops to an instrument on the pad: the real stages, with a tiny model."""

import sys
from pathlib import Path

import pytest
from fakes import FakeEngine
from loop_files import write_clicks
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from rig import Bench

from vaesynth.decoder import Decoder
from vaesynth_gui.learn.training import missing_module
from vaesynth_gui.learn.work_folder import Plan

pytestmark = pytest.mark.skipif(missing_module() is not None, reason="needs the extra export")

HURRY = """
import sys
from functools import partial
from vaesynth_gui.learn import beside
beside.NICENESS = 0
if sys.argv[1] == "vaesynth_export":
    from vaesynth import validate
    from vaesynth_export import fidelity, macros, parity, plane, quality
    plane.CALIBRATION, plane.CALIBRATION_ROUNDS, plane.FEW_CANDIDATES, plane.TRIED_PAIRS = 3, 1, 8, 1
    plane.build, quality.RASTER = partial(plane.build, size=5), 5
    macros.TRIED, macros.PROBES, fidelity.ITEMS, validate.POINTS = 2, 1, 1, 5
    parity.RANDOM_POINTS = parity.POSTERIOR_POINTS = 2
beside.main()
"""
TINY = [part for setting in ("channels=8", "hidden=16", "bands=4", "partials=1", "resolutions=1", "decoded=1")
        for part in ("--set", f"settings.{setting}")] + ["--set", "training.batch_size=2"]
LONG = 900
"""Seconds: a busy machine may have next to no time for what gives way."""


class Reading(FakeEngine):
    """A double that says of a model what its file says."""

    def _open(self, model: Path) -> None:
        super()._open(model)
        if model.stat().st_size > 1000:
            self.metadata = Decoder.open(model).metadata


@pytest.fixture
def hurried(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The real commands, but from nothing, in a moment, and to a coarse pad."""
    real = Plan.command

    def command(plan: Plan, stage: str, *, resume: bool = False) -> list[str]:
        arguments = real(plan, stage, resume=resume)[3:]
        if stage == "train":
            start = arguments.index("--from")
            del arguments[start:start + 2]
            arguments += TINY
        return [sys.executable, "-c", HURRY, *arguments]
    monkeypatch.setattr(Plan, "command", command)
    for name in ("runs", "models"):
        (playing.folder / name).mkdir()
        setattr(playing.app.settings, f"{name}_folder", playing.folder / name)
    return playing


def test_loops_become_an_instrument(hurried: Bench) -> None:
    bench = hurried
    bench.engine.__class__ = Reading
    bench.key(Qt.Key.Key_Space)
    bench.app.guide.open([write_clicks(bench.folder / f"beat {i} {100 + 10 * i}bpm.wav", 100 + 10 * i)
                          for i in range(3)])
    dialog, training = bench.app.guide.dialog, bench.app.guide.training
    bench.wait(lambda: len(dialog.material.loops) == 3)
    dialog.material.list.selectRow(1)
    QTest.mouseClick(dialog.material.half, Qt.MouseButton.LeftButton)
    dialog.material.minutes.addItem("at once", 0.02)
    dialog.material.minutes.setCurrentIndex(dialog.material.minutes.count() - 1)
    failures, losses = [], []
    training.failed.connect(failures.append)
    training.progressed.connect(lambda log: losses.extend(log.values["train", "loss"]))
    QTest.mouseClick(dialog.material.start, Qt.MouseButton.LeftButton)
    bench.wait(lambda: bool(failures) or bench.app.bridge.model.name == "my-loops.decoder.onnx", LONG)
    assert not failures
    assert losses
    assert dialog.run.examples.buttons
    assert dialog.run.close_button.isVisible()
    metadata = bench.instrument.metadata
    assert metadata.name == "My loops"
    names = {example["name"] for example in metadata.values["examples"]}
    assert {name.split(" bar")[0] for name in names} >= {"beat 0 100bpm", "beat 2 120bpm"}, names
    assert bench.pad.mark_at(bench.place(*[metadata.values["examples"][0][k] for k in "xy"])) is not None
    assert bench.engine.playing
