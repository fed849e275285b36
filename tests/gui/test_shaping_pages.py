"""Sound and stems beside the pad: what a hand sets there reaches the engine, and undo takes it back."""

import subprocess
import sys

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QStackedWidget, QWidget
from rig import Bench

from vaesynth.shaping import NEUTRAL
from vaesynth.shaping.settings import RANGES
from vaesynth_gui.widgets.sound_page import SCALES, SoundPage
from vaesynth_gui.widgets.stems_page import StemsPage

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def sound(playing: Bench) -> SoundPage:
    panel = playing.window.panel
    tabs = panel.pages.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.segment(1).center().toPoint())
    assert panel.sound.isVisible()
    return panel.sound


@pytest.fixture
def stems(playing: Bench) -> StemsPage:
    panel = playing.window.panel
    tabs = panel.pages.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.segment(2).center().toPoint())
    assert panel.stems.isVisible()
    return panel.stems


def click_at(sound: SoundPage, name: str, place: float) -> None:
    slider = sound.sliders[name].slider
    QTest.mouseClick(slider, LEFT, pos=slider.place_of(place).toPoint())


@pytest.mark.parametrize("scale", SCALES, ids=lambda s: s.name)
def test_a_scale_covers_its_range_and_comes_back(scale) -> None:
    low, high, _ = RANGES[scale.name]
    for place in (0.01, 0.3, 0.99):
        value = scale.value(place)
        assert low <= value <= high
        assert scale.place(value) == pytest.approx(place)
    ends = [scale.value(0.0), scale.value(1.0)]
    assert ends == pytest.approx([None if scale.off == 0 else low, None if scale.off == 1 else high])
    assert 0 <= scale.place(getattr(NEUTRAL, scale.name)) <= 1


def test_the_window_is_there_without_them() -> None:
    code = ("import sys, vaesynth_gui.app\n"
            "assert not {'scipy', 'pyloudnorm', 'pedalboard', 'onnxruntime'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_its_libraries_are_loaded_when_the_page_comes_into_sight(playing: Bench) -> None:
    assert not playing.engine.expects_shaping
    tabs = playing.window.panel.pages.tabs
    QTest.mouseClick(tabs, LEFT, pos=tabs.segment(1).center().toPoint())
    assert playing.engine.expects_shaping


def test_sliders_shape_the_sound(playing: Bench, sound: SoundPage) -> None:
    click_at(sound, "drive", 0.5)
    assert playing.engine.shaping.drive == pytest.approx(18, abs=0.6)
    assert sound.sliders["drive"].value.text().endswith("dB")
    click_at(sound, "low_cut", 0.5)
    assert playing.engine.shaping.low_cut == pytest.approx(200, rel=0.06)
    click_at(sound, "reverb", 0.25)
    assert playing.engine.shaping.reverb == pytest.approx(0.25, abs=0.02)
    click_at(sound, "loudness", 0.75)
    assert playing.engine.shaping.loudness == pytest.approx(-14.5, abs=0.6)
    playing.key(Qt.Key.Key_Z, CONTROL)
    assert playing.engine.shaping.loudness is None
    assert playing.engine.shaping.reverb > 0


def test_a_double_click_switches_off(playing: Bench, sound: SoundPage) -> None:
    click_at(sound, "high_cut", 0.4)
    assert playing.engine.shaping.high_cut is not None
    QTest.mouseDClick(sound.sliders["high_cut"].slider, LEFT)
    assert playing.engine.shaping == NEUTRAL
    assert sound.sliders["high_cut"].value.text() == "off"


def test_a_drag_is_one_step_of_undo(playing: Bench, sound: SoundPage) -> None:
    slider = sound.sliders["drive"].slider
    QTest.mousePress(slider, LEFT, pos=slider.place_of(0.2).toPoint())
    QTest.mouseMove(slider, slider.place_of(0.6).toPoint())
    playing.wait(lambda: playing.engine.shaping.drive > 15)
    QTest.mouseRelease(slider, LEFT, pos=slider.place_of(0.6).toPoint())
    playing.key(Qt.Key.Key_Z, CONTROL)
    assert playing.engine.shaping.drive == 0


def test_stems_are_muted_and_soloed(playing: Bench, stems: StemsPage) -> None:
    assert list(stems.strips) == ["kick", "snare", "hat_closed", "tom"]
    QTest.mouseClick(stems.strips["kick"].mute, LEFT)
    assert playing.engine.shaping.muted_stems == ("kick",)
    assert not stems.strips["kick"]._name.isEnabled()
    QTest.mouseClick(stems.strips["kick"].mute, LEFT)
    QTest.mouseClick(stems.strips["hat_closed"].solo, LEFT)
    assert playing.engine.shaping.muted_stems == ()
    assert playing.engine.shaping.solo_stems == ("hat_closed",)
    assert [s._name.isEnabled() for s in stems.strips.values()] == [False, False, True, False]
    stems.strips["snare"].solo.setFocus(Qt.FocusReason.TabFocusReason)
    playing.key(Qt.Key.Key_Return)
    assert playing.engine.shaping.solo_stems == ("hat_closed", "snare")


def test_shaping_comes_back_with_the_session(playing: Bench, sound: SoundPage) -> None:
    click_at(sound, "drive", 0.5)
    playing.instrument.toggle_step(3)
    wanted = playing.engine.shaping
    playing.app.close()
    playing.start()
    playing.show()
    assert playing.engine.shaping == wanted
    assert playing.window.panel.sound.sliders["drive"].value.text() != "off"


def test_strips_fit_a_page_that_is_shown_narrower_than_it_was_filled(qapp) -> None:
    page, stack = StemsPage(), QStackedWidget()
    stack.addWidget(QWidget())
    stack.addWidget(page)
    stack.resize(490, 120)
    stack.show()
    QTest.qWait(50)
    page.set_voices([f"voice {n}" for n in range(8)])
    stack.setCurrentWidget(page)
    QTest.qWait(50)
    right = max(strip.mapTo(page, strip.rect().topRight()).x() for strip in page.strips.values())
    assert right <= page.viewport().width()
    stack.deleteLater()
