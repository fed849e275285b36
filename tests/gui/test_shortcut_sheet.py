"""The sheet of keys: complete, and readable on the smallest screen."""

from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QPoint, QSize, Qt
from PyQt6.QtGui import QShortcut
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel, QScrollArea
from rig import Bench

from vaesynth_gui.widgets.buttons import Button
from vaesynth_gui.widgets.shortcut_sheet import ShortcutSheet

SECOND = {"Ctrl+Y"}
"""Second keys for what has one on the sheet."""


def keys_on(sheet: ShortcutSheet) -> set[str]:
    """As Qt writes them: `Shift + A, B` is `Shift+A` and `Shift+B`."""
    found = set()
    for _, entries in sheet.groups():
        for text, _ in entries:
            with_them, _, last = text.rpartition(" + ")
            before = with_them.replace(" ", "") + "+" if with_them else ""
            found |= {before + (key.rstrip(",") or key) for key in last.split()}
    return found


def test_every_shortcut_is_on_the_sheet(playing: Bench) -> None:
    keys = {shortcut.key().toString() for shortcut in playing.window.findChildren(QShortcut)}
    assert len(keys) > 25
    playing.key(Qt.Key.Key_F1)
    assert keys - SECOND <= keys_on(playing.window.sheet)


def test_it_fits_a_small_screen_and_scrolls(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = SimpleNamespace(availableSize=lambda: QSize(1024, 640))
    monkeypatch.setattr(ShortcutSheet, "screen", lambda sheet: screen)
    QTest.mouseClick(playing.window.bar.help, Qt.MouseButton.LeftButton)
    sheet = playing.window.sheet
    assert QTest.qWaitForWindowExposed(sheet)
    assert sheet.width() <= 1024
    assert sheet.height() <= 640
    close = next(button for button in sheet.findChildren(Button) if button.text() == "Close")
    assert sheet.rect().contains(close.geometry())
    area = sheet.findChild(QScrollArea)
    last = next(label for label in area.findChildren(QLabel) if label.text() == "This sheet")
    area.ensureWidgetVisible(last)
    assert area.viewport().rect().contains(last.mapTo(area.viewport(), QPoint(5, 5)))
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    playing.wait(lambda: playing.window.sheet is None)


def test_a_large_screen_shows_all_of_it(playing: Bench) -> None:
    playing.key("?")
    area = playing.window.sheet.findChild(QScrollArea)
    playing.wait(lambda: playing.window.sheet.isVisible())
    assert area.verticalScrollBar().maximum() == 0
    assert area.horizontalScrollBar().maximum() == 0
    playing.key(Qt.Key.Key_Escape)
