"""Buttons, sliders and menus of the window by mouse: each does what its key does, and undo takes it back."""

from dataclasses import fields

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QContextMenuEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget
from rig import Bench

from vaesynth.session import Corner, OwnLoop, Session, Snapshot
from vaesynth.shaping import Shaping
from vaesynth.tempo import Quantise, TempoMode
from vaesynth_gui import gestures
from vaesynth_gui.state.instrument import KEPT_BY_UNDO, Instrument
from vaesynth_gui.state.pauses import PAUSE_MS

LEFT = Qt.MouseButton.LeftButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
OTHER = {
    "x": 0.5, "y": -0.5, "macros": {"Room": 1.0}, "lock": "kit", "held": Snapshot(0.1, 0.2), "bpm": 93.0,
    "volume": -20.0, "swing": 60.0, "quantise": Quantise.BAR, "tempo_mode": TempoMode.REPITCH, "bars": 2,
    "snapshots": {3: Snapshot(0, 1)}, "morph_beats": 8.0, "path": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "path_beats": 2.0, "path_speed": 4.0, "chain": ((0.5, 0.5),), "own_loops": (OwnLoop("mine", 0, 0),),
    "corners": {0: Corner("mine", (1.0,))}, "mutation": 0.3, "a": Snapshot(1, 1), "b": Snapshot(-1, 1),
    "mix": 0.5, "shaping": Shaping(drive=6.0)}


def click(widget: QWidget, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    assert widget.isEnabled()
    QTest.mouseClick(widget, LEFT, modifier)


def wheel(widget: QWidget, notches: int) -> None:
    place = QPointF(widget.rect().center())
    QApplication.sendEvent(widget, QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))


def pick(text: str) -> None:
    """Click on what the menu in sight offers."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text().startswith(text))
    assert action.isEnabled()
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def undo(bench: Bench) -> None:
    click(bench.window.bar.undo)


@pytest.fixture
def at_once(playing: Bench) -> Bench:
    """Ways to a place take no time."""
    playing.instrument.edit(None, morph_beats=0.0)
    return playing


@pytest.mark.parametrize("field", [f.name for f in fields(Session) if f.name not in KEPT_BY_UNDO])
def test_all_that_is_set_is_undone_and_done_again(qapp: QApplication, field: str) -> None:
    instrument = Instrument()
    instrument.edit(None, **{field: OTHER[field]})
    after = instrument.session
    assert after != Session()
    instrument.undo()
    assert instrument.session == Session()
    instrument.redo()
    assert instrument.session == after


def test_the_tempo_is_tapped_and_scrolled(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [10.0]
    monkeypatch.setattr(gestures.time, "monotonic", lambda: now[0])
    for _ in range(4):
        click(playing.window.bar.tap)
        now[0] += 0.6
    assert playing.engine.bpm == pytest.approx(100)
    wheel(playing.window.bar.tempo, 2)
    assert playing.engine.bpm == pytest.approx(102)


def test_each_count_of_taps_is_a_step_however_slow(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now, instrument = [10.0], playing.instrument
    monkeypatch.setattr(gestures.time, "monotonic", lambda: now[0])
    for seconds, pause in ((0.5, 5.0), (1.2, 0.0)):
        for n in range(4):
            if n == 3:
                QTest.qWait(PAUSE_MS + 50)  # slower than other gestures may be
            playing.window.surface.set("tap", 1)
            now[0] += seconds + 0.01 * n
        now[0] += pause
    slow = instrument.session.bpm
    assert slow < 60
    wheel(playing.window.bar.tempo, 2)
    assert instrument.session.bpm == slow + 2
    for bpm in (slow, 117.6, 120.0):
        undo(playing)
        assert instrument.session.bpm == bpm
    assert not instrument.can_undo


def test_turns_of_a_wheel_end_by_a_pause(playing: Bench) -> None:
    instrument, bar = playing.instrument, playing.window.bar
    for widget, read in ((bar.volume, lambda: instrument.session.volume),
                         (bar.swing, lambda: instrument.session.swing)):
        seen = [read()]
        for notches in (1, 2):
            for _ in range(notches):
                wheel(widget, 1)
            seen.append(read())
            QTest.qWait(PAUSE_MS + 100)
        assert len({*seen}) == 3
        for value in reversed(seen[:-1]):
            undo(playing)
            assert read() == value
        assert not instrument.can_undo


def test_keys_a_pause_and_a_drag_are_two_steps(playing: Bench) -> None:
    instrument, slider = playing.instrument, playing.window.panel.macros.sliders["Room"].slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    keyed = instrument.session
    for at_once in (True, False):
        if not at_once:
            QTest.qWait(PAUSE_MS + 100)
        QTest.mouseClick(slider, LEFT, pos=slider.place_of(-1.5).toPoint())
        undo(playing)
        assert instrument.session == keyed, f"the mouse alone, {at_once = }"
        slider.setFocus()
        if at_once:
            undo(playing)
            assert not instrument.session.macros
            QTest.keyClick(slider, Qt.Key.Key_Right)
            keyed = instrument.session


def test_the_change_waits_for_the_line_that_is_chosen(playing: Bench) -> None:
    quantise = playing.window.panel.quantise
    for index, expected in enumerate(Quantise):
        QTest.mouseClick(quantise, LEFT, pos=quantise.segment(index).center().toPoint())
        assert playing.instrument.session.quantise is expected
        assert ("set_quantise", expected) in playing.engine.calls
    undo(playing)
    assert playing.engine.calls[-1] == ("set_quantise", tuple(Quantise)[-2])


def test_macros_and_volume_are_dragged_and_a_drag_is_one_step(playing: Bench) -> None:
    slider = playing.window.panel.macros.sliders["Room"].slider
    QTest.mousePress(slider, LEFT, pos=slider.place_of(0.0).toPoint())
    for value in (0.5, 1.0):
        QTest.mouseMove(slider, slider.place_of(value).toPoint())
    playing.wait(lambda: playing.instrument.session.macros.get("Room", 0) > 0.9)
    QTest.mouseRelease(slider, LEFT, pos=slider.place_of(1.0).toPoint())
    assert playing.engine.calls[-1][:2] == ("set_macro", "Room")
    assert playing.window.panel.macros.sliders["Room"].value.text().startswith("+")
    undo(playing)
    assert playing.engine.calls[-1] == ("set_macro", "Room", 0.0)
    volume = playing.window.bar.volume
    QTest.mouseClick(volume, LEFT, pos=volume.place_of(-30).toPoint())
    assert playing.engine.volume == pytest.approx(-30, abs=1)
    undo(playing)
    assert playing.engine.volume == -6


def test_dice_and_sparkles_move_the_puck(at_once: Bench) -> None:
    panel, places = at_once.window.panel, [at_once.engine.position]
    for button in (panel.random, panel.mutate):
        click(button)
        places.append(at_once.engine.position)
    assert len(set(places)) == 3
    undo(at_once)
    assert at_once.engine.position == places[1]
    click(at_once.window.bar.redo)
    assert at_once.engine.position == places[2]


def test_a_path_is_recorded_and_played_by_its_buttons(playing: Bench) -> None:
    panel = playing.window.panel
    assert not panel.path.isEnabled()
    playing.instrument.set_tempo(240)
    click(panel.record)
    playing.press(-0.5, 0.0)
    for i in range(6):
        playing.drag_to(-0.5 + i / 6, 0.1)
        QTest.qWait(30)
    playing.release(0.4, 0.1)
    click(panel.record)
    assert playing.instrument.session.path
    assert panel.path.isChecked()
    click(panel.path)
    assert not playing.instrument.session.path_playing
    click(panel.path)
    assert playing.instrument.session.path_playing


def test_snapshots_are_stored_gone_to_and_emptied(at_once: Bench) -> None:
    bench, keys = at_once, at_once.window.panel.snapshots.keys

    def snapshots() -> dict[int, Snapshot]:
        return bench.instrument.session.snapshots
    bench.instrument.move_to(0.5, 0.25)
    click(keys[4])
    bench.instrument.move_to(-0.5, 0.0)
    click(keys[4])
    assert bench.engine.position == (0.5, 0.25)
    bench.instrument.move_to(-0.5, 0.0)
    click(keys[4], SHIFT)
    assert snapshots()[4].x == -0.5
    middle = keys[4].rect().center()
    QApplication.sendEvent(keys[4], QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle,
                                                      keys[4].mapToGlobal(middle)))
    pick("Empty")
    assert 4 not in snapshots()
    undo(bench)
    assert 4 in snapshots()
    keys[4].setFocus(Qt.FocusReason.TabFocusReason)
    bench.key(Qt.Key.Key_Delete)
    bench.key(Qt.Key.Key_Return)
    assert snapshots()[4].x == -0.5, "by keys, too"


def test_the_way_to_a_snapshot_takes_the_time_that_is_chosen(playing: Bench) -> None:
    morph = playing.window.panel.morph
    morph.setFocus()
    QTest.keyClick(morph, Qt.Key.Key_End)
    assert playing.instrument.session.morph_beats == 16
    QTest.keyClick(morph, Qt.Key.Key_Home)
    assert playing.instrument.session.morph_beats == 0
    playing.pad.setFocus()
    playing.instrument.move_to(0.5, 0.5)
    playing.key(Qt.Key.Key_1, SHIFT)
    playing.instrument.move_to(-0.5, -0.5)
    playing.key(Qt.Key.Key_1)
    assert playing.engine.position == (0.5, 0.5), "a jump"


def test_the_pad_s_menu_does_what_it_says(at_once: Bench) -> None:
    at_once.instrument.move_to(0.25, -0.5)
    for text in ("Copy the position", "Back to the middle", "Mutate"):
        QTest.mousePress(at_once.pad, Qt.MouseButton.RightButton, pos=at_once.place(0.0, 0.0).toPoint())
        before = at_once.engine.position
        pick(text)
        if text.startswith("Copy"):
            assert QApplication.clipboard().text() == "--x 0.2500 --y -0.5000"
        else:
            assert at_once.engine.position != before


def test_the_main_menu_sets_length_and_mode(playing: Bench) -> None:
    for part, choice, call in (("Length of the loop", "2 bars", ("set_bars", 2)),
                               ("When the tempo differs", "Repitch", ("set_tempo_mode", TempoMode.REPITCH))):
        click(playing.window.bar.menu)
        menu = QApplication.activePopupWidget()
        entry = next(a for a in menu.actions() if a.text().startswith(part))
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(entry).center())
        playing.wait(lambda menu=menu: QApplication.activePopupWidget() is not menu)
        pick(choice)
        assert playing.engine.calls[-1] == call


def test_the_spectrogram_is_shown_by_its_button_and_remembered(playing: Bench) -> None:
    view, button = playing.window.panel.loop, playing.window.panel.spectrum
    playing.wait(lambda: view.loop is not None and not view._redraw.isActive())
    wave = view.grab().toImage()
    click(button)
    assert view.grab().toImage() != wave
    assert playing.app.settings.spectrogram
    playing.key(Qt.Key.Key_S)
    assert not button.isChecked()


def test_the_whole_screen_and_back(playing: Bench) -> None:
    playing.key(Qt.Key.Key_F11)
    assert playing.window.isFullScreen()
    playing.key(Qt.Key.Key_F11)
    assert not playing.window.isFullScreen()
