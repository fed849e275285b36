# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the documentation's pictures of the real window, on a screen and a sound card of its own.

    python docs/make_screenshots.py [--model FILE] [--faces FILE] [--out docs/images] [--planes DIR]

Needs Xvfb and jackd (Debian: xvfb, jackd2), and Pillow for the moving picture.
"""

import argparse
import contextlib
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))
import jack

SCREEN = "2600x1700x24"
BUFFER = 512
WIDTH, HEIGHT = 1240, 780
FRAMES, FRAME_MS = 48, 80
ROUGH = 0.26
"""Share of a plane's loops after which its picture no longer changes much."""


@contextlib.contextmanager
def machine(folder: Path) -> Iterator[None]:
    """A screen and a sound card that exist only here."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten",
                               "tcp"],
                              pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as answer:
        os.environ["DISPLAY"] = f":{answer.readline().strip()}"
    os.environ.update(QT_QPA_PLATFORM="xcb", VAESYNTH_RUNTIME_DIR=str(folder / "runtime"))
    try:
        with jack.jack_server(folder, BUFFER):
            yield
    finally:
        screen.terminate()
        screen.wait(10)


class Photographer:
    """Plays the window and takes pictures of it."""

    def __init__(self, folder: Path, out: Path, model: Path | None, faces: Path | None,
                 cache: Path | None = None) -> None:
        from PyQt6.QtTest import QTest
        from PyQt6.QtWidgets import QApplication

        from vaesynth_gui.app import Application
        from vaesynth_gui.opening import AudioSettings
        from vaesynth_gui.settings import Settings

        self.qt = QApplication([])
        self.out, self._test = out, QTest
        self.app = Application(Settings.in_file(folder / "settings.ini"), folder / "session.json",
                               cache or folder / "planes",
                               AudioSettings("system", None, BUFFER), control_file=folder / "control.json")
        self.window = self.app.window
        self.window.resize(WIDTH, HEIGHT)
        self.app.show(model, faces)
        self.window.resize(WIDTH, HEIGHT)

    def wait(self, milliseconds: int) -> None:
        """Let the window live."""
        self._test.qWait(milliseconds)

    def until(self, condition: Callable[[], bool], seconds: float = 900) -> None:
        """Let the window live until a condition holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                sys.exit("The window did not get there; is the machine busy?")
            self._test.qWait(20)

    def take(self, name: str, widget: object = None) -> None:
        """Keep what the window shows now."""
        picture = (widget or self.window).grab()  # type: ignore[attr-defined]
        picture.save(str(self.out / f"{name}.webp"), "WEBP", 86)
        print(f"{name}.webp {picture.width()}×{picture.height()}", flush=True)

    def glide(self, steps: int = 40) -> None:
        """Drag the puck along a curve, as a hand does."""
        from PyQt6.QtCore import Qt

        pad, left = self.window.pad, Qt.MouseButton.LeftButton
        for i in range(steps + 1):
            t = i / steps
            place = pad.place_of(-0.55 + 0.75 * t, 0.1 + 0.5 * math.sin(3.4 * t)).toPoint()
            if i == 0:
                self._test.mousePress(pad, left, pos=place)
            else:
                self._test.mouseMove(pad, place)
            self.wait(16)
        self._test.mouseRelease(pad, left, pos=place)

    def pages(self) -> None:
        """What stands beside the pad: sound, stems, movement, muted slices."""
        panel, instrument = self.window.panel, self.app.instrument
        for step in (3, 6, 11):
            instrument.toggle_step(step)
        instrument.shape(None, drive=9.0, low_cut=90.0, reverb=0.2)
        panel.pages.show_widget(panel.sound)
        self.wait(1500)
        self.take("shaping", panel)
        instrument.undo()
        for _ in range(3):
            instrument.undo()
        instrument.toggle_stem("muted_stems", "snare")
        instrument.toggle_stem("solo_stems", "kick")
        panel.pages.show_widget(panel.stems)
        self.wait(1500)
        self.take("stems", panel)
        instrument.undo()
        instrument.undo()
        instrument.store_end("a")
        instrument.move_to(-0.6, 0.5)
        instrument.store_end("b")
        panel.pages.show_widget(panel.motion)
        self.wait(800)
        self.take("move", panel)
        panel.pages.show_widget(panel.shape)

    def chain(self) -> None:
        """Places of the pad as bars, one of them sounding."""
        panel, instrument, chaining = self.window.panel, self.app.instrument, self.window.chaining
        for x, y in ((-0.6, 0.4), (0.5, 0.3), (0.0, -0.6), (0.7, -0.7), (-0.3, -0.2)):
            instrument.move_to(x, y)
            chaining.add()
        panel.pages.show_widget(panel.chain)
        chaining.toggle()
        self.until(lambda: panel.chain.strip.sounding == 2)
        self.take("chain", panel)
        chaining.toggle()
        instrument.set_chain(())
        panel.pages.show_widget(panel.shape)

    def menus(self) -> None:
        """What can be exported, and a control that learns a knob."""
        window = self.window
        window.exporting.popup(window.panel.export)
        self._take_popup("export")
        self.app.learning.popup(window.panel.snapshots.keys[1])
        self._take_popup("learn-midi")

    def _take_popup(self, name: str) -> None:
        from PyQt6.QtWidgets import QApplication
        self.wait(300)
        menu = QApplication.activePopupWidget()
        assert menu is not None
        self.take(name, menu)
        menu.close()

    def own_loops(self, loops: list[Path]) -> None:
        """The menu, and loops from elsewhere on the pad."""
        window, instrument = self.window, self.app.instrument
        window.menu.popup(window.mapToGlobal(window.rect().center()))
        self._take_popup("menu")
        for file in loops:
            window.files.open(file)
        self.until(lambda: len(instrument.session.own_loops) >= len(loops))
        self.wait(800)
        self.take("own-loops", window.pad)
        instrument.edit(None, own_loops=())

    def learning(self, loops: list[Path]) -> None:
        """A short training, from the loops to its first examples."""
        guide = self.app.guide
        guide.open(loops)
        dialog = guide.dialog
        assert dialog is not None
        self.until(lambda: len(dialog.material.loops) == len(loops))
        self.wait(300)
        self.take("learn", dialog)
        dialog.material.minutes.addItem("", 1.0)
        dialog.material.minutes.setCurrentIndex(dialog.material.minutes.count() - 1)
        dialog.material.start.click()
        self.until(lambda: bool(dialog.run.examples.buttons), seconds=3600)
        self.wait(500)
        self.take("learning", dialog)
        dialog.run.cancel.click()
        self.until(lambda: not guide.training.running)
        dialog.close()

    def pucks_and_corners(self) -> None:
        """Kit and groove apart, and loops of one's own choice in the corners."""
        instrument, pad = self.app.instrument, self.window.pad
        instrument.set_lock("groove")
        instrument.move_to(0.35, -0.3)
        self.wait(1500)
        self.take("kit-and-groove")
        instrument.set_lock(None)
        examples = instrument.metadata.values["examples"]
        for corner, example in enumerate(examples[1:5]):
            instrument.pin(corner, example["name"], tuple(map(float, example["z"])))
        done: list[float] = []
        self.app.plane.progressed.connect(done.append)
        self.until(lambda: bool(done) and done[-1] >= ROUGH)
        self.wait(800)
        self.take("corners", pad)
        self.app.instrument.edit(None, corners={})
        self.wait(2000)

    def dialogs(self) -> None:
        """Messages, keys, models, preferences, exports."""
        window, dialogs = self.window, self.app.dialogs
        window.files.open(Path(__file__))
        self.until(lambda: bool(window.banner.message))
        self.take("message")
        window.banner.hide()
        window.show_shortcuts()
        self.wait(400)
        self.take("shortcuts", window.sheet)
        window.show_shortcuts()
        window.models_asked.emit()
        self.until(lambda: dialogs.browser is not None and dialogs.browser.list.currentItem() is not None)
        self.wait(1500)
        self.take("models", dialogs.browser)
        dialogs.browser.reject()
        window.preferences_asked.emit()
        self.wait(1500)
        self.take("preferences", dialogs.preferences)
        dialogs.preferences.list.setCurrentRow(1)
        self.wait(300)
        self.take("control", dialogs.preferences)
        dialogs.preferences.reject()
        window.exporting.ask_for_variations()
        self.wait(400)
        self.take("variations", window.exporting.variations)
        window.exporting.variations.reject()

    def movie(self, name: str) -> None:
        """A moving picture of pad, waveform and face, following a path."""
        from io import BytesIO

        from PIL import Image
        from PyQt6.QtCore import QBuffer, Qt

        frames = []
        for i in range(FRAMES):
            t = 2 * math.pi * i / FRAMES
            self.app.instrument.move_to(0.6 * math.sin(t), 0.55 * math.sin(2 * t + 0.4))
            self.wait(FRAME_MS)
            buffer = QBuffer()
            buffer.open(QBuffer.OpenModeFlag.WriteOnly)
            picture = self.window.grab().scaledToWidth(800, Qt.TransformationMode.SmoothTransformation)
            picture.save(buffer, "PNG")
            frames.append(Image.open(BytesIO(bytes(buffer.data()))).convert("RGB"))
        frames[0].save(self.out / f"{name}.webp", save_all=True, append_images=frames[1:],
                       duration=FRAME_MS, loop=0,
                       quality=62, method=4)
        print(f"{name}.webp {len(frames)} frames", flush=True)


def main() -> None:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--faces", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "images")
    parser.add_argument("--planes", type=Path, help="folder that keeps the pad's pictures for the next time")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    from vaesynth import loop_file
    with tempfile.TemporaryDirectory() as name, machine(Path(name)):
        p = Photographer(Path(name), options.out, options.model, options.faces, options.planes)
        window, instrument = p.window, p.app.instrument
        p.until(lambda: p.app.bridge.running)
        plane: list[float] = []
        p.app.plane.progressed.connect(plane.append)
        p.until(lambda: bool(plane) and plane[-1] >= 1)
        p.wait(800)
        p.take("first-start")
        p.glide()
        instrument.store_snapshot(1)
        for slot, x, y in ((2, -0.62, -0.45), (5, 0.55, 0.6)):
            instrument.move_to(x, y)
            instrument.store_snapshot(slot)
        p.glide()
        p.take("window")
        window.panel.spectrum.click()
        p.glide()
        p.take("spectrogram", window.panel)
        window.panel.spectrum.click()
        p.pages()
        p.chain()
        p.menus()
        p.pucks_and_corners()
        p.dialogs()
        loops = [Path(name) / "loops" / f"night {i}.wav" for i in (1, 2, 3, 4)]
        loops[0].parent.mkdir()
        for i, file in enumerate(loops):
            instrument.move_to(0.4 * i - 0.6, 0.6 - 0.4 * i)
            p.wait(900)
            loop_file.write(window.panel.loop.loop, file)
        p.own_loops(loops)
        p.learning(loops)
        p.movie("moving")
        window.theme_chosen.emit("light")
        p.wait(1500)
        p.glide()
        p.take("light")
        window.theme_chosen.emit("dark")
        window.resize(1024, 640)
        p.wait(1500)
        p.glide()
        p.take("small")
        window.resize(2560, 1440)
        p.wait(2500)
        p.glide()
        p.take("large")
        p.app.close()


if __name__ == "__main__":
    main()
