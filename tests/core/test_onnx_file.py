"""Reading ONNX files without trust: the facts of good ones, and hostile ones of every kind."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import toy_models as toy
from onnx import TensorProto, helper, numpy_helper

from vaesynth import onnx_file
from vaesynth.decoder import Decoder
from vaesynth.errors import ModelError


def checked(proto: onnx.ModelProto) -> onnx_file.OnnxFile:
    return onnx_file.check(proto.SerializeToString(), "toy.onnx")


def refused(proto: onnx.ModelProto) -> str:
    with pytest.raises(ModelError) as error:
        checked(proto)
    message = str(error.value)
    assert message.startswith("toy.onnx: ")
    assert ", expected " in message
    assert "\n" not in message
    return message


def test_facts_agree_with_the_onnx_package() -> None:
    proto = toy.loop_decoder(stems=True)
    file = checked(proto)
    assert [str(i) for i in file.inputs] == ["float32 [batch, 4]"]
    assert [(o.name, o.shape) for o in file.outputs] == [
        ("audio", (None, 2, 4000)),
        ("stems", (None, 2, 2, 4000)),
    ]
    assert file.opset == 17
    assert json.loads(file.metadata["vaesynth"])["name"] == "toy"
    assert sum(file.operators.values()) == len(proto.graph.node)
    assert file.operators["Mul"] == 2
    assert file.parameters == sum(int(np.prod(t.dims)) for t in proto.graph.initializer)
    assert file.output("stems") is not None
    assert file.output("loops") is None


def test_every_way_to_store_numbers() -> None:
    """raw_data, and the typed fields with their packed integers, negative ones included."""
    proto = toy.loop_decoder()
    for name, values, kind in (
        ("floats", [1.5, -2.0, 3.0], TensorProto.FLOAT),
        ("ints", [-1, 2**40, 0], TensorProto.INT64),
        ("bytes", [1, 255, 0], TensorProto.UINT8),
        ("doubles", [0.5, 1.0, 2.0], TensorProto.DOUBLE),
        ("unsigned", [2**63, 1, 2], TensorProto.UINT64),
        ("halves", [1.0, 2.0, 3.0], TensorProto.FLOAT16),
    ):
        proto.graph.initializer.append(helper.make_tensor(name, kind, [3], values))
    assert checked(proto).parameters == checked(toy.loop_decoder()).parameters + 6 * 3


def test_initialisers_named_as_inputs_are_no_inputs() -> None:
    """As files of IR version 3 have them."""
    proto = toy.loop_decoder()
    proto.graph.input.append(helper.make_tensor_value_info("gain", TensorProto.FLOAT, []))
    assert [i.name for i in checked(proto).inputs] == ["z"]


def external(proto: onnx.ModelProto) -> None:
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "../../../../etc/passwd"), ("offset", "0"), ("length", "64")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def external_constant(proto: onnx.ModelProto) -> None:
    inner = numpy_helper.from_array(np.zeros(4, np.float32), "c")
    inner.external_data.add().key = "location"
    proto.graph.node.append(helper.make_node("Constant", [], ["c"], value=inner))


def control_flow(proto: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    proto.graph.node.append(helper.make_node("Loop", ["", ""], ["c"], body=body))


def function(proto: onnx.ModelProto) -> None:
    proto.functions.append(helper.make_function("here", "F", ["a"], ["b"], [], []))


def sparse(proto: onnx.ModelProto) -> None:
    proto.graph.sparse_initializer.add()


def twice(proto: onnx.ModelProto) -> None:
    proto.metadata_props.add(key="vaesynth", value="{}")


def set_dims(*dims: int) -> Callable[[onnx.ModelProto], None]:
    def change(proto: onnx.ModelProto) -> None:
        del proto.graph.initializer[0].dims[:]
        proto.graph.initializer[0].dims.extend(dims)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (external, "lies in another file"),
        (external_constant, "lies in another file"),
        (control_flow, "a graph without control flow"),
        (function, "one plain graph"),
        (sparse, "dense weights"),
        (twice, "'vaesynth' twice"),
        (set_dims(2**31, 2**31), "declares 2147483648 × 2147483648 values"),
        (set_dims(-1), "declares -1 values"),
        (set_dims(2**62, 4), "at most 67108864"),
        (set_dims(*[1] * 40), "at most"),
        (set_dims(7), "declares 7 values, holds"),
        (lambda p: p.opset_import[0].__setattr__("version", 21), "opset is 21, expected 1 to 20"),
        (lambda p: p.opset_import[0].__setattr__("version", -1), "opset is -1"),
        (
            lambda p: p.opset_import.add(domain="com.microsoft", version=1),
            "domain is 'com.microsoft', expected ai.onnx alone",
        ),
        (lambda p: p.graph.node[0].__setattr__("domain", "evil"), "is of domain 'evil'"),
        (lambda p: p.graph.initializer[0].__setattr__("data_type", TensorProto.STRING), "is of type 8"),
        (
            lambda p: p.graph.output[0].type.tensor_type.shape.dim[2].__setattr__("dim_value", 2**50),
            "at most 67108864",
        ),
        (lambda p: p.ClearField("graph"), "0 graphs"),
        (lambda p: p.ClearField("opset_import"), "opset is 0"),
    ],
    ids=lambda v: v if isinstance(v, str) else getattr(v, "__name__", ""),
)
def test_hostile_files(change: Callable[[onnx.ModelProto], object], expected: str) -> None:
    proto = toy.loop_decoder()
    change(proto)
    assert expected in refused(proto)


def test_two_graphs_that_a_parser_would_merge() -> None:
    empty_graph = b"\x3a\x00"
    with pytest.raises(ModelError, match="2 graphs"):
        onnx_file.check(toy.loop_decoder().SerializeToString() + empty_graph, "toy.onnx")


def test_endless_fields_end() -> None:
    """A file of nothing but tiny fields costs bounded time."""
    with pytest.raises(ModelError, match="more than 300000 fields"):
        onnx_file.check(b"\x28\x01" * 300_001, "toy.onnx")


def test_huge_files_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    with path.open("wb") as file:
        file.truncate(onnx_file.MAX_FILE_BYTES + 1)  # sparse: takes no room
    with pytest.raises(ModelError, match="has 128 MB, expected at most 128 MB"):
        onnx_file.read(path)


def bomb(values: int, folded: bool) -> onnx.ModelProto:
    """A few bytes that ask for `values` floats: of a constant, or at each decode."""
    proto = toy.loop_decoder()
    source = "size" if folded else "sized"
    proto.graph.initializer.append(numpy_helper.from_array(np.array([values], np.int64), "size"))
    nodes = (
        []
        if folded
        else [
            helper.make_node("Shape", ["z"], ["shape_of_z"], end=1),
            helper.make_node("Mul", ["shape_of_z", "size"], ["sized"]),
        ]
    )
    nodes += [
        helper.make_node("ConstantOfShape", [source], ["many"]),
        helper.make_node("ReduceMax", ["many"], ["most"], keepdims=0),
        helper.make_node("Add", ["gain", "most"], ["bombed"]),
    ]
    for node in reversed(nodes):
        proto.graph.node.insert(0, node)
    for node in proto.graph.node:
        if node.op_type == "Mul" and "gain" in node.input:
            node.input[1] = "bombed"
    return proto


@pytest.mark.parametrize("folded", [True, False])
def test_a_graph_that_asks_for_much_memory_is_refused(tmp_path: Path, folded: bool) -> None:
    harmless = toy.write(tmp_path / "harmless.onnx", bomb(1000, folded))
    assert Decoder.open(harmless).decode_loop(np.zeros(4)).audio.any()
    # 2 GB of zeros: more than all sessions together may take.
    with pytest.raises(ModelError, match=r"bomb\.onnx"):
        Decoder.open(toy.write(tmp_path / "bomb.onnx", bomb(500_000_000, folded)))


MUTATE = """
import random, sys
from pathlib import Path
import numpy as np

from vaesynth.decoder import Decoder
from vaesynth.errors import ModelError

source = Path(sys.argv[2]).read_bytes()
target = Path(sys.argv[2]).with_name("mutant.onnx")
rng, outcomes = random.Random(7), {"played": 0, "refused": 0}
for mutant in range(int(sys.argv[3])):
    data = bytearray(source)
    at = rng.choice([rng.randrange(len(data)), rng.randrange(600), len(data) - 1 - rng.randrange(1200)])
    match mutant % 5:
        case 0: del data[at:]
        case 1: data[at] ^= 1 << rng.randrange(8)
        case 2: data[at:at + 9] = b"\\xff" * 8 + b"\\x01"
        case 3: data[at:at] = rng.randbytes(rng.choice([1, 8, 64]))
        case 4: del data[at:at + rng.choice([1, 8, 64])]
    target.write_bytes(data)
    try:
        decoder = Decoder.open(target)
        loop = decoder.decode_loop(np.zeros(decoder.metadata.latent_dim))
        assert np.isfinite(loop.audio).all() and np.abs(loop.audio).max() <= 1
        outcomes["played"] += 1
    except ModelError as error:
        assert "mutant.onnx" in str(error) and "\\n" not in str(error), str(error)
        outcomes["refused"] += 1
# Not getrusage: its peak is that of the process that started this one, if that was larger.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(outcomes["played"], outcomes["refused"], int(peak.split()[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_mutants_are_refused_or_played_within_bounds(tmp_path: Path) -> None:
    """Truncated, flipped, stuffed and cut files in a process of their own: no crash, little memory."""
    path = toy.write(tmp_path / "toy.onnx", toy.loop_decoder(stems=True))
    command = [sys.executable, "-c", MUTATE, str(Path(toy.__file__).parent), str(path), "75"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    played, refusals, megabytes = map(int, done.stdout.split())
    assert played + refusals == 75
    assert refusals > 25
    assert megabytes < 1024
