"""Two pucks, pinned corners, the way from A to B, paths and freeze: by mouse and keys."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction, QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from rig import Bench

from vaesynth import own_loops
from vaesynth.session import OwnLoop, Snapshot
from vaesynth_gui.widgets.slider import Slider

LEFT = Qt.MouseButton.LeftButton
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
PIXEL = 2 / 400


def choose(menu: QMenu, *path: str) -> None:
    """Click through a menu by the beginnings of its texts."""
    for text in path[:-1]:
        menu = next(a for a in menu.actions() if a.text().startswith(text)).menu()
    action: QAction = next(a for a in menu.actions() if a.text().startswith(path[-1]))
    assert action.isEnabled()
    action.trigger()


def pad_menu(bench: Bench, x: float, y: float) -> QMenu:
    QTest.mousePress(bench.pad, Qt.MouseButton.RightButton, pos=bench.place(x, y).toPoint())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def lock(bench: Bench, choice: int) -> None:
    segmented = bench.window.panel.shape.lock
    QTest.mouseClick(segmented, LEFT, pos=segmented.segment(choice).center().toPoint())


def test_only_the_kit_moves_and_the_groove_keeps_its_place(playing: Bench) -> None:
    playing.instrument.move_to(0.5, 0.25)
    lock(playing, 1)
    assert playing.instrument.session.lock == "groove"
    assert playing.engine.lock == ("groove", (0.5, 0.25))
    playing.press(-0.5, -0.5)
    playing.release(-0.5, -0.5)
    assert playing.engine.position == pytest.approx((-0.5, -0.5), abs=PIXEL)
    assert playing.engine.lock == ("groove", (0.5, 0.25))


def test_second_puck_is_dragged_and_the_first_stays(playing: Bench) -> None:
    playing.instrument.move_to(0.5, 0.25)
    lock(playing, 1)
    playing.instrument.move_to(-0.5, -0.5)
    playing.press(0.5, 0.25)
    playing.drag_to(0.2, 0.8)
    playing.release(0.2, 0.8)
    group, place = playing.engine.lock
    assert group == "groove"
    assert place == pytest.approx((0.2, 0.8), abs=PIXEL)
    assert playing.engine.position == (-0.5, -0.5)
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.lock == ("groove", (0.5, 0.25))


def test_alt_and_arrows_nudge_the_second_puck(playing: Bench) -> None:
    playing.key(Qt.Key.Key_Up, ALT)
    assert playing.engine.position == (0.0, 0.0)
    lock(playing, 2)
    playing.key(Qt.Key.Key_Up, ALT)
    assert playing.engine.lock == ("kit", (0.0, 0.05))
    assert playing.engine.position == (0.0, 0.0)


def test_a_point_is_pinned_to_a_corner_and_freed(playing: Bench) -> None:
    example = playing.instrument.metadata.values["examples"][0]
    menu = pad_menu(playing, example["x"], example["y"])
    choose(menu, f"Pin {example['name']}", "Top right")
    menu.close()
    assert playing.engine.plane.point(1, 1) == pytest.approx(example["z"])
    assert playing.pad.mark_at(playing.place(example["x"], example["y"])) is None, "points lie elsewhere now"
    menu = pad_menu(playing, 0, 0)
    choose(menu, "Pinned corners", "Free all")
    menu.close()
    assert playing.engine.plane is None
    assert playing.pad.mark_at(playing.place(example["x"], example["y"])).name == example["name"]


def test_the_loop_at_the_puck_can_be_pinned_by_keys_alone(playing: Bench) -> None:
    playing.instrument.move_to(0.25, -0.5)
    place = playing.place(0.25, -0.5).toPoint()
    QApplication.sendEvent(playing.pad, QContextMenuEvent(
        QContextMenuEvent.Reason.Keyboard, place, playing.pad.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    choose(menu, "Pinned corners", "Bottom left", "The loop at the puck")
    menu.close()
    assert playing.engine.plane.point(-1, -1) == pytest.approx([0.25, -0.5, 0, 0])


def test_loop_dropped_into_a_corner_is_pinned_there(playing: Bench, monkeypatch, tmp_path) -> None:
    z = (4.0, 3.0, 2.0, 1.0)
    monkeypatch.setattr(own_loops, "encode", lambda file, model, meta: [OwnLoop(file.stem, 0.1, 0.1, z)])
    plate = playing.pad.plate()
    inside = (plate.topRight() + QPointF(-20, 20)).toPoint()
    playing.drop(tmp_path / "mine.wav", QPointF(playing.pad.mapTo(playing.window, inside)))
    playing.wait(lambda: 3 in playing.instrument.session.corners)
    playing.press(1, 1)
    assert playing.engine.latent() == pytest.approx(z)
    playing.release(1, 1)
    for left in (1, 0):
        playing.key(Qt.Key.Key_Z, CONTROL)
        assert len(playing.instrument.session.corners) == left, "the drop is one step"
    assert not playing.instrument.session.own_loops
    assert not playing.instrument.can_undo


def test_own_loop_is_played_exactly(playing: Bench) -> None:
    z = (4.0, 3.0, 2.0, 1.0)
    playing.instrument.add_own_loops([OwnLoop("mine", 0.31, -0.17, z)])
    playing.press(0.31, -0.17)
    assert playing.engine.position == (0.31, -0.17)
    assert playing.engine.latent() == pytest.approx(z, abs=1e-5)


def test_from_a_to_b_by_mouse_and_keys(playing: Bench) -> None:
    panel, move = playing.window.panel, playing.window.panel.motion
    tabs = panel.pages.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.segment(3).center().toPoint())
    assert move.isVisible()
    playing.instrument.edit(None, morph_beats=0.0)
    playing.instrument.move_to(-0.5, 0.0)
    playing.key(Qt.Key.Key_A, SHIFT)
    playing.instrument.move_to(0.5, 0.5)
    QTest.mouseClick(move.b, LEFT)
    assert playing.instrument.session.b == Snapshot(0.5, 0.5)
    QTest.mousePress(move.mix, LEFT, pos=move.mix.place_of(0.5).toPoint())
    QTest.mouseRelease(move.mix, LEFT, pos=move.mix.place_of(0.5).toPoint())
    assert playing.engine.position == pytest.approx((0.0, 0.25), abs=0.02)
    before = playing.engine.position
    playing.key(Qt.Key.Key_Period)
    assert playing.engine.position[0] == pytest.approx(before[0] + 0.05, abs=1e-6)
    playing.key(Qt.Key.Key_A)
    assert playing.engine.position == (-0.5, 0.0)
    assert playing.instrument.session.mix == 0
    QTest.mouseClick(move.b, LEFT)
    assert playing.engine.position == (0.5, 0.5)


def drag(slider: Slider, *values: float) -> None:
    """Press at the first value, go over the others, let go at the last."""
    places = [slider.place_of(value).toPoint() for value in values]
    QTest.mousePress(slider, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(slider, place)
        QTest.qWait(5)
    QTest.mouseRelease(slider, LEFT, pos=places[-1])


@pytest.fixture
def ways(playing: Bench) -> Bench:
    """Ends A and B are stored, the page of movement is open, ways take no time."""
    instrument = playing.instrument
    instrument.edit(None, morph_beats=0.0, a=Snapshot(-0.9, -0.9), b=Snapshot(-0.9, 0.9))
    playing.window.panel.pages.show_widget(playing.window.panel.motion)
    return playing


def test_one_drag_from_a_to_b_is_one_step(ways: Bench) -> None:
    before = ways.instrument.session
    drag(ways.window.panel.motion.mix, *(n / 20 for n in range(21)))
    after = ways.instrument.session
    assert (after.mix, after.y) == (1.0, 0.9)
    drag(ways.window.panel.motion.mix, 0.8, 0.5, 0.2)
    ways.key(Qt.Key.Key_Z, CONTROL)
    assert ways.instrument.session == after
    ways.key(Qt.Key.Key_Z, CONTROL)
    assert ways.instrument.session == before


@pytest.fixture
def held(playing: Bench) -> Bench:
    """A group is held with a macro of its own; ways take no time."""
    instrument = playing.instrument
    instrument.edit(None, morph_beats=0.0)
    instrument.set_macro("Room", 1.0)
    instrument.move_to(0.5, 0.25)
    instrument.set_lock("kit")
    instrument.set_macro("Room", -0.5)
    instrument.move_to(-0.25, 0.75)
    return playing


def lit(bench: Bench) -> list[int]:
    """Which snapshots are shown as the state of now."""
    return [slot for slot, key in bench.window.panel.snapshots.keys.items() if key._current]


def test_a_snapshot_brings_back_what_was_held(held: Bench) -> None:
    instrument, heard, ring = held.instrument, held.engine.latent(), held.instrument.session.held
    held.key(Qt.Key.Key_3, SHIFT)
    assert lit(held) == [3]
    for changed in (lambda: instrument.set_lock(None), lambda: instrument.set_lock("groove"),
                    lambda: instrument.move_held(0.0, 0.0), lambda: instrument.set_macro("Dirt", 1.0)):
        changed()
        assert lit(held) == []
        away = instrument.session
        held.key(Qt.Key.Key_3)
        assert held.engine.latent().tolist() == heard.tolist()
        assert (instrument.session.lock, instrument.session.held) == ("kit", ring)
        assert lit(held) == [3]
        instrument.undo()
        assert instrument.session == away
        instrument.redo()
        assert held.engine.latent().tolist() == heard.tolist()
    instrument.set_lock(None)
    held.key(Qt.Key.Key_4, SHIFT)
    held.key(Qt.Key.Key_3)
    held.key(Qt.Key.Key_4)
    assert (instrument.session.lock, instrument.session.held) == (None, None), "nor was anything held there"


def test_the_ends_bring_back_what_was_held(held: Bench) -> None:
    instrument, heard = held.instrument, held.engine.latent()
    held.key(Qt.Key.Key_A, SHIFT)
    instrument.set_lock("groove")
    instrument.move_to(1.0, -1.0)
    other = held.engine.latent()
    held.key(Qt.Key.Key_B, SHIFT)
    instrument.set_lock(None)
    held.key(Qt.Key.Key_A)
    assert held.engine.latent().tolist() == heard.tolist()
    held.key(Qt.Key.Key_B)
    assert held.engine.latent().tolist() == other.tolist()
    for _ in range(10):
        held.key(Qt.Key.Key_Comma)
    assert held.engine.latent() == pytest.approx((heard + other) / 2, abs=1e-5)
    for _ in range(11):
        held.key(Qt.Key.Key_Comma)
    assert held.engine.latent().tolist() == heard.tolist()


def test_a_recall_leaves_the_chain_wherever_the_puck_is(held: Bench) -> None:
    held.key(Qt.Key.Key_3, SHIFT)
    held.key(Qt.Key.Key_C, SHIFT)
    held.key(Qt.Key.Key_C)
    assert held.instrument.session.chaining
    assert lit(held) == [], "a bar of the chain is heard"
    held.key(Qt.Key.Key_3)
    assert not held.instrument.session.chaining
    assert lit(held) == [3]


def test_a_jump_lets_be_what_is_held(held: Bench) -> None:
    ring = held.instrument.session.held
    held.key(Qt.Key.Key_R)
    assert (held.instrument.session.lock, held.instrument.session.held) == ("kit", ring)


def test_a_chain_of_snapshots_says_that_it_takes_their_positions(held: Bench) -> None:
    instrument, line = held.instrument, held.window.line
    held.key(Qt.Key.Key_1, SHIFT)
    instrument.move_to(0.0, 0.0)
    held.key(Qt.Key.Key_2, SHIFT)
    held.window.chaining.take_snapshots()
    assert "stay as set" not in line.text, "all the same"
    instrument.set_lock(None)
    held.window.chaining.take_snapshots()
    assert "macros and groups stay as set now" in line.text
    assert instrument.session.chain == ((-0.25, 0.75), (0.0, 0.0))
    instrument.set_chain(())
    held.key(Qt.Key.Key_C)
    assert "stay as set now" in line.text


def test_slider_waits_for_both_ends(playing: Bench) -> None:
    playing.key(Qt.Key.Key_A, SHIFT)
    playing.key(Qt.Key.Key_Period)
    assert playing.engine.position == (0.0, 0.0)
    assert not playing.window.panel.motion.mix.isEnabled()


def test_mutation_goes_as_far_as_it_is_set(playing: Bench) -> None:
    playing.window.panel.pages.show_widget(playing.window.panel.motion)
    playing.instrument.edit(None, morph_beats=0.0)
    slider = playing.window.panel.motion.mutation
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    small = []
    for _ in range(12):
        playing.instrument.move_to(0, 0)
        playing.key(Qt.Key.Key_M)
        small.append(max(map(abs, playing.engine.position)))
    QTest.keyClick(slider, Qt.Key.Key_End)
    large = []
    for _ in range(12):
        playing.instrument.move_to(0, 0)
        playing.key(Qt.Key.Key_M)
        large.append(max(map(abs, playing.engine.position)))
    assert max(small) < 0.12 < sum(large) / 12


def test_path_runs_at_its_speed(playing: Bench) -> None:
    playing.instrument.set_path(((0.0, -1.0, 0.0), (4.0, 1.0, 0.0)), 4.0)
    playing.instrument.set_path_playing(False)
    motion = playing.window.panel.motion
    playing.window.panel.pages.show_widget(playing.window.panel.motion)
    QTest.mouseClick(motion.speed, LEFT, pos=motion.speed.segment(4).center().toPoint())
    assert playing.instrument.session.path_speed == 4
    QTest.mouseClick(playing.window.panel.path, LEFT)
    playing.wait(lambda: playing.engine.position[0] > -0.9)
    assert playing.instrument.session.path_playing


ELSEWHERE = {
    "a snapshot": lambda bench: bench.key(Qt.Key.Key_1),
    "a jump": lambda bench: bench.key(Qt.Key.Key_R),
    "the slider from A to B": lambda bench: drag(bench.window.panel.motion.mix, 0.0, 0.5, 1.0),
    "a key from A to B": lambda bench: bench.key(Qt.Key.Key_Period),
    "the pad from outside": lambda bench: bench.window.surface.move_to(-0.8, -0.8),
    "one axis from outside": lambda bench: bench.window.surface.set("y", -0.8)}


@pytest.mark.parametrize("way", ELSEWHERE)
def test_whoever_takes_the_puck_elsewhere_lets_the_path_rest(ways: Bench, way: str) -> None:
    instrument = ways.instrument
    instrument.edit(None, snapshots={1: Snapshot(-0.9, -0.9)})
    instrument.set_path(((0.0, 0.2, 0.2), (4.0, 0.6, 0.2)), 4.0)
    ways.wait(lambda: ways.engine.position[0] > 0.2)
    ELSEWHERE[way](ways)
    there = ways.engine.position
    assert there[1] != pytest.approx(0.2)
    assert not instrument.session.path_playing
    QTest.qWait(60)
    assert ways.engine.position == there


def test_arrows_move_the_puck_while_a_path_plays_which_goes_on_then(playing: Bench) -> None:
    instrument = playing.instrument
    instrument.set_path(((0.0, 0.2, 0.2), (4.0, 0.6, 0.2)), 4.0)
    playing.wait(lambda: playing.engine.position[0] > 0.2)
    playing.key(Qt.Key.Key_Up)
    playing.key(Qt.Key.Key_Up)
    there = playing.engine.position
    assert there[1] == pytest.approx(0.3)
    QTest.qWait(60)
    assert playing.engine.position == there
    playing.wait(lambda: playing.engine.position[1] == pytest.approx(0.2))


def test_frozen_while_the_button_is_held(playing: Bench) -> None:
    button = playing.window.panel.freeze
    QTest.mousePress(button, LEFT)
    playing.instrument.move_to(0.3, 0.3)
    assert playing.engine.position == (0.0, 0.0)
    QTest.mouseRelease(button, LEFT)
    assert playing.engine.position == (0.3, 0.3)


def test_return_freezes_and_thaws(playing: Bench) -> None:
    button = playing.window.panel.freeze
    QTest.keyClick(button, Qt.Key.Key_Return)
    playing.instrument.move_to(0.3, 0.3)
    assert playing.engine.position == (0.0, 0.0)
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert playing.engine.position == (0.3, 0.3)


def test_another_window_thaws_only_what_the_key_froze(playing: Bench) -> None:
    window = playing.window
    window.activateWindow()
    playing.wait(window.isActiveWindow)
    for freezes, frozen in ((lambda: QTest.keyPress(playing.pad, Qt.Key.Key_F), False),
                            (lambda: window.surface.set("freeze", 1), True)):
        freezes()
        playing.wait(lambda: playing.app.bridge.frozen)
        other = QWidget()
        other.show()
        other.activateWindow()
        playing.wait(lambda: not window.isActiveWindow())
        assert playing.app.bridge.frozen is frozen
        other.close()
        window.activateWindow()
        playing.wait(window.isActiveWindow)


def test_undo_in_the_middle_of_a_morph_goes_back_to_its_start(playing: Bench) -> None:
    playing.instrument.edit(None, morph_beats=16.0)
    playing.instrument.move_to(0.8, 0.8)
    playing.key(Qt.Key.Key_1, SHIFT)
    playing.instrument.move_to(-0.8, -0.8)
    playing.instrument.finish_gesture()
    playing.key(Qt.Key.Key_1)
    playing.wait(lambda: playing.engine.position[0] > -0.79)
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.qWait(60)
    assert playing.engine.position == (-0.8, -0.8)


def test_novelty_names_the_loop_nearby(playing: Bench) -> None:
    playing.press(0.58, 0.22)
    playing.wait(lambda: playing.pad._near.startswith("near Two step · 0 %"))
    playing.drag_to(0.9, 0.9)
    playing.wait(lambda: not playing.pad._near.startswith("near Two step · 0 %"))


def test_hovered_point_is_named(playing: Bench) -> None:
    QTest.mouseMove(playing.pad, playing.place(0.58, 0.22).toPoint() + QPoint(2, 1))
    playing.wait(lambda: playing.pad._hovered is not None)
    assert playing.pad._hovered.name == "Two step"
