"""Readable, and with one voice."""

import itertools

import numpy as np
import pytest
from fakes import drum_loop, tone
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QFontInfo, QImage, QPainter
from PyQt6.QtWidgets import QStyle, QStyleOptionButton
from rig import Bench

from vaesynth.engine import SyncStatus
from vaesynth_gui import icons, theme
from vaesynth_gui.loop_pictures import MEL_BANDS, MEL_COLUMNS, mel_spectrogram, outline
from vaesynth_gui.theme import DARK, LIGHT, Colours

AA = 4.5
"""WCAG 2.2, 1.4.3: contrast of text."""
GRAPHICS = 3.0
"""1.4.11: contrast of what must be seen to work a control."""


def luminance(colour: QColor) -> float:
    parts = np.array(colour.getRgbF()[:3])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a: QColor, b: QColor) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("c", [DARK, LIGHT], ids=["dark", "light"])
def test_text_reaches_aa_on_every_surface(c: Colours) -> None:
    for text, surface in itertools.product(("text", "muted"), ("background", "surface", "raised", "pressed")):
        assert contrast(c[text], c[surface]) >= AA, (text, surface)
    for surface in ("accent", "warning", "good"):
        assert contrast(c["on_accent"], c[surface]) >= AA, surface
    surfaces = ("background", "surface", "raised")
    for text, surface in itertools.product(("warning", "danger", "good"), surfaces):
        assert contrast(c[text], c[surface]) >= AA, (text, surface)
    assert contrast(c["accent"], c["surface"]) >= AA


@pytest.mark.parametrize("c", [DARK, LIGHT], ids=["dark", "light"])
def test_graphics_can_be_told_from_their_surface(c: Colours) -> None:
    for name in ("accent", "good", "danger", "wave_body"):
        assert contrast(c[name], c["surface"]) >= GRAPHICS, name


def test_every_icon_draws_something(qapp) -> None:
    for name in icons.LUCIDE:
        image = QImage(48, 48, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        icons.draw(painter, name, QRectF(0, 0, 48, 48), QColor("white"))
        painter.end()
        inked = sum(image.pixelColor(x, y).alpha() > 128 for x in range(48) for y in range(48))
        assert 20 < inked < 48 * 48 * 0.6, name


def test_the_bundled_typeface_is_used(bench: Bench) -> None:
    assert QFontInfo(bench.window.font()).family() == theme.FAMILY


def test_a_change_of_theme_repaints_everything(playing: Bench) -> None:
    def background() -> QColor:
        return playing.window.grab().toImage().pixelColor(3, 3)
    playing.window.theme_chosen.emit("light")
    playing.wait(lambda: background() == LIGHT["background"])
    playing.window.theme_chosen.emit("dark")
    playing.wait(lambda: background() == DARK["background"])


@pytest.mark.parametrize("size", [(1024, 640), (1240, 780), (1900, 1060), (1024, 1100)])
def test_nothing_overlaps_at_any_size(playing: Bench, size: tuple[int, int]) -> None:
    window = playing.window
    window.resize(*size)
    playing.wait(lambda: (window.width(), window.height()) == size)
    plate = playing.pad.plate()
    assert plate.width() == plate.height() >= 400
    pad, panel = playing.pad.geometry(), window.panel.geometry()
    assert pad.right() < panel.left()
    parent = window.panel.parentWidget().rect()
    assert parent.contains(panel)
    assert parent.contains(pad)
    for widget in (window.panel.loop, window.panel.face, window.panel.snapshots, window.panel.quantise):
        assert widget.width() >= widget.minimumSizeHint().width()
        assert widget.height() >= widget.minimumSizeHint().height()


def test_numbers_that_change_move_nothing(playing: Bench) -> None:
    bar = playing.window.bar
    before = [w.geometry() for w in (bar.tempo, bar.tap, bar.volume, bar.menu)]
    playing.instrument.set_tempo(40)
    playing.instrument.set_volume(-60)
    playing.instrument.set_tempo(200.5)
    playing.window.grab()
    assert [w.geometry() for w in (bar.tempo, bar.tap, bar.volume, bar.menu)] == before


def test_numbers_that_change_are_whole(playing: Bench) -> None:
    """At their widest: the volume, the others on Link, tempo and swing."""
    bar = playing.window.bar
    playing.window.resize(1240, 780)
    for db in (-60.0, -59.9, -48.8, -10.0, -9.9, 0.0, 6.0):
        bar.set_volume(db)
        text, metrics = bar.decibels.text(), bar.decibels.fontMetrics()
        assert metrics.horizontalAdvance(text) <= bar.decibels.contentsRect().width(), text
    for peers in (1, 12, 88, 128):
        bar.link.show_status(True, SyncStatus("link", peers))
        option = QStyleOptionButton()
        bar.link.initStyleOption(option)
        part = QStyle.SubElement.SE_PushButtonContents
        room = bar.link.style().subElementRect(part, option, bar.link).width()
        assert bar.link.fontMetrics().horizontalAdvance(bar.link.text()) <= room, bar.link.text()
    for field, number in ((bar.tempo, 240.0), (bar.tempo, 188.8), (bar.swing, 75)):
        field.show_number(number)
        edit = field.lineEdit()
        assert edit.fontMetrics().horizontalAdvance(edit.text()) <= edit.width() - 4, edit.text()


def test_outline_holds_every_sample() -> None:
    loop = drum_loop(0.5, 0.5)
    low, high, rms = outline(loop, 333)
    mono = loop.audio.mean(axis=1)
    assert len(low) == len(high) == len(rms) == 333
    assert low.min() == mono.min()
    assert high.max() == mono.max()
    assert (rms <= np.maximum(abs(low), abs(high)) + 1e-6).all()


def test_spectrogram_shows_a_tone_at_its_pitch() -> None:
    low, high = mel_spectrogram(tone(300, 0.5)), mel_spectrogram(tone(3000, 0.5))
    assert low.shape == (MEL_BANDS, MEL_COLUMNS)
    assert low[:, 100].argmax() < high[:, 100].argmax()
    assert high.max() == pytest.approx(1)
