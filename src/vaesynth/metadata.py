"""The model file's metadata (format 1): one table of fields, parsed and checked.

`docs/format.md` explains every key for host developers; `schema()` is the same table as JSON Schema.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any, Literal

import numpy as np

from .errors import ModelError
from .geometry import ImageGeometry, LoopGeometry
from .latent_map import LatentMap

FORMAT = 1
KEY = "vaesynth"
MAX_BYTES = 4 * 2**20
MAX_LATENT_DIM = 4096
MAX_FRAMES = 192_000 * 60
MAX_SIDE = 4096
MAX_GRID = 257
MAX_TEXT = 100_000
MAX_LABEL = 200
MAX_MACROS = 64
MAX_EXAMPLES = 4096
MAX_VOICES = 32
MAX_NUMBER = 3.4e38
"""Whatever a float32 holds."""
REST = "rest"
"""The stem of what belongs to no voice: it sounds, and strikes nothing."""

Check = Callable[[Any, int], str | None]
"""(value, latent_dim) → what was expected, or None where the value is good."""


def _is_number(value: Any) -> bool:
    # The comparison is false for NaN, and exact for whole numbers that no float can hold.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER


def _is_text(value: Any, longest: int = MAX_LABEL) -> bool:
    if not isinstance(value, str) or len(value) > longest:
        return False
    # JSON can spell half a surrogate pair, which no terminal or file takes.
    return not any("\ud800" <= c <= "\udfff" for c in value)


def _integer(low: int, high: int) -> Check:
    expected = f"a whole number from {low} to {high}"
    return lambda v, d: (
        None if isinstance(v, int) and not isinstance(v, bool) and low <= v <= high else expected
    )


def _number(low: float, high: float) -> Check:
    return lambda v, d: None if _is_number(v) and low <= v <= high else f"a number from {low:g} to {high:g}"


def _text(v: Any, d: int) -> str | None:
    return None if _is_text(v, MAX_TEXT) else "a text"


def _label(v: Any, d: int) -> str | None:
    return None if _is_text(v) else f"a text of at most {MAX_LABEL} characters"


def _vector(v: Any, d: int) -> str | None:
    good = isinstance(v, list) and len(v) == d and all(map(_is_number, v))
    return None if good else f"a list of {d} numbers"


def _deviations(v: Any, d: int) -> str | None:
    return None if _vector(v, d) is None and min(v) >= 0 else f"a list of {d} numbers from 0"


def _object(v: Any, d: int) -> str | None:
    return None if isinstance(v, dict) else "an object"


def _texts(v: Any, d: int) -> str | None:
    return None if isinstance(v, list) and len(v) <= 4096 and all(map(_is_text, v)) else "a list of texts"


def _voices(v: Any, d: int) -> str | None:
    good = _texts(v, d) is None and len(v) <= MAX_VOICES and len(set(v)) == len(v)
    return None if good else f"a list of at most {MAX_VOICES} different names"


def _groups(v: Any, d: int) -> str | None:
    def good(pair: Any) -> bool:
        whole = isinstance(pair, list) and len(pair) == 2 and not any(_integer(0, d)(i, d) for i in pair)
        return whole and pair[0] < pair[1]

    named = isinstance(v, dict) and all(map(_is_text, v))
    return None if named and all(map(good, v.values())) else f"name → [start, stop] within 0 to {d}"


def _pad(v: Any, d: int) -> str | None:
    if not isinstance(v, dict):
        return "an object with origin, x_axis and y_axis, or grid"
    for key in ("x_label", "y_label"):
        if key in v and (expected := _label(v[key], d)):
            return f"{expected} as {key}"
    if "grid" not in v:
        for key in ("origin", "x_axis", "y_axis"):
            if expected := _vector(v.get(key), d):
                return f"{expected} as {key}"
        return None
    grid = v["grid"]
    if not isinstance(grid, dict) or any(_integer(2, MAX_GRID)(grid.get(k), d) for k in ("rows", "columns")):
        return f"a grid with 2 to {MAX_GRID} rows and columns"
    try:
        data = base64.b64decode(grid["float32"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return "a grid with base64 float32 values"
    if len(data) != 4 * d * grid["rows"] * grid["columns"]:
        return "a grid of rows × columns × latent_dim values"
    return None if np.isfinite(np.frombuffer(data, "<f4")).all() else "a grid of finite values"


def _macros(v: Any, d: int) -> str | None:
    def good(m: Any) -> bool:
        return (
            isinstance(m, dict)
            and _is_text(m.get("name"))
            and _vector(m.get("direction"), d) is None
            and all(_is_number(m.get(k)) for k in ("min", "max", "default"))
            and m["min"] <= m["default"] <= m["max"]
        )

    few = isinstance(v, list) and len(v) <= MAX_MACROS
    return None if few and all(map(good, v)) else "a list of {name, direction, min, max, default}"


def _examples(v: Any, d: int) -> str | None:
    def good(e: Any) -> bool:
        return (
            isinstance(e, dict)
            and _is_text(e.get("name"))
            and _vector(e.get("z"), d) is None
            and all(_is_number(e.get(k)) and -1 <= e[k] <= 1 for k in ("x", "y"))
            and _is_text(e.get("licence", ""), MAX_TEXT)
            and (e.get("score") is None or _is_number(e["score"]))
        )

    few = isinstance(v, list) and len(v) <= MAX_EXAMPLES
    return None if few and all(map(good, v)) else "a list of {name, z, x, y, licence, score}"


COMMON: dict[str, Check] = {
    "name": _label,
    "latent_dim": _integer(1, MAX_LATENT_DIM),
    "latent_mean": _vector,
    "latent_std": _deviations,
    "pad": _pad,
    "macros": _macros,
    "examples": _examples,
    "pair": _label,
    "scores": _object,
    "trained": _object,
    "licence": _text,
    "data_licence": _text,
    "authors": _texts,
}
REQUIRED: Mapping[str, Mapping[str, Check]] = {
    "loop": COMMON
    | {
        "sample_rate": _integer(8_000, 192_000),
        "channels": _integer(1, 2),
        "frames": _integer(256, MAX_FRAMES),
        "bpm": _number(1, 1000),
        "beats": _integer(1, 64),
        "beats_per_bar": _integer(1, 16),
    },
    "image": COMMON | {"height": _integer(8, MAX_SIDE), "width": _integer(8, MAX_SIDE)},
}
OPTIONAL: Mapping[str, Check] = {"latent_groups": _groups, "voices": _voices}


@dataclass(frozen=True)
class ModelMetadata:
    """What a model file says of itself; every field has been checked.

    `values` is the JSON object as it stands in the file; the attributes are the parts that the core uses.
    """

    kind: Literal["loop", "image"]
    name: str
    latent_dim: int
    pad: LatentMap
    geometry: LoopGeometry | ImageGeometry
    latent_groups: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    voices: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that tell this model from others."""
        text = json.dumps(self.values, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def macro_defaults(self) -> dict[str, float]:
        """Where the macros stand until they are moved, by name."""
        return {m["name"]: float(m["default"]) for m in self.values.get("macros", ())}

    @property
    def loop(self) -> LoopGeometry:
        """The loop's geometry.

        Raises:
            ModelError: the model decodes images.
        """
        if not isinstance(self.geometry, LoopGeometry):
            raise ModelError(f"{self.name}: kind is image, expected a model of kind loop")
        return self.geometry


def parse(text: str, where: str) -> ModelMetadata:
    """Metadata from the JSON text of a model file.

    Args:
        text: the value of `metadata_props["vaesynth"]`.
        where: the file's name, for messages.

    Raises:
        ModelError: the text breaks the contract; names the field, its value and what was expected.
    """
    if len(text.encode()) > MAX_BYTES:
        raise ModelError(f"{where}: metadata has {len(text.encode())} bytes, expected at most {MAX_BYTES}")

    def no_constant(name: str) -> None:
        raise ModelError(f"{where}: metadata holds {name}, expected finite numbers only")

    try:
        values = json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError) as e:
        raise ModelError(f"{where}: metadata is no JSON ({e}), expected one JSON object") from e
    return check(values, where)


def check(values: Any, where: str) -> ModelMetadata:
    """Metadata from a JSON object, each field checked against the tables above.

    Raises:
        ModelError: names the field, its value and what was expected.
    """

    def fail(name: str, value: Any, expected: str) -> ModelError:
        shown = repr(value)
        return ModelError(
            f"{where}: {name} is {shown[:60] + '…' if len(shown) > 60 else shown}, expected {expected}"
        )

    if not isinstance(values, dict):
        raise fail("metadata", values, "one JSON object")
    if _integer(FORMAT, FORMAT)(values.get("format"), 0):
        raise fail("format", values.get("format"), f"{FORMAT} (a newer vaesynth may be needed)")
    kind: Any = values.get("kind")
    if kind not in tuple(REQUIRED):  # in a tuple, as any JSON value may stand here
        raise fail("kind", kind, "loop or image")
    dim: Any = values.get("latent_dim")
    if expected := COMMON["latent_dim"](dim, 0):
        raise fail("latent_dim", dim, expected)
    for name, test in REQUIRED[kind].items():
        if name not in values:
            raise ModelError(f"{where}: {name} is missing, expected {test(None, dim) or 'a value'}")
        if expected := test(values[name], dim):
            raise fail(name, values[name], expected)
    for name, test in OPTIONAL.items():
        if name in values and (expected := test(values[name], dim)):
            raise fail(name, values[name], expected)
    geometry: LoopGeometry | ImageGeometry = ImageGeometry(values.get("height", 0), values.get("width", 0))
    if kind == "loop":
        geometry = LoopGeometry(
            *(values[k] for k in ("sample_rate", "channels", "frames", "beats", "beats_per_bar"))
        )
        if abs(geometry.bpm - values["bpm"]) > 0.01:
            raise fail(
                "bpm", values["bpm"], f"{geometry.bpm:.4f}, which follows from frames, beats and sample_rate"
            )
    return ModelMetadata(
        kind=kind,
        name=values["name"],
        latent_dim=dim,
        pad=LatentMap.from_metadata(values["pad"]),
        geometry=geometry,
        latent_groups={k: (v[0], v[1]) for k, v in values.get("latent_groups", {}).items()},
        voices=tuple(values.get("voices", ())),
        values=values,
    )


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the metadata; what depends on `latent_dim` only `check` can tell."""
    text = resources.files("vaesynth").joinpath("format1.schema.json").read_text("utf-8")
    return dict(json.loads(text))
