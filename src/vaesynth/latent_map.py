"""The latent plane behind the XY pad: (x, y) → z."""

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Latent = npt.NDArray[np.float32]
"""A latent vector, float32 `(latent_dim,)`."""

FINE = 0.01
"""Positions are found to about this, in pad units."""


@dataclass(frozen=True, eq=False)
class LatentMap:
    """A sheet of latents, bilinear between its nodes; a plane is the sheet of its four corners.

    Attributes:
        grid: float32 `(rows, columns, latent_dim)`; rows from y = -1, columns from x = -1.
        x_label, y_label: what changes along each axis, in words.
    """

    grid: npt.NDArray[np.float32]
    x_label: str = "x"
    y_label: str = "y"

    @property
    def latent_dim(self) -> int:
        """Number of latent dimensions."""
        return int(self.grid.shape[2])

    def point(self, x: float, y: float) -> Latent:
        """Latent `(latent_dim,)` at pad position (x, y); positions outside [-1, 1] are clamped."""
        rows, columns, _ = self.grid.shape
        # In this order NaN, which a broken controller may send, is clamped as well.
        r = (min(1.0, max(-1.0, y)) + 1) / 2 * (rows - 1)
        c = (min(1.0, max(-1.0, x)) + 1) / 2 * (columns - 1)
        i, j = min(int(r), rows - 2), min(int(c), columns - 2)
        r, c = r - i, c - j
        low = (1 - c) * self.grid[i, j] + c * self.grid[i, j + 1]
        high = (1 - c) * self.grid[i + 1, j] + c * self.grid[i + 1, j + 1]
        return np.asarray((1 - r) * low + r * high, np.float32)

    def position(self, z: Latent) -> tuple[float, float]:
        """Pad position whose latent is nearest to `z` (nearest node, then ever finer steps round it)."""
        rows, columns, _ = self.grid.shape
        nearest = int(np.argmin(((self.grid - z) ** 2).sum(-1)))
        cx, cy = 2 * (nearest % columns) / (columns - 1) - 1, 2 * (nearest // columns) / (rows - 1) - 1
        steps = np.linspace(-1, 1, 17)
        reach_x, reach_y = 2 / (columns - 1), 2 / (rows - 1)
        while max(reach_x, reach_y) > FINE:
            xs, ys = np.clip(cx + steps * reach_x, -1, 1), np.clip(cy + steps * reach_y, -1, 1)
            candidates = [(float(x), float(y)) for x in xs for y in ys]
            cx, cy = min(candidates, key=lambda p: float(((self.point(*p) - z) ** 2).sum()))
            reach_x, reach_y = reach_x / 8, reach_y / 8
        return cx, cy

    @classmethod
    def from_metadata(cls, pad: dict[str, Any]) -> "LatentMap":
        """The map of a checked `pad` entry of the model file (`origin`, `x_axis`, `y_axis`, or `grid`)."""
        labels = (str(pad.get("x_label", "x")), str(pad.get("y_label", "y")))
        if "grid" in pad:
            entry = pad["grid"]
            values = np.frombuffer(base64.b64decode(entry["float32"]), "<f4")
            return cls(values.reshape(entry["rows"], entry["columns"], -1).astype(np.float32), *labels)
        origin, x_axis, y_axis = (np.asarray(pad[k], np.float32) for k in ("origin", "x_axis", "y_axis"))
        return cls(np.stack([[origin + y * y_axis + x * x_axis for x in (-1, 1)] for y in (-1, 1)]), *labels)

    def to_metadata(self) -> dict[str, Any]:
        """The `pad` entry for the model file."""
        rows, columns, _ = self.grid.shape
        text = base64.b64encode(np.ascontiguousarray(self.grid, "<f4").tobytes()).decode()
        return {"grid": {"rows": rows, "columns": columns, "float32": text},
                "x_label": self.x_label, "y_label": self.y_label}
