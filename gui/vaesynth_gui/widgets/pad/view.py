# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the plane that is in sight, and the way between pad positions and places on the plate."""

from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF

CLOSEST = 8.0
"""Greatest zoom: closer, neighbouring pixels sound the same."""


@dataclass(frozen=True)
class View:
    """A square part of the plane: its middle, and how many times larger than life it is shown (1 to 8)."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether all of the plane is in sight."""
        return self.zoom == 1

    def to_plate(self, plate: QRectF, x: float, y: float) -> QPointF:
        """Place on the plate of a pad position; greater y is higher up."""
        return QPointF(plate.center().x() + (x - self.x) * self.zoom * plate.width() / 2,
                       plate.center().y() - (y - self.y) * self.zoom * plate.height() / 2)

    def to_pad(self, plate: QRectF, point: QPointF) -> tuple[float, float]:
        """Pad position of a place on the plate, held within what is in sight."""
        x = (point.x() - plate.center().x()) / max(plate.width() / 2, 1)
        y = (plate.center().y() - point.y()) / max(plate.height() / 2, 1)
        x, y = (min(max(v, -1.0), 1.0) for v in (x, y))
        return self.x + x / self.zoom, self.y + y / self.zoom

    def source(self, picture: QRectF) -> QRectF:
        """The part in sight of a picture of the whole plane."""
        width, height = picture.width() / self.zoom, picture.height() / self.zoom
        middle = QPointF(picture.left() + (self.x + 1) / 2 * picture.width(),
                         picture.top() + (1 - self.y) / 2 * picture.height())
        return QRectF(middle.x() - width / 2, middle.y() - height / 2, width, height)

    def zoomed(self, factor: float, x: float, y: float) -> "View":
        """Closer by a factor, with pad position (x, y) staying where it is seen."""
        zoom = min(max(self.zoom * factor, 1.0), CLOSEST)
        if zoom < 1.02:
            return WHOLE
        share = self.zoom / zoom
        return View(x + (self.x - x) * share, y + (self.y - y) * share, zoom).within()

    def moved(self, dx: float, dy: float) -> "View":
        """Elsewhere by a step in pad units."""
        return View(self.x + dx, self.y + dy, self.zoom).within()

    def holding(self, x: float, y: float) -> "View":
        """Moved as little as needed to have pad position (x, y) in sight."""
        reach = 0.96 / self.zoom
        return View(min(max(self.x, x - reach), x + reach), min(max(self.y, y - reach), y + reach),
                    self.zoom).within()

    def within(self) -> "View":
        """Moved so that nothing beyond the plane's edge is in sight."""
        room = 1 - 1 / self.zoom
        return View(min(max(self.x, -room), room), min(max(self.y, -room), room), self.zoom)


WHOLE = View()
"""All of the plane."""
