"""Ways in which a model file may be broken, or made to break its reader; `bench/hostile.py` uses them."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Mutation = Callable[[bytes, random.Random], bytes]


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: int(len(data) * rng.random() ** 2)]


def bits_flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    # Half of them near the ends, where names, shapes and metadata are and not only weights.
    for _ in range(rng.choice((1, 4, 32, 256))):
        reach = len(out) if rng.random() < 0.5 else min(len(out), 60_000)
        place = rng.randrange(reach)
        out[place if rng.random() < 0.5 else len(out) - 1 - place] ^= 1 << rng.randrange(8)
    return bytes(out)


def _edited(data: bytes, edit: Callable[[Any], None]) -> bytes:
    import onnx

    model = onnx.load_from_string(data)
    edit(model)
    return bytes(model.SerializeToString())


def giant_dimensions(data: bytes, rng: random.Random) -> bytes:
    def edit(model: Any) -> None:
        giant = rng.choice((2**31, 2**40, 2**62, -1, 0, 10**9))
        if rng.random() < 0.5:
            tensor = rng.choice(model.graph.initializer)
            if tensor.dims:
                tensor.dims[rng.randrange(len(tensor.dims))] = giant
            else:
                tensor.dims.append(giant)
        else:
            value = rng.choice([*model.graph.input, *model.graph.output])
            shape = value.type.tensor_type.shape
            shape.dim[rng.randrange(len(shape.dim))].dim_value = giant

    return _edited(data, edit)


def memory_bomb(data: bytes, rng: random.Random) -> bytes:
    """A node that makes a giant array out of a small one, and a declared output that hides it."""
    import numpy as np
    from onnx import helper, numpy_helper

    def edit(model: Any) -> None:
        size = rng.choice((2**28, 2**31, 2**36))
        model.graph.initializer.append(numpy_helper.from_array(np.array([size], np.int64), "bomb_size"))
        model.graph.node.append(helper.make_node("ConstantOfShape", ["bomb_size"], ["bomb"]))
        model.graph.node.append(helper.make_node("ReduceMax", ["bomb"], ["bomb_peak"], keepdims=0))
        name = model.graph.output[0].name
        for node in model.graph.node:
            for i, out in enumerate(node.output):
                if out == name:
                    node.output[i] = "before_bomb"
        model.graph.node.append(helper.make_node("Add", ["before_bomb", "bomb_peak"], [name]))

    return _edited(data, edit)


def external_data(data: bytes, rng: random.Random) -> bytes:
    def edit(model: Any) -> None:
        import onnx

        tensor = rng.choice([t for t in model.graph.initializer if t.dims])
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key = "location"
        places = ("/etc/passwd", "../../../etc/passwd", "weights.bin", "/dev/zero", "/proc/self/mem")
        entry.value = rng.choice(places)

    return _edited(data, edit)


def unknown_operators(data: bytes, rng: random.Random) -> bytes:
    def edit(model: Any) -> None:
        node = rng.choice(model.graph.node)
        kind = rng.randrange(4)
        if kind == 0:
            node.op_type = rng.choice(("Explode", "", "RandomNormalLike", "If", "Loop", "Scan", "PyOp"))
        elif kind == 1:
            node.domain = rng.choice(("com.microsoft", "evil.example", "ai.onnx.ml"))
        elif kind == 2 and node.input:
            node.input[0] = "nothing_makes_this"
        else:
            model.opset_import[0].version = rng.choice((0, 1, 99, 2**40))

    return _edited(data, edit)


def lying_metadata(data: bytes, rng: random.Random) -> bytes:
    giant_grid = {"rows": 10**6, "columns": 10**6, "float32": ""}
    lies: tuple[tuple[str, Any], ...] = (
        ("format", rng.choice((0, 2, "1", None))),
        ("kind", rng.choice(("loop", "image", "video", 7))),
        ("latent_dim", rng.choice((0, -4, 63, 4096, 10**12, "64"))),
        ("sample_rate", rng.choice((0, 1e308, -48_000, 44_100, "fast"))),
        ("frames", rng.choice((1, 95_999, 2**40, -1))),
        ("channels", rng.choice((0, 1, 3, 10**6))),
        ("bpm", rng.choice((0, -120, 1e300, "brisk"))),
        ("beats", rng.choice((0, 7, 10**9))),
        ("height", rng.choice((0, 127, 10**9))),
        ("pad", rng.choice(({}, {"grid": giant_grid}, {"grid": 5}, None))),
        ("latent_mean", rng.choice(([], [0.0] * 3, [1e300] * 64, "zero"))),
        ("macros", rng.choice(([{}], [{"name": "a"}] * 10_000, "many"))),
        ("examples", rng.choice(([{"name": "x" * 10**6}], 3))),
        ("voices", rng.choice((["kick"], ["a"] * 10**5, 4))),
        ("name", rng.choice(("x" * 10**6, "a\0b", 5, ""))),
        ("pair", rng.choice((None, "", [1]))),
    )

    def edit(model: Any) -> None:
        entry = next(p for p in model.metadata_props if p.key == "vaesynth")
        kind = rng.randrange(8)
        if kind == 0:
            model.metadata_props.remove(entry)
        elif kind == 1:
            entry.value = rng.choice(("", "{", "[]", "null", "[" * 200_000, '{"format": NaN}', "\x00"))
        else:
            values = json.loads(entry.value)
            for key, value in rng.sample(lies, rng.choice((1, 2))):
                values[key] = value
            entry.value = json.dumps(values)

    return _edited(data, edit)


MUTATIONS: tuple[Mutation, ...] = (
    truncated,
    bits_flipped,
    giant_dimensions,
    memory_bomb,
    external_data,
    unknown_operators,
    lying_metadata,
)


def mutants(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` mutated copies of the bundled decoders, each with the name of its mutation."""
    from vaesynth.models import find

    originals = [find(name).read_bytes() for name in ("faces", "drums")]
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        mutation = MUTATIONS[number % len(MUTATIONS)]
        yield mutation.__name__.replace("_", " "), mutation(rng.choice(originals), rng)
