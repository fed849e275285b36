"""Everything by keys."""

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from rig import Bench

from vaesynth_gui import gestures
from vaesynth_gui.keys import digit_of

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def test_space_plays_and_stops(playing: Bench) -> None:
    playing.key(Qt.Key.Key_Space)
    assert playing.engine.playing
    playing.key(Qt.Key.Key_Space)
    assert not playing.engine.playing


def test_space_plays_whatever_has_the_focus(playing: Bench) -> None:
    for widget in (playing.window.bar.tempo, playing.window.bar.tap, playing.window.panel.quantise):
        widget.setFocus()
        before = playing.engine.playing
        playing.key(Qt.Key.Key_Space)
        assert playing.engine.playing != before, widget


@pytest.mark.parametrize(("key", "direction"), [
    (Qt.Key.Key_Left, (-1, 0)), (Qt.Key.Key_Right, (1, 0)),
    (Qt.Key.Key_Up, (0, 1)), (Qt.Key.Key_Down, (0, -1))])
def test_arrows_nudge_and_shift_makes_them_fine(
        playing: Bench, key: Qt.Key, direction: tuple[int, int]) -> None:
    playing.key(key)
    coarse = playing.engine.position
    assert coarse == pytest.approx((0.05 * direction[0], 0.05 * direction[1]))
    playing.key(key, SHIFT)
    assert playing.engine.position == pytest.approx((0.06 * direction[0], 0.06 * direction[1]))


def test_arrows_work_while_a_button_has_the_focus(playing: Bench) -> None:
    playing.window.bar.tap.setFocus()
    playing.key(Qt.Key.Key_Right)
    assert playing.engine.position[0] > 0


def test_taps_set_the_tempo(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(gestures.time, "monotonic", lambda: now[0])
    for _ in range(4):
        playing.key(Qt.Key.Key_T)
        now[0] += 0.4
    assert playing.engine.bpm == pytest.approx(150)


def test_digits_recall_what_shift_and_digit_stored(playing: Bench) -> None:
    playing.instrument.edit(None, morph_beats=0.0)
    playing.instrument.move_to(0.25, -0.75)
    playing.instrument.set_macro("Room", 1.5)
    playing.key(Qt.Key.Key_3, SHIFT)
    playing.instrument.move_to(-0.5, 0.5)
    playing.instrument.set_macro("Room", -1.0)
    playing.key(Qt.Key.Key_3)
    assert playing.engine.position == (0.25, -0.75)
    assert playing.engine.calls[-2:].count(("set_macro", "Room", 1.5)) == 1
    playing.key(Qt.Key.Key_4)
    assert playing.engine.position == (0.25, -0.75)


def test_morph_goes_to_a_snapshot_through_what_lies_between(playing: Bench) -> None:
    playing.instrument.edit(None, morph_beats=1.0, bpm=240.0)
    playing.instrument.move_to(0.8, 0.8)
    playing.key(Qt.Key.Key_1, SHIFT)
    playing.instrument.move_to(-0.8, 0.8)
    before = len(playing.engine.calls)
    playing.key(Qt.Key.Key_1)
    playing.wait(lambda: playing.engine.position == (0.8, 0.8))
    moves = [c[1] for c in playing.engine.calls[before:] if c[0] == "move_to"]
    assert moves == sorted(moves)
    assert any(-0.7 < x < 0.7 for x in moves)
    playing.key(Qt.Key.Key_Z, CTRL)
    assert playing.engine.position == (-0.8, 0.8)


def test_digits_typed_into_the_tempo_are_a_tempo(playing: Bench) -> None:
    playing.instrument.store_snapshot(9)
    playing.instrument.move_to(0.5, 0.5)
    tempo = playing.window.bar.tempo
    tempo.setFocus()
    tempo.selectAll()
    QTest.keyClicks(tempo, "93.5")
    playing.key(Qt.Key.Key_Return)
    assert playing.engine.bpm == 93.5
    assert playing.engine.position == (0.5, 0.5)
    assert not tempo.hasFocus()


def test_r_jumps_and_m_steps_aside(playing: Bench) -> None:
    playing.instrument.edit(None, morph_beats=0.0)
    playing.key(Qt.Key.Key_R)
    jumped = playing.engine.position
    assert jumped != (0.0, 0.0)
    playing.key(Qt.Key.Key_M)
    assert playing.engine.position != jumped


def test_frozen_puck_is_heard_when_thawed(playing: Bench) -> None:
    QTest.keyPress(playing.window, Qt.Key.Key_F)
    playing.instrument.move_to(0.3, 0.3)
    assert playing.engine.position == (0.0, 0.0)
    QTest.keyRelease(playing.window, Qt.Key.Key_F)
    assert playing.engine.position == (0.3, 0.3)


def begin_path(bench: Bench, places: int) -> None:
    """Begin to record a path, and move through so many places."""
    bench.key(Qt.Key.Key_P)
    for i in range(places):
        bench.instrument.move_to(-0.5 + i / 10, 0.2)
        QTest.qWait(30)


def test_path_is_recorded_and_repeated(playing: Bench) -> None:
    playing.instrument.set_tempo(240)
    begin_path(playing, 10)
    playing.key(Qt.Key.Key_P)
    path = playing.instrument.session.path
    beats = playing.instrument.session.path_beats
    assert beats >= 1
    assert beats == round(beats)
    assert path[0][1] < path[-1][1]
    calls = len(playing.engine.calls)
    playing.wait(lambda: len({c[1] for c in playing.engine.calls[calls:] if c[0] == "move_to"}) > 5)
    playing.key(Qt.Key.Key_P, SHIFT)
    assert not playing.instrument.session.path_playing


def test_undo_takes_a_path_back_while_it_plays(playing: Bench) -> None:
    playing.instrument.set_tempo(240)
    begin_path(playing, 5)
    playing.instrument.finish_gesture()
    playing.key(Qt.Key.Key_P)
    assert playing.instrument.session.path_playing
    playing.key(Qt.Key.Key_Z, CTRL)
    assert not playing.instrument.session.path
    QTest.qWait(60)  # it would run into nothing
    assert not playing.instrument.session.path_playing


def test_copy_gives_the_position_to_the_command_line(playing: Bench) -> None:
    playing.instrument.move_to(0.25, -0.5)
    playing.key(Qt.Key.Key_C, CTRL)
    assert QApplication.clipboard().text() == "--x 0.2500 --y -0.5000"


def test_sheet_opens_and_closes(playing: Bench) -> None:
    playing.key(Qt.Key.Key_F1)
    sheet = playing.window.sheet
    assert sheet.isVisible()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    playing.wait(lambda: playing.window.sheet is None)


@pytest.mark.parametrize(("platform", "scan", "virtual", "digit"), [
    ("linux", 10, 0, 1), ("linux", 18, 0, 9), ("win32", 2, 0, 1), ("darwin", 0, 22, 6),
    ("linux", 24, 0, None)])
def test_digit_row_of_a_french_keyboard(platform: str, scan: int, virtual: int, digit: int | None) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Ampersand, Qt.KeyboardModifier.NoModifier, scan,
                      virtual, 0, "&")
    assert digit_of(event, platform) == digit
