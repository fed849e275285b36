"""Loops of another length, and the snapshots as a chain of bars."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMenu
from rig import Bench


def test_the_snapshots_are_chained_in_the_order_of_their_numbers(playing: Bench) -> None:
    calls = playing.engine.calls
    playing.key(Qt.Key.Key_C)
    assert "Store two snapshots" in playing.window.line.text
    for slot, x in ((3, 0.5), (1, -0.25), (7, 0.0)):
        playing.instrument.move_to(x, x / 2)
        playing.instrument.store_snapshot(slot)
    playing.key(Qt.Key.Key_C)
    assert calls[-1] == ("set_chain", [(-0.25, -0.125), (0.5, 0.25), (0.0, 0.0)])
    assert "Chain of 3 bars: snapshots 1 3 7" in playing.window.line.text


def test_the_length_of_the_loop_is_kept_and_undone(playing: Bench) -> None:
    menu = next(m for m in playing.window.menu.findChildren(QMenu) if m.title() == "Length of the loop")
    actions = {a.text(): a for a in menu.actions()}
    assert actions["The model's own"].isChecked()
    actions["4 bars"].trigger()
    assert (playing.instrument.session.bars, playing.engine.calls[-1]) == (4, ("set_bars", 4))
    playing.instrument.undo()
    assert playing.engine.calls[-1] == ("set_bars", None)
    assert actions["The model's own"].isChecked()
