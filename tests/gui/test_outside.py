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
from vaesynth.metronome import Metronome
from vaesynth.session import Snapshot
from vaesynth_gui import dialogs
from vaesynth_gui.state.pauses import PAUSE_MS
from vaesynth_gui.widgets.preferences.control_page import ControlPage
from vaesynth_gui.window_parameters import ONLY_HERE

LEFT = Qt.MouseButton.LeftButton
KNOB = (0xB0, 21)


def menu_of(widget: QWidget, place: QPoint | None = None) -> QMenu:
    middle = widget.rect().center() if place is None else place
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


def test_the_click_is_where_it_was_asked_for(playing: Bench) -> None:
    for number, metronome in ((2, Metronome.CUE), (1, Metronome.MAIN), (0, Metronome.OFF)):
        playing.window.surface.set("metronome", number)
        playing.wait(lambda metronome=metronome: playing.engine.transport.metronome is metronome)
    playing.window.surface.set("metronome", 2)
    playing.wait(lambda: playing.window.bar.metronome.isChecked())
    playing.key(Qt.Key.Key_K)
    assert playing.engine.transport.metronome is Metronome.OFF


def test_it_goes_on_where_it_was_stopped(playing: Bench) -> None:
    surface, engine = playing.window.surface, playing.engine
    for name, call in (("continue", "continue"), ("stop", "stop"), ("play", "play")):
        surface.set(name, 1)
        playing.wait(lambda call=call: engine.calls[-1] == (call,))
    assert playing.instrument.session.playing


def test_what_comes_from_outside_can_be_undone(playing: Bench) -> None:
    playing.window.surface.move_to(0.7, 0.7)
    playing.wait(lambda: playing.engine.position == (0.7, 0.7))
    playing.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert playing.engine.position == (0.0, 0.0)


def test_an_osc_port_that_was_taken_is_heard_when_it_is_free(playing: Bench) -> None:
    pytest.importorskip("pythonosc")
    outside, failures, port = playing.app.outside, [], _free_port()
    outside.failed.connect(failures.append)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        outside.change(osc_port=port)
        playing.wait(lambda: bool(failures))
        assert f"OSC port {port}" in failures[0]
        assert outside._controls._osc is None
    playing.wait(lambda: outside._controls._osc is not None)
    assert outside.settings.osc_port == port
    assert len(failures) == 1


def test_what_comes_from_outside_and_the_hand_are_steps_of_their_own(playing: Bench) -> None:
    surface, instrument = playing.window.surface, playing.instrument
    for x in (0.1, 0.2):
        surface.move_to(x, 0.0)
        surface.set("macro/1", x)
    playing.press(-0.5, -0.5)
    playing.release(-0.5, -0.5)
    undo = Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    playing.key(*undo)
    assert instrument.session.place == Snapshot(0.2, 0.0, {"Tightness": 0.2})
    QTest.qWait(PAUSE_MS + 100)
    surface.set("macro/1", 0.5)
    for macros in ({"Tightness": 0.2}, {}):
        playing.key(*undo)
        assert instrument.session.macros == macros
    playing.key(*undo)
    assert not instrument.can_undo


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
    pick(menu_of(slider), "Learn MIDI: choose an input first")
    preferences = playing.app.dialogs.preferences
    assert preferences.pages.currentWidget() is preferences.findChild(ControlPage)
    preferences.reject()
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


def test_a_snapshot_learns_a_note(playing: Bench) -> None:
    outside, key = playing.app.outside, playing.window.panel.snapshots.keys[3]
    playing.instrument.edit(None, morph_beats=0.0)
    playing.instrument.move_to(0.5, -0.5)
    playing.instrument.store_snapshot(3)
    playing.instrument.move_to(0.0, 0.0)
    outside.change(midi_in="Pads", notes=Notes.GATE)
    playing.wait(lambda: outside._controls is not None and outside._controls.settings.midi_in == "Pads")
    pick(menu_of(key), "Learn MIDI")
    assert "hit the pad" in playing.window.line.text
    outside._controls._midi.receive((0x99, 36, 12))
    playing.wait(lambda: playing.engine.position == (0.5, -0.5))
    playing.wait(lambda: outside.settings.mapping.of("snapshot/3") is not None)
    assert "note 36, channel 10 sets: Snapshot 3" in playing.window.line.text
    outside._controls._midi.receive((0x89, 36, 0))
    kept = store.read(playing.folder / "control.json").mapping.of("snapshot/3")
    assert kept.knob == Knob(Kind.NOTE, 36, 10)
    playing.instrument.move_to(0.0, 0.0)
    playing.wait(lambda: outside._controls.settings == outside.settings)
    outside._controls._midi.receive((0x99, 36, 1))
    playing.wait(lambda: playing.engine.position == (0.5, -0.5))
    assert not playing.engine.playing, "the gate does not hear it"
    pick(menu_of(key), "Forget note 36")
    assert outside.settings.mapping.of("snapshot/3") is None


def test_every_control_can_learn_a_knob(playing: Bench) -> None:
    outside, window = playing.app.outside, playing.window
    outside.change(midi_in="Knobs")
    playing.wait(lambda: outside._controls is not None and outside._controls.settings.midi_in == "Knobs")
    bar, panel = window.bar, window.panel
    lock = panel.shape.lock
    playing.wait(lambda: panel.loop.loop is not None)
    places: list[tuple[QWidget, QPoint | None, str]] = [
        (bar.play, None, "play"), (bar.tempo.lineEdit(), None, "tempo"), (bar.volume, None, "volume"),
        (bar.later, None, "nudge/ahead"), (bar.undo, None, "undo"), (panel.quantise, None, "quantise"),
        (panel.morph, None, "morph"), (panel.snapshots.keys[4], None, "snapshot/4"),
        (panel.freeze, None, "freeze"), (panel.path, None, "path"), (panel.motion.mix, None, "mix"),
        (panel.chain.play, None, "chain"), (panel.stems.strips["kick"].mute, None, "mute/kick"),
        (lock, lock.segment(2).center().toPoint(), "lock/kit"),
        (panel.loop, QPoint(5, panel.loop.height() // 2), "mute_step/1")]
    for number, (widget, place, name) in enumerate(places, 30):
        if not widget.isVisible():
            panel.pages.show_widget(next(
                    page for page in (panel.motion, panel.chain, panel.stems, panel.shape)
                    if page.isAncestorOf(widget)))
        pick(menu_of(widget, place), "Learn MIDI …")
        outside._controls._midi.receive((0xB0, number, 64))
        playing.wait(lambda: outside.settings.mapping.of(name) is not None)  # noqa: B023  # at once
        assert outside.settings.mapping.of(name).knob.number == number
        if name == "volume":
            assert "CC 32, channel 1 sets: Volume" in window.line.text
        playing.wait(lambda: outside._controls.settings == outside.settings)
    QTest.mousePress(playing.pad, Qt.MouseButton.RightButton, pos=playing.place(0.5, 0.5).toPoint())
    pick(QApplication.activePopupWidget(), "Learn MIDI for: pad, left to right")
    outside._controls._midi.receive((*KNOB, 0))
    playing.wait(lambda: playing.pad.position[0] == -1)
    assert outside.settings.mapping.of("x").knob.number == KNOB[1]


def test_what_only_the_window_has_is_done_from_outside(playing: Bench) -> None:
    surface, instrument = playing.window.surface, playing.instrument
    instrument.edit(None, morph_beats=0.0)
    for name, value in (("store/a", 1), ("x", 0.5), ("store/b", 1), ("a", 1), ("mutation", 0.3),
                        ("nudge/back", 1)):
        surface.set(name, value)
    playing.wait(lambda: playing.engine.transport.nudged == -5)
    assert (instrument.session.x, instrument.session.mix, instrument.session.mutation) == (0.0, 0.0, 0.3)
    surface.set("undo", 1)
    surface.set("undo", 1)
    surface.set("nudge/ahead", 1)
    playing.wait(lambda: playing.engine.transport.nudged == 0)
    assert instrument.session.x == 0.5
    assert playing.window.bar.redo.isEnabled()


def test_a_lock_that_is_let_go_leaves_the_other(playing: Bench) -> None:
    surface = playing.window.surface
    for name, value in (("lock/groove", 1), ("lock/kit", 0), ("volume", -20)):
        surface.set(name, value)
    playing.wait(lambda: playing.instrument.session.volume == -20)
    assert playing.instrument.session.lock == "groove"


def test_the_page_tells_what_only_the_window_does() -> None:
    page = (Path(__file__).parents[2] / "docs" / "osc.md").read_text()
    for parameter in ONLY_HERE:
        assert any(f"`{parameter.name}`" in line for line in page.splitlines() if line.startswith("|"))


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
