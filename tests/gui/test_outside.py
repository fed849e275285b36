"""MIDI and OSC play the window: what they do is seen and can be undone; knobs are learnt by a right click."""

import socket
from pathlib import Path

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from rig import Bench

from vaesynth.control import settings as store
from vaesynth.control.mapping import Kind, Knob
from vaesynth.control.settings import Notes
from vaesynth.errors import SettingError
from vaesynth_gui import dialogs
from vaesynth_gui.widgets.preferences.control_page import ControlPage

LEFT = Qt.MouseButton.LeftButton
KNOB = (0xB0, 21)


def menu_of(widget: QWidget) -> QMenu:
    middle = widget.rect().center()
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle,
                                                     widget.mapToGlobal(middle)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def pick(menu: QMenu, text: str) -> None:
    action = next(a for a in menu.actions() if a.text().startswith(text))
    assert action.isEnabled()
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


@pytest.fixture
def page(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> ControlPage:
    monkeypatch.setattr(dialogs, "list_outputs", lambda: ([], []))
    monkeypatch.setattr(dialogs, "list_ports", lambda: (["Keys", "Knobs"], [], ""))
    playing.window.preferences_asked.emit()
    page = playing.app.dialogs.preferences.findChild(ControlPage)
    playing.wait(lambda: page.midi_in.count() == 3)
    return page


def choose(box: QComboBox, text: str) -> None:
    index = box.findText(text)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_everything_that_can_be_set_from_outside_reaches_the_engine(playing: Bench) -> None:
    surface, engine = playing.window.surface, playing.engine
    for name, value in (("x", 0.5), ("y", -0.5), ("tempo", 99), ("swing", 60), ("volume", -12), ("play", 1),
                        ("metronome", 1), ("macro/1", 1.5), ("mute/kick", 1), ("solo/tom", 1),
                        ("shape/drive", 12), ("shape/high_cut", 20_000), ("lock/groove", 1), ("store/3", 1)):
        surface.set(name, value)
    playing.wait(lambda: 3 in playing.instrument.session.snapshots)
    assert engine.position == (0.5, -0.5)
    assert (engine.bpm, engine.transport.swing, engine.volume, engine.playing) == (99, 60, -12, True)
    assert ("set_macro", "Tightness", 1.5) in engine.calls
    assert (engine.shaping.muted_stems, engine.shaping.solo_stems) == (("kick",), ("tom",))
    assert (engine.shaping.drive, engine.shaping.high_cut) == (12, None)
    assert playing.instrument.session.lock == "groove"
    surface.set("panic", 1)
    playing.wait(lambda: not engine.playing)
    assert engine.transport.panics == 1
    with pytest.raises(SettingError, match="macro/99"):
        surface.set("macro/99", 1)
    with pytest.raises(SettingError, match="3 numbers"):
        surface.set_latent([0.0] * 3)


def test_the_pad_s_ways_and_the_recording_are_played_from_outside(
        playing: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaesynth_gui.taping.recordings_folder", lambda: tmp_path)
    surface, engine, instrument = playing.window.surface, playing.engine, playing.instrument
    for name, value in (("morph", 0), ("x", -0.5), ("store/a", 1), ("store/1", 1), ("x", 0.5), ("store/b", 1),
                        ("store/2", 1), ("mix", 0.25), ("bars", 2), ("mute_step/5", 1), ("path/speed", 2),
                        ("record", 1), ("path/record", 1)):
        surface.set(name, value)
    playing.wait(lambda: playing.window._gestures._motion.recording)
    assert engine.position == (-0.25, 0.0)
    assert (instrument.session.bars, instrument.session.path_speed) == (2, 2)
    assert engine.shaping.muted_steps == (4,)
    assert engine.recording.running
    surface.set("path/record", 0)
    surface.set("record", 0)
    surface.set("chain", 1)
    playing.wait(lambda: ("set_chain", [(-0.5, 0.0), (0.5, 0.0)]) in engine.calls)
    surface.set("chain/clear", 1)
    surface.set("chain/add", 1)
    assert instrument.session.chain == ((-0.25, 0.0),)
    assert not instrument.session.chaining
    assert not engine.recording.running
    surface.chain([(0.0, 1.0), (1.0, 7.0)])
    playing.wait(lambda: ("set_chain", [(0.0, 1.0), (1.0, 1.0)]) in engine.calls)
    surface.set("freeze", 1)
    surface.set("x", 0.75)
    playing.wait(lambda: instrument.session.x == 0.75)
    assert engine.position == (-0.25, 0.0)
    surface.set("freeze", 0)
    playing.wait(lambda: engine.position[0] == 0.75)
    places = []
    for name in ("jump", "mutate", "centre"):
        surface.set(name, 1)
        places.append(engine.position)
    assert len({(0.75, 0.0), *places}) == 4
    assert places[-1] == (0.0, 0.0)
    surface.play_slice(2, 0.5)
    assert ("play_slice", 2, 0.5) in engine.calls


def test_what_comes_from_outside_can_be_undone(playing: Bench) -> None:
    playing.window.surface.move_to(0.7, 0.7)
    playing.wait(lambda: playing.engine.position == (0.7, 0.7))
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.position == (0.0, 0.0)


def test_osc_moves_the_puck(playing: Bench) -> None:
    packets = pytest.importorskip("pythonosc.osc_message_builder")
    playing.app.outside.change(osc_port=_free_port())
    outside = playing.app.outside
    playing.wait(lambda: outside._controls is not None and outside._controls._osc is not None)
    message = packets.OscMessageBuilder("/vaesynth/pad")
    message.add_arg(0.25)
    message.add_arg(-0.75)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(message.build().dgram, ("127.0.0.1", outside.settings.osc_port))
        playing.wait(lambda: playing.pad.position == (0.25, -0.75))
    assert playing.engine.position == (0.25, -0.75)


def test_a_knob_is_learnt_by_a_right_click_and_forgotten(playing: Bench) -> None:
    outside, slider = playing.app.outside, playing.window.panel.macros.sliders["Tightness"].slider
    menu = menu_of(slider)
    assert not menu.actions()[0].isEnabled(), "no MIDI input has been chosen"
    menu.close()
    outside.change(midi_in="Knobs")
    playing.wait(lambda: outside._controls is not None and outside._controls.settings.midi_in == "Knobs")
    pick(menu_of(slider), "Learn MIDI")
    assert "Move the knob" in playing.window.line.text
    outside._controls._midi.receive((*KNOB, 127))
    playing.wait(lambda: outside.settings.mapping.of("macro/1") is not None)
    assert store.read(playing.folder / "control.json").mapping.of("macro/1").knob == Knob(Kind.CC, 21, 1)
    playing.wait(lambda: outside._controls.settings == outside.settings)
    outside._controls._midi.receive((*KNOB, 0))
    playing.wait(lambda: playing.instrument.session.macros.get("Tightness") == -2.0)
    pick(menu_of(slider), "Forget CC 21")
    assert outside.settings.mapping.of("macro/1") is None


def test_preferences_are_switched_by_hand_and_kept(playing: Bench, page: ControlPage) -> None:
    page.window().pages.setCurrentIndex(1)
    choose(page.midi_in, "Keys")
    choose(page.notes, "Play its slices")
    page.osc_port.selectAll()
    QTest.keyClicks(page.osc_port, str(_free_port()))
    QTest.mouseClick(page.osc, LEFT, pos=QPoint(8, page.osc.height() // 2))
    page.offset.selectAll()
    QTest.keyClicks(page.offset, "-4.5")
    QTest.keyClick(page.offset, Qt.Key.Key_Return)
    kept = store.read(playing.folder / "control.json")
    assert (kept.midi_in, kept.notes, kept.osc_port) == ("Keys", Notes.SLICES, page.osc_port.value())
    assert kept.sync.offset_ms == -4.5
    assert playing.engine.sync.settings.offset_ms == -4.5


def test_an_impossible_target_is_a_message(playing: Bench, page: ControlPage) -> None:
    page.osc_send.setText("nowhere:0")
    page.osc_send.editingFinished.emit()
    playing.wait(lambda: "OSC target" in playing.window.banner.message)
    assert playing.app.outside.settings.osc_send is None


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
