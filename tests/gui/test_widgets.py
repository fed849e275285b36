"""Controls by themselves."""

import pytest
from fakes import FakeEngine
from PyQt6.QtCore import QLocale, QPoint, Qt
from PyQt6.QtTest import QTest

from vaesynth_gui.settings import Settings
from vaesynth_gui.widgets import status_line
from vaesynth_gui.widgets.macros import MacroPanel
from vaesynth_gui.widgets.meter import LevelMeter
from vaesynth_gui.widgets.number_field import TempoField
from vaesynth_gui.widgets.segmented import Segmented
from vaesynth_gui.widgets.slider import Slider
from vaesynth_gui.widgets.status_line import StatusLine

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot) -> Slider:
    made = Slider(-2, 2, 0.5)
    qtbot.addWidget(made)
    made.resize(200, 22)
    made.moved.connect(made.set_value)
    made.show()
    return made


def test_slider_goes_where_it_is_pressed_and_not_beyond(slider: Slider) -> None:
    QTest.mousePress(slider, LEFT, pos=slider.place_of(-1.0).toPoint())
    assert slider.value == pytest.approx(-1, abs=0.03)
    QTest.mouseMove(slider, QPoint(900, 5))
    assert slider.value == 2
    QTest.mouseRelease(slider, LEFT)
    QTest.mouseDClick(slider, LEFT, pos=QPoint(20, 5))
    assert slider.value == 0.5


def test_slider_by_keys(slider: Slider) -> None:
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value == pytest.approx(0.58)
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert slider.value == -2
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.value == 2


def test_every_segment_can_be_chosen(qtbot) -> None:
    segmented = Segmented(["Now", "1/16", "Bar"])
    qtbot.addWidget(segmented)
    segmented.resize(300, 28)
    chosen: list[int] = []
    segmented.chosen.connect(chosen.append)
    for i in range(3):
        QTest.mouseClick(segmented, LEFT, pos=segmented.segment(i).center().toPoint())
    segmented.set_index(1)
    QTest.keyClick(segmented, Qt.Key.Key_Right)
    segmented.set_index(0)
    QTest.keyClick(segmented, Qt.Key.Key_Left)
    assert chosen == [0, 1, 2, 2]


def test_clip_light_stays_until_it_is_put_out(qtbot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.set_level(0.5, 0.5, 0)
    assert not meter.clip_light
    meter.set_level(1.0, 1.0, 3)
    meter.set_level(0.1, 0.1, 3)
    assert meter.clip_light
    QTest.mouseClick(meter, LEFT)
    assert not meter.clip_light
    meter.set_level(0.1, 0.1, 0)  # a new server counts from the start
    meter.set_level(0.1, 0.1, 1)
    assert meter.clip_light


@pytest.mark.parametrize("language", ["de_DE", "en_GB", "de_CH"])
@pytest.mark.parametrize(("typed", "bpm"), [("97.5", 97.5), ("98,5", 98.5), ("1.120", 120), ("1,120", 120),
                                            ("1.120,5", 120), ("101", 101)])
def test_comma_and_point_both_set_off_decimals(qtbot, language: str, typed: str, bpm: float) -> None:
    """What is out of range or no number leaves the tempo as it was."""
    field = TempoField()
    field.setLocale(QLocale(language))
    qtbot.addWidget(field)
    field.show_number(120)
    field.selectAll()
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == bpm


def test_tempo_by_dragging(qtbot) -> None:
    field = TempoField()
    qtbot.addWidget(field)
    field.show_number(120)
    field.show()
    asked: list[float] = []
    field.asked.connect(asked.append)
    edit = field.lineEdit()
    QTest.mousePress(edit, LEFT, pos=QPoint(20, 20))
    for up in range(1, 31):
        QTest.mouseMove(edit, QPoint(20, 20 - up))
    QTest.mouseRelease(edit, LEFT, pos=QPoint(20, -10))
    assert asked[-1] == 130
    assert not edit.hasFocus()


def test_macros_follow_the_model(qtbot) -> None:
    panel = MacroPanel()
    qtbot.addWidget(panel)
    panel.set_macros([{"name": n, "min": -1, "max": 1, "default": 0.25} for n in ("A", "B")])
    panel.set_values({"B": 0.75, "gone": 3})
    assert [panel.sliders[n].slider.value for n in ("A", "B")] == [0.25, 0.75]
    panel.set_macros([])
    assert not panel.sliders


def test_dropouts_warn_while_they_are_fresh(qtbot, tmp_path, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(status_line.time, "monotonic", lambda: now[0])
    (tmp_path / "a.onnx").write_bytes(b"model")
    from dataclasses import replace
    status = FakeEngine(tmp_path / "a.onnx").status()
    line = StatusLine()
    qtbot.addWidget(line)
    line.set_status(status)
    assert line._right[0][:2] == ("0 dropouts", "muted")
    line.set_status(replace(status, xruns=2))
    assert line._right[0][:2] == ("2 dropouts", "warning")
    now[0] += status_line.FRESH + 1
    line.set_status(replace(status, xruns=2))
    assert line._right[0][:2] == ("2 dropouts", "muted")
    line.set_status(replace(status, server_alive=False))
    assert line.text.startswith("No sound")


def test_settings_come_back_and_nonsense_reads_as_the_default(tmp_path) -> None:
    settings = Settings.in_file(tmp_path / "a.ini")
    settings.theme, settings.buffer_frames = "light", 512
    settings.device, settings.reduced_motion = "system", True
    for i in range(12):
        settings.add_recent(f"/m/{i % 10}.onnx")
    again = Settings.in_file(tmp_path / "a.ini")
    assert (again.theme, again.buffer_frames) == ("light", 512)
    assert (again.device, again.reduced_motion) == ("system", True)
    assert again.recent[:2] == ["/m/1.onnx", "/m/0.onnx"]
    assert len(again.recent) == len(set(again.recent)) == 8
    again.theme, again.buffer_frames = "plaid", 7
    assert (again.theme, again.buffer_frames) == ("dark", 256)
    assert again.faces is None
