"""Directions beside the pad's sheet, as named controls."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .descriptors import Descriptors
from .plane import Plane
from .quality import Decode, describe
from .sheet import Floats, nodes

COUNT = 4
TRIED = 8
RANGE = 2.0
"""A macro runs to so many standard deviations of the items to either side."""
PROBES = 4
"""Points a side of the pad at which a direction's effect is heard."""


def choose(
    plane: Plane,
    decode: Decode,
    descriptors: Descriptors,
    groups: Mapping[str, tuple[int, int]] | None = None,
    count: int = COUNT,
) -> list[dict[str, Any]]:
    """Macros for the model file, the most audible first; no group has more than its share of them.

    Principal directions of what the sheet leaves unused, within each latent group where there are groups,
    ordered by how far they move what is decoded, named by the descriptor that they change most.

    Args:
        plane: the sheet and the latents that it was built from.
        decode, descriptors: as for `plane.build`.
        groups: latent groups; a macro stays within one, so that its name and a lock keep their meaning.
        count: most macros.

    Returns:
        `[{name, direction, min, max, default}]`; `direction` is one standard deviation long.
    """
    dim = plane.candidates.shape[1]
    at = nodes(PROBES).reshape(-1, 2)
    base = np.stack([plane.map.point(x, y) for x, y in at])
    before = describe(decode, descriptors, base)
    scale = {name: float(v.std()) + 1e-9 for name, v in plane.described.values.items()}
    found: list[tuple[float, Floats, dict[str, float], str]] = []
    for group, (start, stop) in (groups or {"": (0, dim)}).items():
        for direction in _directions(plane, start, stop, TRIED // max(1, len(groups or {}))):
            up = describe(decode, descriptors, (base + direction).astype(np.float32))
            moved = float(np.linalg.norm(up.embedding - before.embedding, axis=1).mean())
            change = {
                name: float((up.values[name] - before.values[name]).mean()) / scale[name] for name in scale
            }
            found.append((moved, direction, change, group))
    found.sort(key=lambda f: -f[0])
    macros: list[dict[str, Any]] = []
    names: set[str] = set()
    left = dict.fromkeys(groups or ("",), math.ceil(count / max(1, len(groups or ()))))
    for _, direction, change, group in found:
        if len(macros) == count:
            break
        if not left[group]:
            continue
        own = [name for name in change if name not in descriptors.foreign.get(group, ())]
        strongest = sorted(own, key=lambda name: -abs(change[name]))
        free = [name for name in strongest if _title(group, descriptors.words[name][0]) not in names]
        if not free:
            continue
        sign = 1.0 if change[free[0]] >= 0 else -1.0
        left[group] -= 1
        names.add(title := _title(group, descriptors.words[free[0]][0]))
        macros.append(
            {
                "name": title,
                "direction": [float(f"{v:.6g}") for v in sign * direction],
                "min": -RANGE,
                "max": RANGE,
                "default": 0.0,
            }
        )
    return macros


def _title(group: str, word: str) -> str:
    return f"{group}: {word}" if group else word


def _directions(plane: Plane, start: int, stop: int, count: int) -> list[Floats]:
    """Principal directions of the items in dimensions start to stop, apart from the sheet's two main ones."""
    latents = plane.candidates.astype(np.float64)
    around = latents - latents.mean(0)
    sheet = plane.map.grid.reshape(-1, latents.shape[1]).astype(np.float64)
    main = np.linalg.svd(sheet - sheet.mean(0), full_matrices=False)[2][:2]
    around[:, :start], around[:, stop:] = 0, 0
    main = main.copy()
    main[:, :start], main[:, stop:] = 0, 0
    basis = np.linalg.qr(main.T)[0][:, np.linalg.norm(main, axis=1) > 1e-6]
    around = around - around @ basis @ basis.T
    _, strength, rows = np.linalg.svd(around, full_matrices=False)
    deviation = strength / np.sqrt(len(latents))
    rows[:, :start], rows[:, stop:] = 0, 0  # which they are, but for rounding
    return [deviation[i] * rows[i] for i in range(min(count, len(rows))) if deviation[i] > 1e-3]
