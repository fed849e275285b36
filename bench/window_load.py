# SPDX-License-Identifier: GPL-3.0-or-later
"""A pad that repaints at 60 Hz while something else is measured in the same process."""

import math
import os
import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")
SIDE = 640


def with_window(work: Callable[[], Result]) -> Result:
    """Do `work` in a thread while the window's main thread repaints; returns what it gives, or raises so."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PyQt6.QtCore import QTimer
    from PyQt6.QtGui import QImage
    from PyQt6.QtWidgets import QApplication

    from vaesynth_gui import theme
    from vaesynth_gui.plane.field import Field
    from vaesynth_gui.plane.picture import paint
    from vaesynth_gui.widgets.pad.overlay import GUTTER
    from vaesynth_gui.widgets.pad.pad import XYPad

    app = QApplication.instance() or QApplication([])
    theme.load_fonts()
    random = np.random.default_rng(0)
    pad = XYPad()
    pad.resize(SIDE + GUTTER, SIDE + GUTTER)
    image = paint(Field(*random.normal(size=(2, 33, 33)).astype(np.float32)), SIDE, True)
    pad.set_picture(QImage(image.tobytes(), SIDE, SIDE, 3 * SIDE, QImage.Format.Format_RGB888))
    pad.show()
    frames, results, errors = 0, list[Result](), list[BaseException]()

    def repaint() -> None:
        nonlocal frames
        frames += 1
        pad.set_position(0.8 * math.sin(frames * 0.05), 0.8 * math.sin(frames * 0.083))
        pad.motion.set_beat(frames * 0.03, True)
        pad.repaint(pad._dirty)
        if not thread.is_alive():
            app.quit()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as e:
            errors.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    timer = QTimer()
    timer.timeout.connect(repaint)
    timer.start(16)
    app.exec()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
