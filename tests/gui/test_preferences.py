"""The preferences, as a person changes them; they are there again after a restart."""

from types import SimpleNamespace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from rig import Bench

from vaesynth_gui import dialogs, places, theme
from vaesynth_gui.opening import AudioSettings
from vaesynth_gui.widgets.choice import Choice
from vaesynth_gui.widgets.preferences.control_page import ControlPage
from vaesynth_gui.widgets.preferences.folders_page import FoldersPage
from vaesynth_gui.widgets.preferences.look_page import LookPage
from vaesynth_gui.widgets.preferences.sound_page import SoundPage

CONTROL = Qt.KeyboardModifier.ControlModifier
Pages = tuple[SoundPage, ControlPage, LookPage, FoldersPage]


@pytest.fixture
def pages(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> Pages:
    monkeypatch.setattr(dialogs, "list_outputs", lambda: (["Card A", "Card B"], ["cuda", "cpu"]))
    playing.key(Qt.Key.Key_Comma, CONTROL)
    dialog = playing.app.dialogs.preferences
    assert dialog is not None
    assert QTest.qWaitForWindowExposed(dialog, 30_000)
    found = tuple(dialog.pages.widget(i) for i in range(dialog.pages.count()))
    playing.wait(lambda: found[0].device.findText("Card B") >= 0)
    return found


def choose(box: Choice, text: str) -> None:
    """With the keyboard, as a person who types the first letters."""
    box.setFocus()
    wanted = box.findText(text)
    assert wanted >= 0, text
    while box.currentIndex() != wanted:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < wanted else Qt.Key.Key_Up)


def test_another_device_opens_the_sound_again_on_it(playing: Bench, pages) -> None:
    sound = pages[0]
    choose(sound.device, "Card B")
    choose(sound.buffer, sound.buffer.itemText(0))
    choose(sound.provider, "cpu")
    QTest.mouseClick(sound.apply, Qt.MouseButton.LeftButton)
    playing.wait(lambda: len(playing.engines) == 2 and playing.app.bridge.running)
    assert playing.app.bridge.audio == AudioSettings("Card B", None, 64, "cpu")
    assert (playing.app.settings.device, playing.app.settings.buffer_frames) == ("Card B", 64)


def test_listening_aside_has_outputs_of_its_own(playing: Bench, pages) -> None:
    assert not playing.app.settings.has_cue
    choose(pages[0].cue_channels, "Outputs 3 and 4")
    assert playing.app.settings.cue_channels == (3, 4)
    assert playing.app.settings.has_cue


def test_look_changes_at_once_and_stays(playing: Bench, pages) -> None:
    look = pages[2]
    playing.app.dialogs.preferences.list.setCurrentRow(2)
    choose(look.theme, "Light")
    assert not theme.colours().dark
    QTest.keyClick(look.still, Qt.Key.Key_Space)
    assert playing.app.settings.reduced_motion
    choose(look.theme, "Dark")
    assert theme.colours().dark


def test_the_look_follows_the_system_s(playing: Bench, pages, qapp: QApplication,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    look, told = pages[2], qapp.styleHints().colorSchemeChanged
    playing.app.dialogs.preferences.list.setCurrentRow(2)
    choose(look.theme, "As the system")

    def system_is(scheme: Qt.ColorScheme) -> bool:
        """Whether the window is dark then; a screen without a desktop has no colours of its own."""
        with monkeypatch.context() as desktop:
            desktop.setattr(type(qapp), "styleHints", lambda _: SimpleNamespace(colorScheme=lambda: scheme))
            told.emit(scheme)
        return theme.colours().dark
    assert [system_is(s) for s in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark)] == [False, True]
    choose(look.theme, "Light")
    assert not system_is(Qt.ColorScheme.Dark), "who has chosen keeps the choice"
    choose(look.theme, "Dark")


def test_folders_are_taken_and_a_lost_one_falls_back(playing: Bench, pages) -> None:
    folders, settings = pages[3], playing.app.settings
    usual = places.of(settings, "models_folder")
    mine = playing.folder / "mine"
    mine.mkdir()
    folders.choose("models_folder", mine)
    assert places.of(settings, "models_folder") == mine
    assert folders.paths["models_folder"].text() == str(mine)
    mine.rmdir()
    assert places.of(settings, "models_folder") == usual
