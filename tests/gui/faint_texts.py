"""Finds texts that are too pale, or too dark, for what they stand on, as they are really painted.

At a scale of 3 strokes are wider than what smoothing takes from them.
"""

import numpy as np
from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from vaesynth_gui.widgets.segmented import Segmented

AA = 4.5
"""WCAG 2.2, 1.4.3."""


def faint_texts(window: QWidget) -> list[str]:
    """The texts of standard widgets below a window that miss AA; WCAG leaves out what is disabled."""
    image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    memory = image.constBits()
    assert memory is not None
    pixels = np.frombuffer(memory.asarray(image.sizeInBytes()), np.uint8)
    pixels = pixels.reshape(image.height(), image.bytesPerLine() // 4, 4)[..., 2::-1]
    ratio, found = window.devicePixelRatioF(), []
    for widget in window.findChildren(QWidget):
        text = _text(widget)
        if text and widget.isVisible() and widget.isEnabled():
            place = QRect(widget.mapTo(window, QPoint()), widget.size()).intersected(window.rect())
            x, y, width, height = (round(ratio * v) for v in place.getRect())
            part = pixels[y:y + height, x:x + width]
            if part.size and (seen := _contrast(part)) < AA:
                found.append(f"{type(widget).__name__}: {text!r} {seen:.2f}")
    return found


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        return widget.text()
    if isinstance(widget, QComboBox):
        return widget.currentText()
    return " ".join(widget.labels) if isinstance(widget, Segmented) else ""


def _contrast(part: np.ndarray) -> float:
    """Of the commonest colour and the one that differs most from it."""
    colours, counts = np.unique(part.reshape(-1, 3), axis=0, return_counts=True)
    share = colours / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722]
    ground = light[counts.argmax()]
    return float(((np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)).max())
