"""Names on the pad: which bar of a file it is can be read, and a name is as good as its point."""

import itertools

import pytest
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtTest import QTest
from rig import Bench
from shown_texts import painted_texts

from vaesynth_gui.widgets.pad.marks import Mark
from vaesynth_gui.widgets.pad.names import badges

LEFT = Qt.MouseButton.LeftButton
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


def name_of(bench: Bench, name: str) -> QPoint:
    """The middle of a name, in the pad."""
    box = next(n.box for n in bench.pad.names if n.mark.name == name)
    return (box.center() + bench.pad.plate().topLeft()).toPoint()


def test_a_press_on_a_name_takes_its_point_exactly(playing: Bench) -> None:
    for example in playing.instrument.metadata.values["examples"]:
        QTest.mouseClick(playing.pad, LEFT, pos=name_of(playing, example["name"]))
        assert playing.engine.position == (example["x"], example["y"])
    playing.key(Qt.Key.Key_Plus)
    shown = playing.pad.names[0]
    QTest.mouseClick(playing.pad, LEFT, pos=name_of(playing, shown.mark.name))
    assert playing.engine.position == (shown.mark.x, shown.mark.y)


def test_a_name_under_the_hand_is_its_point(playing: Bench) -> None:
    heard: list[Mark | None] = []
    playing.pad.hovered.connect(heard.append)
    QTest.mouseMove(playing.pad, name_of(playing, "Two step"))
    playing.wait(lambda: bool(heard))
    assert heard[-1] is not None
    assert heard[-1].name == "Two step"
    asked: list[Mark | None] = []
    playing.pad.menu_asked.disconnect()
    playing.pad.menu_asked.connect(lambda place, mark: asked.append(mark))
    QTest.mousePress(playing.pad, Qt.MouseButton.RightButton, pos=name_of(playing, "Dub"))
    assert asked[0] is not None
    assert asked[0].name == "Dub"


def test_a_drag_from_a_name_and_over_names_is_free(playing: Bench) -> None:
    start, over = name_of(playing, "Funk 98"), name_of(playing, "Two step")
    QTest.mousePress(playing.pad, LEFT, pos=start)
    for place in (start + QPoint(40, 30), over):
        QTest.mouseMove(playing.pad, place)
        there = playing.pad.view.to_pad(playing.pad.plate(), QPointF(place))
        assert playing.engine.position == pytest.approx(there)
    QTest.mouseRelease(playing.pad, LEFT, pos=over)
    assert playing.engine.position == pytest.approx(there)


def test_the_puck_is_taken_where_it_lies_on_a_name(playing: Bench) -> None:
    place = name_of(playing, "Four on the floor")
    there = playing.pad.view.to_pad(playing.pad.plate(), QPointF(place))
    playing.instrument.move_to(*there)
    QTest.mouseClick(playing.pad, LEFT, pos=place)
    assert playing.engine.position == pytest.approx(there)


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
