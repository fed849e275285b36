# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window costs: a frame of the pad, of the loop view, and the start.

    xvfb-run -s "-screen 0 3840x2160x24" python bench/gui.py [--scale 2]

Frames are painted into the window's backing store as the puck moves. Processor time is shown beside the time
that passed, which a busy machine stretches.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

START = """
import sys, time
started = time.perf_counter()
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
import tempfile, pathlib
from vaesynth_gui.app import Application
from vaesynth_gui.opening import AudioSettings
from vaesynth_gui.settings import Settings
folder = pathlib.Path(tempfile.mkdtemp())
app = QApplication([])
settings = Settings.in_file(folder / "s.ini")
instrument = Application(settings, folder / "session.json", folder / "cache", AudioSettings())
instrument.window.show()
QTest.qWaitForWindowExposed(instrument.window)
app.processEvents()
print(time.perf_counter() - started, time.process_time())
sys.stdout.flush()
import os; os._exit(0)
"""


def report(name: str, wall: list[float], cpu: list[float]) -> None:
    """One line: median, 95th percentile, and median processor time in ms."""
    p95 = statistics.quantiles(wall, n=20)[-1]
    print(f"{name:<34} median {1000 * statistics.median(wall):6.2f} ms   p95 {1000 * p95:6.2f} ms   "
          f"processor {1000 * statistics.median(cpu):6.2f} ms")


def measure(frames: int, step: Callable[[int], None], rate: float = 0) -> tuple[list[float], list[float]]:
    """Times of `frames` calls, at most `rate` a second where given, and processor times."""
    wall, cpu = [], []
    begun = time.perf_counter()
    for i in range(frames):
        if rate:
            time.sleep(max(0.0, begun + i / rate - time.perf_counter()))
        t, c = time.perf_counter(), time.thread_time()
        step(i)
        wall.append(time.perf_counter() - t)
        cpu.append(time.thread_time() - c)
    return wall, cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--side", type=int, default=720, help="of the pad")
    parser.add_argument("--scale", default="1", help="QT_SCALE_FACTOR")
    options = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = options.scale
    starts = [tuple(map(float, subprocess.run([sys.executable, "-c", START], capture_output=True, text=True,
                                              check=True).stdout.split())) for _ in range(3)]
    print(f"{'start to visible window':<34} best {1000 * min(s[0] for s in starts):6.0f} ms"
          f"{'':<20} processor {1000 * min(s[1] for s in starts):6.0f} ms")

    import math

    import numpy as np
    from PyQt6.QtCore import QRect
    from PyQt6.QtGui import QImage
    from PyQt6.QtWidgets import QApplication

    from vaesynth.loop import Loop
    from vaesynth_gui import theme
    from vaesynth_gui.plane.field import Field
    from vaesynth_gui.plane.picture import paint
    from vaesynth_gui.widgets.loop_view import LoopView
    from vaesynth_gui.widgets.pad.marks import Mark
    from vaesynth_gui.widgets.pad.overlay import GUTTER
    from vaesynth_gui.widgets.pad.pad import XYPad

    app = QApplication([])
    theme.load_fonts()
    theme.apply(app, theme.DARK)
    rng = np.random.default_rng(0)
    pad = XYPad()
    pad.resize(options.side + GUTTER, options.side + GUTTER)
    pixels = round(options.side * pad.devicePixelRatioF())
    field = Field(*rng.normal(size=(2, 33, 33)).astype(np.float32))
    wall, cpu = measure(5, lambda i: _drop(paint(field, pixels, True)))
    report(f"plane picture, {pixels} px (worker)", wall, cpu)
    image = paint(field, pixels, True)
    pad.set_picture(QImage(image.tobytes(), pixels, pixels, 3 * pixels, QImage.Format.Format_RGB888))
    pad.set_examples(tuple(Mark(f"Example {i}", *rng.uniform(-1, 1, 2)) for i in range(24)))
    pad.set_labels("busier", "brighter")
    pad.show()
    app.processEvents()

    def move(i: int) -> None:
        pad.set_position(0.8 * math.sin(i * 0.05), 0.8 * math.sin(i * 0.083))
        pad.motion.set_beat(i * 0.03, True)
        pad.repaint(pad._dirty)
    measure(60, move, 60)
    report(f"pad frame, {pixels} px, moving", *measure(options.frames, move, 60))

    def whole(i: int) -> None:
        pad.repaint(QRect(0, 0, pad.width(), pad.height()))
    report("pad, all of it", *measure(60, whole))

    view = LoopView()
    view.resize(520, 160)
    view.show()
    app.processEvents()
    loops = [Loop(rng.uniform(-0.5, 0.5, (96_000, 2)).astype(np.float32), 48_000, 4) for _ in range(4)]

    def show(i: int) -> None:
        view._loop = loops[i % 4]
        view._drop_layer()
        view.repaint()
    report("loop view, another waveform", *measure(60, show))
    view.set_spectrogram(True)
    report("loop view, another spectrogram", *measure(30, show))

    def run(i: int) -> None:
        view.set_beat(i * 0.03, True)
        view.repaint(view._playhead_rect())
    report("loop view, playhead", *measure(options.frames, run))


def _drop(value: object) -> None:
    """Take a result and do nothing with it."""


if __name__ == "__main__":
    main()
