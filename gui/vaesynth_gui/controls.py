# SPDX-License-Identifier: GPL-3.0-or-later
"""What the widgets ask for, done: pad, bar, panel and menus connected with the instrument."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QGuiApplication, QKeySequence, QShortcut

from vaesynth.metronome import Metronome

from .display import Display
from .gestures import Gestures
from .pad_menu import PadMenu
from .settings import Settings
from .state.instrument import Instrument
from .state.motion import Motion
from .widgets.pad.marks import Mark
from .widgets.top_bar import NUDGE_MS

if TYPE_CHECKING:
    from .window import Window

MIX_STEP = 0.05
"""How far a key goes on the way from A to B."""


class Controls(QObject):
    """Connects each control with what it does."""

    def __init__(self, window: "Window", instrument: Instrument, motion: Motion, gestures: Gestures,
                 display: Display, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._instrument, self._motion = window, instrument, motion
        self._gestures, self._display, self._settings = gestures, display, settings
        self._connect_pad()
        self._connect_bar()
        self._connect_panel()
        self._connect_pages()
        self._connect_chain()
        self._connect_files()
        self._connect_menu()
        self._make_shortcuts()

    def _connect_pad(self) -> None:
        pad = self._window.pad
        pad.pressed.connect(self._on_pressed)
        pad.moved.connect(self._on_moved)
        pad.held_moved.connect(self._instrument.move_held)
        pad.released.connect(self._on_released)
        pad.resized.connect(lambda side: self._window.want_plane())
        pad.menu_asked.connect(self._show_pad_menu)

    def _connect_bar(self) -> None:
        bar, instrument = self._window.bar, self._instrument
        bar.play.clicked.connect(self._toggle_playing)
        bar.record.clicked.connect(self._toggle_taping)
        bar.tap.pressed.connect(self._gestures.tap)
        bar.tempo.asked.connect(lambda bpm: self._set_number(instrument.set_tempo, bpm))
        bar.tempo.released.connect(partial(instrument.finish_gesture, "tempo"))
        bar.swing.asked.connect(lambda percent: self._set_number(instrument.set_swing, percent))
        bar.swing.released.connect(partial(instrument.finish_gesture, "swing"))
        bar.metronome.clicked.connect(self._set_metronome)
        bar.earlier.clicked.connect(lambda: self._gestures.nudge(-NUDGE_MS))
        bar.later.clicked.connect(lambda: self._gestures.nudge(NUDGE_MS))
        bar.volume.moved.connect(instrument.set_volume)
        bar.volume.released.connect(partial(instrument.finish_gesture, "volume"))
        bar.undo.clicked.connect(self._gestures.undo)
        bar.redo.clicked.connect(self._gestures.redo)

    def _set_metronome(self, on: bool) -> None:
        self._instrument.set_metronome(Metronome.MAIN if on else Metronome.OFF)

    def _connect_panel(self) -> None:
        instrument, panel, gestures = self._instrument, self._window.panel, self._gestures
        panel.quantise_chosen.connect(lambda q: instrument.edit(None, quantise=q))
        panel.morph_chosen.connect(lambda b: instrument.edit(None, morph_beats=b))
        panel.snapshots.recalled.connect(gestures.recall)
        panel.snapshots.stored.connect(instrument.store_snapshot)
        panel.snapshots.cleared.connect(instrument.clear_snapshot)
        panel.random.clicked.connect(gestures.jump)
        panel.mutate.clicked.connect(gestures.mutate)
        panel.record.clicked.connect(self._motion.toggle_recording)
        panel.path.clicked.connect(instrument.set_path_playing)
        panel.freeze.pressed.connect(lambda: gestures.freeze(True))
        panel.freeze.released.connect(lambda: gestures.freeze(False))
        panel.freeze.other_asked.connect(self._window.toggle_freeze)
        panel.loop.step_clicked.connect(instrument.toggle_step)
        panel.spectrum.clicked.connect(self._display.show_spectrogram)
        self._motion.recording_changed.connect(self._display.show_recording)

    def _connect_pages(self) -> None:
        instrument, shape, move = self._instrument, self._window.panel.shape, self._window.panel.motion
        shape.lock_chosen.connect(instrument.set_lock)
        shape.macros.moved.connect(instrument.set_macro)
        shape.macros.released.connect(lambda name: instrument.finish_gesture(f"macro {name}"))
        sound, stems = self._window.panel.sound, self._window.panel.stems
        sound.moved.connect(lambda name, value: instrument.shape(name, **{name: value}))
        sound.released.connect(instrument.finish_gesture)
        stems.mute_asked.connect(lambda voice: instrument.toggle_stem("muted_stems", voice))
        stems.solo_asked.connect(lambda voice: instrument.toggle_stem("solo_stems", voice))
        move.mix_asked.connect(self._gestures.mix)
        move.mix_released.connect(partial(instrument.finish_gesture, "mix"))
        move.mutation_asked.connect(lambda v: instrument.edit("mutation", mutation=v))
        move.mutation_released.connect(partial(instrument.finish_gesture, "mutation"))
        move.speed_chosen.connect(lambda v: instrument.edit(None, path_speed=v))
        for button in (move.a, move.b):
            button.asked.connect(self._gestures.end)
            button.stored.connect(instrument.store_end)

    def _connect_chain(self) -> None:
        page, chaining = self._window.panel.chain, self._window.chaining
        page.play.clicked.connect(chaining.toggle)
        page.snapshots.clicked.connect(chaining.take_snapshots)
        page.clear.clicked.connect(chaining.clear)
        page.replaced.connect(chaining.put)
        page.strip.asked.connect(chaining.go)
        page.strip.added.connect(chaining.add)
        page.strip.removed.connect(chaining.remove)
        page.strip.moved.connect(chaining.move)
        chaining.noted.connect(self._window.line.set_note)

    def _connect_files(self) -> None:
        window = self._window
        window.panel.export.clicked.connect(lambda: window.exporting.popup(window.panel.export))
        window.exporting.noted.connect(window.line.set_note)
        window.exporting.failed.connect(window.banner.show_error)
        window.taping.runs.connect(window.line.set_recording)
        window.taping.runs.connect(lambda text: window.bar.set_recording(bool(text)))
        window.taping.noted.connect(window.line.set_note)
        window.taping.failed.connect(window.banner.show_error)
        self._gestures.noted.connect(window.line.set_note)
        self._gestures.lasts.connect(window.line.hold_note)
        window.files.noted.connect(window.line.set_note)
        window.files.failed.connect(window.banner.show_error)
        window.files.placed.connect(lambda x, y, also: self._gestures.go_to(x, y, **also))
        window.files.session_given.connect(window.saving.open)
        window.saving.noted.connect(window.line.set_note)
        window.saving.failed.connect(window.banner.show_error)

    def _connect_menu(self) -> None:
        window, menu, bar = self._window, self._window.menu, self._window.bar
        bar.model.clicked.connect(window.models_asked)
        bar.help.clicked.connect(window.show_shortcuts)
        bar.menu.clicked.connect(lambda: menu.popup(bar.menu.mapToGlobal(QPoint(0, bar.menu.height() + 4))))
        menu.models_asked.connect(window.models_asked)
        menu.learning_asked.connect(window.learning_asked)
        menu.preferences_asked.connect(window.preferences_asked)
        menu.sheet_asked.connect(window.show_shortcuts)
        menu.close_asked.connect(window.close)
        menu.bars_chosen.connect(lambda bars: self._instrument.edit(None, bars=bars))
        menu.mode_chosen.connect(lambda mode: self._instrument.edit(None, tempo_mode=mode))

    def _make_shortcuts(self) -> None:
        window, gestures, instrument = self._window, self._gestures, self._instrument
        files = window.files
        once = {
            "Space": self._toggle_playing, "T": gestures.tap, "R": gestures.jump, "M": gestures.mutate,
            "C": window.chaining.toggle, "Shift+C": window.chaining.add,
            "A": lambda: gestures.end("a"), "B": lambda: gestures.end("b"),
            "Shift+A": lambda: instrument.store_end("a"), "Shift+B": lambda: instrument.store_end("b"),
            "K": lambda: self._set_metronome(instrument.session.metronome is Metronome.OFF),
            "P": self._motion.toggle_recording, "Shift+P": gestures.toggle_path,
            "S": lambda: self._display.show_spectrogram(not self._settings.spectrogram),
            "Ctrl+T": window.learning_asked.emit, "Ctrl+,": window.preferences_asked.emit,
            "Ctrl+O": files.ask, "Ctrl+S": window.saving.ask, "Ctrl+E": window.exporting.ask_for_loop,
            "Ctrl+C": gestures.copy_position, "Ctrl+R": window.taping.toggle,
            "F1": window.show_shortcuts, "?": window.show_shortcuts, "F11": self._toggle_full_screen,
            "Ctrl+Q": window.close}
        repeated = {
            "Ctrl+Z": gestures.undo, "Ctrl+Shift+Z": gestures.redo, "Ctrl+Y": gestures.redo,
            "[": lambda: gestures.nudge(-NUDGE_MS), "]": lambda: gestures.nudge(NUDGE_MS),
            ",": lambda: self._step_mix(-MIX_STEP), ".": lambda: self._step_mix(MIX_STEP)}
        for keys, act in (once | repeated).items():
            shortcut = QShortcut(QKeySequence(keys), window)
            shortcut.setAutoRepeat(keys in repeated)
            shortcut.activated.connect(act)

    def _set_number(self, set_number: Callable[[float], None], number: float) -> None:
        """Of a number nobody tells when the wheel has come to rest; the end of a drag is told."""
        if QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            set_number(number)
        else:
            with self._instrument.unheld():
                set_number(number)

    def _step_mix(self, step: float) -> None:
        with self._instrument.unheld():
            self._gestures.mix(self._instrument.session.mix + step)

    def _on_pressed(self) -> None:
        self._instrument.finish_gesture("move", "move held")
        self._motion.hold(True)
        # The first touch plays: nobody needs to find the button first.
        if not self._display.touched:
            self._display.touch()
            self._instrument.set_playing(True)

    def _on_moved(self, x: float, y: float) -> None:
        self._motion.hold(True)  # by arrow keys, too, which press nothing
        self._instrument.move_to(x, y)

    def _on_released(self) -> None:
        self._motion.hold(False)
        self._instrument.finish_gesture("move", "move held")

    def _toggle_playing(self) -> None:
        self._display.touch()
        self._instrument.toggle_playing()

    def _toggle_taping(self) -> None:
        self._window.taping.toggle()
        self._window.bar.set_recording(self._window.taping.running)

    def _toggle_full_screen(self) -> None:
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_pad_menu(self, where: QPointF, mark: Mark | None) -> None:
        menu = PadMenu(self._gestures, self._instrument, mark, self._window)
        self._window.pad_menu_made.emit(menu)
        menu.popup(where.toPoint())
