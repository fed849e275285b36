"""Names on the pad: which bar of a file it is can be read, and a name is as good as its point."""

import itertools

from PyQt6.QtCore import QRectF
from rig import Bench
from shown_texts import painted_texts

from vaesynth_gui.widgets.pad.marks import Mark
from vaesynth_gui.widgets.pad.names import badges

LONG = "a very long name of a file that somebody has recorded in a cellar 174bpm"


def test_bars_of_one_file_can_be_told_apart(playing: Bench) -> None:
    bars = [f"{LONG} {n}" for n in range(1, 5)]
    playing.pad.set_examples(tuple(Mark(name, -0.6 + 0.4 * i, 0.5, own=True) for i, name in enumerate(bars)))
    shown = {text for text in painted_texts(playing.pad) if text.startswith("a very")}
    assert sorted(text[-1] for text in shown) == ["1", "2", "3", "4"]
    playing.pad.set_corners(tuple(bars))
    shown = {text for text in painted_texts(playing.pad) if text.startswith("a very")} - shown
    assert sorted(text[-1] for text in shown) == ["1", "2", "3", "4"]
    playing.pad.set_near(f"near {LONG} 3 · 67 % new")
    near = next(text for text in painted_texts(playing.pad) if text.startswith("near a"))
    assert near.endswith("3 · 67 % new")


def test_the_name_under_the_hand_stays_on_the_plate(playing: Bench) -> None:
    mark = Mark(3 * LONG, 0.0, 0.0)
    playing.pad.set_examples((mark,))
    playing.pad._hover(mark)
    metrics = playing.pad.fontMetrics()
    for text in painted_texts(playing.pad):
        assert metrics.horizontalAdvance(text) < 1.3 * playing.pad.plate().width(), text


def test_a_name_goes_out_of_the_way_of_a_snapshot(playing: Bench) -> None:
    examples = {e["name"]: (e["x"], e["y"]) for e in playing.instrument.metadata.values["examples"]}
    pad = playing.pad
    plate = QRectF(0, 0, pad.plate().width(), pad.plate().width())
    for dx, dy in [(0, 0), *((x, y) for x in range(-28, 29, 7) for y in range(-28, 29, 7))]:
        step = 2 / plate.width()
        snapshots = tuple((i, x + dx * step, y + dy * step) for i, (x, y) in enumerate(examples.values(), 1))
        pad.set_snapshots(snapshots)
        assert {name.mark.name for name in pad.names} == set(examples)
        for name, (_, square) in itertools.product(pad.names, badges(plate, pad.view, snapshots)):
            assert not name.pill.intersects(square), (name.text, dx, dy)
