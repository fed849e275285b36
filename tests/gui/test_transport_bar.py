"""Swing, nudge, click, Link and clocks in the bar, by mouse and keys."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu
from rig import Bench

from vaesynth.control import midi_ports
from vaesynth.control import settings as store
from vaesynth.engine import SyncStatus
from vaesynth.metronome import Metronome
from vaesynth_gui import sync_controls
from vaesynth_gui.widgets.top_bar import NUDGE_MS

LEFT = Qt.MouseButton.LeftButton


def wheel(widget, notches: int) -> None:
    place = QPointF(widget.rect().center())
    QApplication.sendEvent(widget, QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False))


def clock_menu(bench: Bench, monkeypatch: pytest.MonkeyPatch, fault: str = "") -> QMenu:
    ports = (["Drum machine", "Keys"], ["Drum machine"], "") if not fault else ([], [], fault)
    monkeypatch.setattr(sync_controls, "list_ports", lambda: ports)
    QTest.mouseClick(bench.window.bar.clock, LEFT)
    bench.wait(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str, nth: int = 0) -> None:
    action = [a for a in menu.actions() if a.text() == text][nth]
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def test_swing_is_dragged_and_scrolled(playing: Bench) -> None:
    swing = playing.window.bar.swing
    edit = swing.lineEdit()
    middle = edit.rect().center()
    QTest.mousePress(edit, LEFT, pos=middle)
    QTest.mouseMove(edit, middle - QPoint(0, 30))
    playing.wait(lambda: playing.engine.transport.swing == 60)
    QTest.mouseRelease(edit, LEFT, pos=middle - QPoint(0, 30))
    playing.pad.setFocus()
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.transport.swing == 50
    wheel(swing, 4)
    assert playing.engine.transport.swing == 54
    assert swing.text() == "54 %"


def type_in(bench: Bench, text: str) -> None:
    for character in text:
        bench.key(character)
    bench.key(Qt.Key.Key_Return)


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_one_click_on_a_number_and_it_can_be_typed(playing: Bench, place: float) -> None:
    for field, read, numbers in ((playing.window.bar.tempo, lambda: playing.instrument.session.bpm,
                                  ("174", "98.5", "200.5", "60")),
                                 (playing.window.bar.swing, lambda: playing.instrument.session.swing,
                                  ("60", "75", "51"))):
        edit = field.lineEdit()
        at = QPoint(round(place * edit.width()), edit.height() // 2)
        for number in numbers:
            QTest.mouseClick(edit, LEFT, pos=at)
            type_in(playing, number)
            assert read() == float(number)
            assert not field.hasFocus()


def test_a_second_click_places_the_cursor_and_two_quick_ones_take_all(playing: Bench) -> None:
    edit = playing.window.bar.tempo.lineEdit()
    QTest.mouseClick(edit, LEFT)
    assert edit.selectedText() == "120.0"
    QTest.mouseClick(edit, LEFT, pos=QPoint(2, 18))
    assert not edit.hasSelectedText()
    playing.pad.setFocus()
    QTest.mouseDClick(edit, LEFT)
    assert edit.selectedText() == "120.0"
    type_in(playing, "90.5")
    assert playing.instrument.session.bpm == 90.5


def test_a_number_is_typed_after_tab_and_after_a_drag(playing: Bench) -> None:
    tempo = playing.window.bar.tempo
    edit = tempo.lineEdit()
    tempo.setFocus(Qt.FocusReason.TabFocusReason)
    assert edit.selectedText() == "120.0"
    type_in(playing, "150")
    assert playing.instrument.session.bpm == 150
    middle = edit.rect().center()
    QTest.mousePress(edit, LEFT, pos=middle)
    QTest.mouseMove(edit, middle - QPoint(0, 30))
    QTest.mouseRelease(edit, LEFT, pos=middle - QPoint(0, 30))
    assert playing.instrument.session.bpm == 160
    QTest.mouseClick(edit, LEFT, pos=middle)
    type_in(playing, "77")
    assert playing.instrument.session.bpm == 77
    playing.pad.setFocus()
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.instrument.session.bpm == 160, "a drag is one step"
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.instrument.session.bpm == 150


def test_nudge_by_mouse_and_keys(playing: Bench) -> None:
    QTest.mouseClick(playing.window.bar.later, LEFT)
    QTest.mouseClick(playing.window.bar.later, LEFT)
    assert playing.engine.transport.nudged == 2 * NUDGE_MS
    for _ in range(3):
        playing.key("[")
    assert playing.engine.transport.nudged == -NUDGE_MS
    assert "back" in playing.window.line.text


def test_click_on_every_beat_is_not_undone(playing: Bench) -> None:
    QTest.mouseClick(playing.window.bar.metronome, LEFT)
    assert playing.engine.transport.metronome is Metronome.MAIN
    playing.instrument.move_to(0.3, 0.3)
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.transport.metronome is Metronome.MAIN
    playing.key("k")
    assert playing.engine.transport.metronome is Metronome.OFF
    assert not playing.window.bar.metronome.isChecked()


def test_link_shows_the_others_and_follows_their_tempo(playing: Bench) -> None:
    link = playing.window.bar.link
    QTest.mouseClick(link, LEFT)
    assert playing.engine.sync.settings.link
    assert link.isChecked()
    playing.engine.sync.answer = SyncStatus("link", 2, True, 0.4)
    playing.engine.bpm, playing.engine.playing = 133.0, True
    before = len(playing.engine.calls)
    playing.wait(lambda: playing.instrument.session.bpm == 133 and playing.instrument.session.playing)
    playing.wait(lambda: link.text() == "Link 2")
    assert not [c for c in playing.engine.calls[before:] if c[0] in ("set_tempo", "play", "stop")]
    playing.instrument.set_tempo(90)
    assert playing.engine.bpm == 90, "whoever is in the session may set its tempo"
    QTest.mouseClick(link, LEFT)
    assert not playing.engine.sync.settings.link
    assert link.text() == "Link"


def test_a_clock_is_followed_and_link_leaves(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    QTest.mouseClick(playing.window.bar.link, LEFT)
    pick(clock_menu(playing, monkeypatch), "Keys")
    assert playing.engine.sync.settings.clock_in == "Keys"
    assert not playing.engine.sync.settings.link
    assert not playing.window.bar.link.isChecked()
    assert playing.window.bar.clock.isChecked()
    pick(clock_menu(playing, monkeypatch), "Drum machine", 1)
    assert playing.engine.sync.settings.clock_out == "Drum machine"
    pick(clock_menu(playing, monkeypatch), "JACK transport")
    assert playing.engine.sync.settings.jack
    assert playing.engine.sync.settings.clock_in is None
    for nth in (0, 1):
        menu = clock_menu(playing, monkeypatch)
        if nth == 0:
            pick(menu, "JACK transport")
        else:
            pick(menu, "Nobody", 1)
    assert not playing.window.bar.clock.isChecked()


def test_without_midi_the_menu_says_why(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    menu = clock_menu(playing, monkeypatch, "MIDI does not start, expected a working MIDI system")
    texts = [a.text() for a in menu.actions()]
    assert "JACK transport" in texts
    assert texts[-1].startswith("MIDI does not start")
    menu.close()


def test_own_ports_are_not_offered(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = {True: ["Keys", "vaesynth:out", "vaesynth-01:out 129:0"], False: ["vaesynth:in", "Drums:in"]}
    monkeypatch.setattr(midi_ports, "port_names", lambda *, inputs: ports[inputs])
    QTest.mouseClick(playing.window.bar.clock, LEFT)
    playing.wait(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    texts = [action.text() for action in menu.actions()]
    assert {"Keys", "Drums:in"} <= set(texts)
    assert not [text for text in texts if text.startswith("vaesynth")]
    menu.close()


def test_what_is_switched_on_comes_back(playing: Bench) -> None:
    QTest.mouseClick(playing.window.bar.link, LEFT)
    assert store.read(playing.folder / "control.json").sync.link
    playing.app.close()
    playing.start()
    playing.show()
    assert playing.engine.sync.settings.link
    assert playing.window.bar.link.isChecked()


def test_a_broken_file_is_told_and_left_alone(bench: Bench) -> None:
    file = bench.folder / "control.json"
    file.write_text("{")
    bench.show()
    bench.wait(lambda: "control.json" in bench.window.banner.message)
    assert file.read_text() == "{"


def test_notice_of_the_others_is_shown_once(playing: Bench) -> None:
    QTest.mouseClick(playing.window.bar.link, LEFT)
    playing.engine.sync.answer = SyncStatus("link", notice="Link is switched on, expected the package aalink")
    playing.wait(lambda: "aalink" in playing.window.banner.message)
    playing.window.banner.hide()
    playing.engine.sync.answer = replace(playing.engine.sync.answer, error_ms=1.0)
    playing.wait(lambda: playing.app.bridge._time._status.error_ms == 1.0)
    assert not playing.window.banner.isVisible()
