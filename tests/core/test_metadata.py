"""The table of format 1: every field is checked, every message one sentence, and the JSON Schema agrees."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import toy_models as toy
from hypothesis import given
from hypothesis import strategies as st

from vaesynth import metadata
from vaesynth.errors import ModelError
from vaesynth.geometry import ImageGeometry, LoopGeometry


def grid(rows: int = 2, columns: int = 3, dim: int = toy.DIM, fill: float = 0.5) -> dict[str, Any]:
    values = np.full((rows, columns, dim), fill, "<f4")
    return {
        "grid": {"rows": rows, "columns": columns, "float32": base64.b64encode(values.tobytes()).decode()}
    }


def macro(**changes: Any) -> dict[str, Any]:
    return {"name": "busier", "direction": [1, 0, 0, 0], "min": -1, "max": 1, "default": 0} | changes


def example(**changes: Any) -> dict[str, Any]:
    return {"name": "a", "z": [0, 0, 0, 1], "x": 0.5, "y": -1, "licence": "CC0-1.0", "score": 0.4} | changes


GOOD = [
    {},
    {"pad": grid()},
    {"pad": grid() | {"x_label": "busier"}},
    {"macros": [macro()]},
    {"examples": [example()]},
    {"examples": [example(score=None)]},
    {"latent_groups": {"groove": [0, 2], "kit": [2, 4]}},
    {"voices": ["kick", "snare"]},
    {"a key of the future": [1, 2, 3]},
]
BAD = [
    ("format", 2, "1 (a newer vaesynth may be needed)"),
    ("format", True, "1"),
    ("format", "1", "1"),
    ("kind", "video", "loop or image"),
    ("kind", ["loop"], "loop or image"),
    ("name", 7, "a text"),
    ("name", "x" * 201, "at most 200"),
    ("latent_dim", 0, "a whole number from 1 to 4096"),
    ("latent_dim", 10**9, "from 1 to 4096"),
    ("latent_dim", True, "a whole number"),
    ("latent_mean", [0, 0, 0, "0"], "a list of 4 numbers"),
    ("latent_mean", [0, 0, 0, 10**400], "a list of 4 numbers"),
    ("latent_std", [1, 1, 1, -1], "numbers from 0"),
    ("sample_rate", 44100.5, "a whole number from 8000 to 192000"),
    ("sample_rate", 1_000_000, "192000"),
    ("channels", 3, "from 1 to 2"),
    ("frames", 10, "from 256"),
    ("frames", 2**40, "from 256"),
    ("bpm", "120", "a number"),
    ("beats", 0, "from 1 to 64"),
    ("pad", {}, "as origin"),
    ("pad", [], "an object"),
    ("pad", {"origin": [0] * 4, "x_axis": [0] * 4}, "as y_axis"),
    ("pad", grid(1, 2), "2 to 257 rows"),
    ("pad", grid() | {"x_label": 3}, "as x_label"),
    ("pad", {"grid": {"rows": 2, "columns": 2}}, "base64"),
    ("macros", {}, "a list"),
    ("macros", [macro()] * 65, "a list of"),
    ("examples", [example(x=1.5)], "a list of {name, z"),
    ("examples", [example(z=[])], "a list of"),
    ("examples", [example(score="good")], "a list of"),
    ("latent_groups", {"kit": [False, True]}, "within 0 to 4"),
    ("latent_groups", [[0, 1]], "within 0 to 4"),
    ("voices", ["kick", "kick"], "different names"),
    ("voices", "kick", "different names"),
    ("authors", "me", "a list of texts"),
    ("scores", [], "an object"),
    ("pair", None, "a text"),
    ("licence", 1, "a text"),
]
BEYOND_SCHEMA = [  # what depends on latent_dim, on another field or on decoding a value
    ("name", "half \ud800 pair", "a text"),
    ("latent_dim", 4.0, "a whole number"),
    ("latent_mean", [0, 0, 0], "a list of 4 numbers"),
    ("bpm", 121.0, "120.0000, which follows from frames"),
    ("pad", grid(dim=3), "rows × columns × latent_dim"),
    ("pad", grid(fill=np.nan), "a grid of finite values"),
    ("pad", {"grid": {"rows": 2, "columns": 2, "float32": "@@@"}}, "base64"),
    ("macros", [macro(direction=[1, 0])], "a list of {name, direction"),
    ("macros", [macro(default=2)], "a list of"),
    ("latent_groups", {"kit": [2, 5]}, "within 0 to 4"),
    ("latent_groups", {"kit": [2, 2]}, "within 0 to 4"),
]


@pytest.mark.parametrize("changes", GOOD)
def test_good_metadata(changes: dict[str, Any]) -> None:
    m = metadata.parse(json.dumps(toy.metadata(**changes)), "file")
    assert m.geometry == LoopGeometry(toy.RATE, toy.CHANNELS, toy.FRAMES, 1, 4)
    assert m.loop.bpm == 120
    assert m.pad.point(0, 0).shape == (toy.DIM,)
    assert m.values["name"] == m.name == "toy"


def test_image_metadata() -> None:
    m = metadata.check(toy.metadata("image"), "file")
    assert m.geometry == ImageGeometry(toy.HEIGHT, toy.WIDTH)
    with pytest.raises(ModelError, match="kind is image, expected a model of kind loop"):
        _ = m.loop


@pytest.mark.parametrize(("field", "value", "expected"), BAD + BEYOND_SCHEMA, ids=lambda v: str(v)[:30])
def test_bad_values_are_named_with_what_was_expected(field: str, value: Any, expected: str) -> None:
    with pytest.raises(ModelError) as error:
        metadata.check(toy.metadata() | {field: value}, "my.onnx")
    message = str(error.value)
    assert message.startswith(f"my.onnx: {field} is ")
    assert expected in message.split("expected ", 1)[1]
    assert "\n" not in message
    assert len(message) < 300


@pytest.mark.parametrize("kind", ["loop", "image"])
def test_every_required_key_is_missed(kind: str) -> None:
    good = toy.metadata(kind)
    for key in metadata.REQUIRED[kind]:
        with pytest.raises(ModelError, match=f"file: {key} is"):
            metadata.check({k: v for k, v in good.items() if k != key}, "file")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[]", "metadata is \\[\\], expected one JSON object"),
        ("null", "one JSON object"),
        ('{"format": NaN}', "holds NaN"),
        ('{"format": 1, "bpm": -Infinity}', "holds -Infinity"),
        ("[" * 100_000, "is no JSON"),
        ('{"n": ' + "9" * 10_000 + "}", "is no JSON"),
        (" " * (metadata.MAX_BYTES + 1), "expected at most 4194304"),
    ],
    ids=lambda t: t[:20],
)
def test_what_is_no_json(text: str, expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        metadata.parse(text, "file")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from([*metadata.REQUIRED["loop"], *metadata.OPTIONAL, "format", "kind"]), json_values)
def test_any_value_of_any_field_is_taken_or_refused_with_a_sentence(field: str, value: Any) -> None:
    try:
        metadata.check(toy.metadata() | {field: value}, "file")
    except ModelError as e:
        assert field in str(e)  # noqa: PT017  # both outcomes are right


def test_schema_agrees_with_the_table() -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(metadata.schema())
    for changes in GOOD:
        assert validator.is_valid(toy.metadata(**changes))
    assert validator.is_valid(toy.metadata("image"))
    for field, value, _ in BAD:
        assert not validator.is_valid(toy.metadata() | {field: value}), (field, value)
    for field, value, _ in BEYOND_SCHEMA:
        assert validator.is_valid(toy.metadata() | {field: value}), (field, value)


def test_schema_names_the_fields_of_the_table() -> None:
    schema = metadata.schema()
    for kind, branch in (("loop", "then"), ("image", "else")):
        required = set(schema["required"]) | set(schema[branch]["required"])
        assert required == set(metadata.REQUIRED[kind]) | {"format", "kind"}
    assert set(metadata.OPTIONAL) <= set(schema["properties"])
