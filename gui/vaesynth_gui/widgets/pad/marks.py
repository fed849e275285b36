# SPDX-License-Identifier: GPL-3.0-or-later
"""Named points on the pad: the model's training loops and the musician's own."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A named point on the pad, x and y in [-1, 1]."""

    name: str
    x: float
    y: float
    own: bool = False
    """Of the musician's own, and not of the model's."""
    z: tuple[float, ...] = ()
    """Its latent, where it is known."""


def plain_name(name: object) -> str:
    """A name as people write it: files and data sets have underscores where these have spaces."""
    return str(name).replace("_", " ")


def marks_of(values: Mapping[str, object]) -> tuple[Mark, ...]:
    """The examples of a model's metadata as marks, best score first so that their labels win."""
    examples = values.get("examples", ())
    if not isinstance(examples, list):
        return ()

    def score(example: Mapping[str, object]) -> float:
        value = example.get("score")
        return -float(value) if isinstance(value, int | float) else 0.0
    return tuple(Mark(plain_name(e["name"]), float(e["x"]), float(e["y"]), z=tuple(map(float, e["z"])))
                 for e in sorted(examples, key=score))
