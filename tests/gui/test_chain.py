"""Loops of another length, and places of the pad as a chain of bars."""

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu
from rig import Bench

from vaesynth_gui.widgets.chain.strip import ChainStrip

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
PLACES = ((-0.5, 0.25), (0.5, 0.0), (0.0, -0.75))


@pytest.fixture
def strip(playing: Bench) -> ChainStrip:
    """The chain's page in sight, with three bars that were added by hand."""
    panel = playing.window.panel
    panel.pages.show_widget(panel.chain)
    strip = panel.chain.strip
    for bar, (x, y) in enumerate(PLACES):
        playing.instrument.move_to(x, y)
        if bar < 2:
            QTest.mouseClick(strip, LEFT, pos=strip.box(bar).center().toPoint())
        else:
            playing.key(Qt.Key.Key_C, SHIFT)
    assert playing.instrument.session.chain == PLACES
    return strip


def at(strip: ChainStrip, bar: int) -> QPoint:
    return strip.box(bar).center().toPoint()


def chain_of(bench: Bench) -> tuple[tuple[float, float], ...]:
    return bench.instrument.session.chain


def test_the_chain_plays_until_the_puck_moves(playing: Bench, strip: ChainStrip) -> None:
    calls, page = playing.engine.calls, playing.window.panel.chain
    QTest.mouseClick(page.play, LEFT)
    assert ("set_chain", [*PLACES]) in calls
    assert playing.engine.playing
    assert page.play.isChecked()
    QTest.mouseClick(playing.pad, LEFT, pos=playing.pad.place_of(0.25, 0.25).toPoint())
    assert calls[-1][0] == "move_to"
    assert not page.play.isChecked()
    playing.key(Qt.Key.Key_C)
    assert calls[-1] == ("set_chain", [*PLACES])
    playing.key(Qt.Key.Key_C)
    assert calls[-1] == ("move_to", *playing.pad.position)


def test_the_bar_that_sounds_is_seen(playing: Bench, strip: ChainStrip) -> None:
    playing.key(Qt.Key.Key_C)
    playing.instrument.set_tempo(240)
    seen = set()

    def all_seen() -> bool:
        seen.add(strip.sounding)
        return seen >= {0, 1, 2}
    playing.wait(all_seen)
    playing.key(Qt.Key.Key_C)
    playing.wait(lambda: strip.sounding is None)


@pytest.mark.parametrize("left", [0, 2])
def test_a_chain_that_changes_lets_go_of_the_bar_that_is_dragged(playing: Bench, strip: ChainStrip,
                                                                 left: int) -> None:
    QTest.mousePress(strip, LEFT, pos=at(strip, 2))
    QTest.mouseMove(strip, at(strip, 1))
    playing.instrument.set_chain(PLACES[:left])
    QTest.mouseMove(strip, at(strip, 0))
    strip.grab()
    QTest.mouseRelease(strip, LEFT, pos=at(strip, 0))
    assert chain_of(playing) == PLACES[:left]


def test_bars_that_are_not_there_are_passed_over(playing: Bench, strip: ChainStrip) -> None:
    chaining, position = playing.window.chaining, playing.engine.position
    for act in (lambda: chaining.move(3, 0), lambda: chaining.move(0, 3), lambda: chaining.go(3),
                lambda: chaining.put(3)):
        act()
        assert chain_of(playing) == PLACES
    assert playing.engine.position == position


def test_bars_are_dragged_elsewhere_and_taken_out(playing: Bench, strip: ChainStrip) -> None:
    QTest.mousePress(strip, LEFT, pos=at(strip, 0))
    for bar in (1, 2):
        QTest.mouseMove(strip, at(strip, bar))
    QTest.mouseRelease(strip, LEFT, pos=at(strip, 2))
    assert chain_of(playing) == (PLACES[1], PLACES[2], PLACES[0])
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Left, SHIFT)
    assert chain_of(playing) == (PLACES[1], PLACES[0], PLACES[2])
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert chain_of(playing) == (PLACES[1], PLACES[2])
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert chain_of(playing) == (PLACES[1], PLACES[0], PLACES[2])


def test_a_sounding_chain_follows_its_changes(playing: Bench, strip: ChainStrip) -> None:
    playing.key(Qt.Key.Key_C)
    strip.setFocus()
    strip.choose(0)
    QTest.keyClick(strip, Qt.Key.Key_Delete)
    assert playing.engine.calls[-1] == ("set_chain", [*PLACES[1:]])
    QTest.mouseClick(playing.window.panel.chain.clear, LEFT)
    assert playing.engine.calls[-1] == ("move_to", *PLACES[2])
    assert not playing.instrument.session.chaining


def test_a_bar_is_gone_to_and_put_elsewhere(playing: Bench, strip: ChainStrip) -> None:
    playing.instrument.edit(None, morph_beats=0.0)
    QTest.mouseDClick(strip, LEFT, pos=at(strip, 1))
    assert playing.pad.position == PLACES[1]
    strip.setFocus()
    strip.choose(0)
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert playing.pad.position == PLACES[0]
    playing.instrument.move_to(0.125, 0.125)
    QApplication.sendEvent(strip, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at(strip, 2),
                                                    strip.mapToGlobal(at(strip, 2))))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(menu.actions()[1]).center())
    assert chain_of(playing)[2] == (0.125, 0.125)


def test_a_full_chain_takes_no_more(playing: Bench, strip: ChainStrip) -> None:
    for _ in range(20):
        playing.key(Qt.Key.Key_C, SHIFT)
    assert len(chain_of(playing)) == 16
    assert "at most" in playing.window.line.text


def test_without_a_chain_the_snapshots_become_it(playing: Bench) -> None:
    playing.key(Qt.Key.Key_C)
    assert "Add bars to the chain first" in playing.window.line.text
    for slot, x in ((3, 0.5), (1, -0.25), (7, 0.0)):
        playing.instrument.move_to(x, x / 2)
        playing.instrument.store_snapshot(slot)
    playing.key(Qt.Key.Key_C)
    assert playing.engine.calls[-2] == ("set_chain", [(-0.25, -0.125), (0.5, 0.25), (0.0, 0.0)])
    assert "Chain of 3 bars" in playing.window.line.text


def test_the_length_of_the_loop_is_kept_and_undone(playing: Bench) -> None:
    menu = next(m for m in playing.window.menu.findChildren(QMenu) if m.title() == "Length of the loop")
    actions = {a.text(): a for a in menu.actions()}
    assert actions["The model's own"].isChecked()
    actions["4 bars"].trigger()
    assert (playing.instrument.session.bars, playing.engine.calls[-1]) == (4, ("set_bars", 4))
    playing.instrument.undo()
    assert playing.engine.calls[-1] == ("set_bars", None)
    assert actions["The model's own"].isChecked()
