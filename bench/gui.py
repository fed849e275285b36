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
instrument = Application(settings, folder / "session.json", folder / "cache", AudioSettings(),
                         control_file=folder / "control.json")
if sys.argv[1] == "look":
    instrument.window.show()
else:
    heard = []
    instrument.bridge.status.connect(lambda s: heard.append(s.playing and max(s.peak) > 1e-3))
    instrument.instrument.set_playing(True)
    instrument.show()
QTest.qWaitForWindowExposed(instrument.window)
app.processEvents()
shown = time.perf_counter() - started, time.process_time()
if sys.argv[1] == "look":
    print(*shown)
else:
    while not (heard and heard[-1]):
        QTest.qWait(5)
    sounding = time.perf_counter() - started
    QTest.qWait(8_000)
    import math
    from vaesynth.bench.memory import jack_bytes, pss_bytes
    engine = instrument.bridge.engine
    server = engine.server.health.pid
    while engine.status().making_ahead:  # a busy machine takes longer to make the loops round the puck
        QTest.qWait(100)
    rest, begun, moving = (pss_bytes("self"), pss_bytes(server)), time.monotonic(), (0, 0)
    while (t := time.monotonic() - begun) < 20:
        instrument.instrument.move_to(0.9 * math.sin(0.7 * t), 0.9 * math.sin(1.1 * t))
        QTest.qWait(16)
        if t > 10 and int(t) > int(t - 0.2):
            moving = max(moving, (pss_bytes("self"), pss_bytes(server)))
    print(*shown, sounding, *rest, *moving, jack_bytes(server))
sys.stdout.flush()
if sys.argv[1] == "hear":
    instrument.close()
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


def start(how: str) -> tuple[float, ...]:
    """Start the window in a process of its own, to look at it or to hear it; what it prints."""
    done = subprocess.run([sys.executable, "-c", START, how], stdout=subprocess.PIPE, text=True, check=True)
    return tuple(map(float, done.stdout.split()))


def report_sound(starts: list[tuple[float, ...]]) -> None:
    """Times of cold starts until the window is seen and heard, and memory: at rest, once the loops round the
    puck are made, and the most while it moves."""
    for name, column in (("start to visible window", 0), ("start to sounding window", 2)):
        print(f"{name:<34} " + "  ".join(f"{1000 * s[column]:.0f} ms" for s in starts))
    print(f"{'processor until visible':<34} " + "  ".join(f"{1000 * s[1]:.0f} ms" for s in starts))
    for name, column in (("memory (PSS), window and server", 3), ("as the puck moves", 5)):
        print(f"{name:<34} "
              + "  ".join(f"{s[column] / 1e6:.0f} + {s[column + 1] / 1e6:.0f} MB" for s in starts))
    print(f"{'of the server, JACK has':<34} " + "  ".join(f"{s[7] / 1e6:.0f} MB" for s in starts))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--side", type=int, default=720, help="of the pad")
    parser.add_argument("--scale", default="1", help="QT_SCALE_FACTOR")
    parser.add_argument("--sound", action="store_true", help="the start with sound alone; needs a device")
    options = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = options.scale
    if options.sound:
        report_sound([start("hear") for _ in range(3)])
        return
    starts = [start("look") for _ in range(3)]
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
