"""Reading an ONNX file without trusting it: its metadata, inputs and outputs, and everything that could hurt.

This walks the few fields of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that matter,
so that the core needs no `onnx` package, and refuses a file before ONNX Runtime sees it where it points
outside itself, declares more than it holds, or is no plain graph of standard operators.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .errors import ModelError
from .wire import BYTES, Field, WireError, WireReader

MAX_FILE_BYTES = 128 * 2**20
MAX_OPSET = 20
MAX_VALUES = 2**26
"""Most values that a declared tensor may have."""
MAX_RANK = 12
MAX_NODES = 20_000
MAX_METADATA_BYTES = 5 * 2**20

FLOAT = 1
# Bits of an element by TensorProto.DataType: float, uint8, int8, uint16, int16, int32, int64, bool, float16,
# double, uint32, uint64, bfloat16. Text, complex numbers and 4- and 8-bit floats have no place in a decoder.
_BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16}
_RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}


@dataclass(frozen=True)
class TensorInfo:
    """A graph input or output: its element type (1 is float32) and shape (None for a dynamic dimension)."""

    name: str
    dtype: int
    shape: tuple[int | None, ...]

    def __str__(self) -> str:
        dtype = "float32" if self.dtype == FLOAT else f"type {self.dtype}"
        return f"{dtype} [{', '.join('batch' if n is None else str(n) for n in self.shape)}]"


@dataclass(frozen=True)
class OnnxFile:
    """A checked ONNX file, wholly in memory, so that what was checked is what is run.

    Attributes:
        where: the file's name, for messages.
        data: its bytes; none in a `described` one.
        size: how many bytes it has.
        metadata: the model's `metadata_props`.
        inputs: graph inputs, without those that only name initialisers.
        outputs: graph outputs.
        opset: version of the `ai.onnx` operator set.
        producer: the tool that wrote the file.
        operators: operator → how many nodes use it.
        parameters: number of stored values.
    """

    where: str
    data: bytes = field(repr=False)
    size: int
    metadata: Mapping[str, str] = field(repr=False)
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    opset: int
    producer: str
    operators: Mapping[str, int]
    parameters: int

    def output(self, name: str) -> TensorInfo | None:
        """The output of that name, or None."""
        return next((o for o in self.outputs if o.name == name), None)

    def described(self) -> "OnnxFile":
        """The same without its bytes, for those who have loaded it and need not hold it twice."""
        return replace(self, data=b"")


def read(path: Path) -> OnnxFile:
    """The checked file at `path`.

    Raises:
        ModelError: the file cannot be read, is no ONNX file, or is one that is unsafe to load.
    """
    try:
        if not path.is_file():
            raise ModelError(f"{path}: is no file, expected an ONNX file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ModelError(
                f"{path.name}: has {size / 2**20:.0f} MB, expected at most {MAX_FILE_BYTES // 2**20} MB"
            )
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as e:
        raise ModelError(f"{path}: cannot be read ({e.strerror or e}), expected an ONNX file") from e
    return check(data, path.name)


def check(data: bytes, where: str) -> OnnxFile:
    """The checked file whose bytes are `data`; `where` names it in messages.

    Raises:
        ModelError: the bytes are no ONNX file, or one that is unsafe to load.
    """
    if not data:
        raise ModelError(f"{where}: is empty, expected an ONNX file")
    if len(data) > MAX_FILE_BYTES:
        raise ModelError(f"{where}: has over {MAX_FILE_BYTES // 2**20} MB, expected at most that")
    try:
        return _Checker(data, where).model()
    except WireError as e:
        raise ModelError(f"{where}: is no ONNX file ({e}), expected one graph as a protocol buffer") from e


class _Checker:
    """Walks one ModelProto; methods are named for the messages of onnx.proto."""

    def __init__(self, data: bytes, where: str) -> None:
        self.data, self.where, self.wire = data, where, WireReader(data)
        self.nodes = self.parameters = 0
        self.operators: dict[str, int] = {}

    def fail(self, what: str, expected: str) -> ModelError:
        return ModelError(f"{self.where}: {what}, expected {expected}")

    def model(self) -> OnnxFile:
        metadata: dict[str, str] = {}
        opsets: list[tuple[str, int]] = []
        graphs: list[Field] = []
        producer, spent = "", 0
        for f in self.wire.fields():
            if f.number == 2:  # producer_name
                producer = self.wire.text(f)[:100]
            elif f.number == 7:  # graph
                graphs.append(f)
            elif f.number == 8:  # opset_import
                opsets.append(self.opset(f))
            elif f.number == 14:  # metadata_props
                spent += f.size
                if spent > MAX_METADATA_BYTES:
                    raise self.fail(f"metadata has {spent} bytes", f"at most {MAX_METADATA_BYTES}")
                key, value = self.entry(f)
                if key in metadata:
                    raise self.fail(f"metadata holds {key[:40]!r} twice", "each key once")
                metadata[key] = value
            elif f.number in (20, 25):  # training_info, functions
                raise self.fail("the file holds functions or training graphs", "one plain graph")
        if len(graphs) != 1:
            raise WireError(f"it holds {len(graphs)} graphs")
        for domain, version in opsets or [("", 0)]:
            if domain not in ("", "ai.onnx"):
                raise self.fail(f"operator domain is {domain[:40]!r}", "ai.onnx alone")
            if not 1 <= version <= MAX_OPSET:
                raise self.fail(f"opset is {version}", f"1 to {MAX_OPSET}")
        opset = max(version for _, version in opsets)
        inputs, outputs = self.graph(graphs[0])
        return OnnxFile(
            self.where,
            self.data,
            len(self.data),
            metadata,
            inputs,
            outputs,
            opset,
            producer,
            self.operators,
            self.parameters,
        )

    def opset(self, of: Field) -> tuple[str, int]:
        domain, version = "", 0
        for f in self.wire.message(of):
            if f.number == 1:
                domain = self.wire.text(f)
            elif f.number == 2:
                version = self.wire.integer(f)
        return domain, version

    def entry(self, of: Field) -> tuple[str, str]:
        key = value = ""
        for f in self.wire.message(of):
            if f.number == 1:
                key = self.wire.text(f)
            elif f.number == 2:
                value = self.wire.text(f)
        return key, value

    def graph(self, of: Field) -> tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
        inputs: list[TensorInfo] = []
        outputs: list[TensorInfo] = []
        stored: set[str] = set()
        for f in self.wire.message(of):
            if f.number == 1:
                self.node(f)
            elif f.number == 5:
                stored.add(self.tensor(f))
            elif f.number == 11:
                inputs.append(self.value_info(f))
            elif f.number == 12:
                outputs.append(self.value_info(f))
            elif f.number == 13:
                self.value_info(f)
            elif f.number == 15:
                raise self.fail("a weight is sparse", "dense weights")
        return tuple(i for i in inputs if i.name not in stored), tuple(outputs)

    def node(self, of: Field) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fail(f"the graph has over {MAX_NODES} nodes", "at most that")
        operator = domain = ""
        for f in self.wire.message(of):
            if f.number == 4:
                operator = self.wire.text(f)
            elif f.number == 7:
                domain = self.wire.text(f)
            elif f.number == 5:
                self.attribute(f)
        if domain not in ("", "ai.onnx"):
            raise self.fail(f"operator {operator[:40]!r} is of domain {domain[:40]!r}", "ai.onnx alone")
        if operator in _RANDOM:
            raise self.fail(f"operator is {operator}", "a deterministic graph")
        self.operators[operator] = self.operators.get(operator, 0) + 1

    def attribute(self, of: Field) -> None:
        tensors = 0
        for f in self.wire.message(of):
            if f.number in (6, 11):  # g, graphs: If, Loop and Scan, whose work has no known bound
                raise self.fail("a node holds a graph of its own", "a graph without control flow")
            if f.number in (22, 23):  # sparse_tensor, sparse_tensors
                raise self.fail("a constant is sparse", "dense constants")
            if f.number in (5, 10):  # t, tensors
                tensors += f.number == 5
                self.tensor(f)
        if tensors > 1:
            raise WireError("an attribute holds two tensors")

    def tensor(self, of: Field) -> str:
        """Check that a stored tensor declares as much as it holds, and return its name."""
        name, dtype = "", 0
        dims: list[int] = []
        raw: int | None = None
        typed = 0
        for f in self.wire.message(of):
            if f.number == 1:  # dims
                dims += self.wire.integers(f)
            elif f.number == 2:  # data_type
                dtype = self.wire.integer(f)
            elif f.number == 8:  # name
                name = self.wire.text(f)
            elif f.number == 9:  # raw_data
                if raw is not None or f.wire != BYTES:
                    raise WireError("a tensor holds its data twice")
                raw = f.size
            elif f.number in (4, 5, 7, 10, 11):  # float_data … uint64_data
                typed += self.typed_values(f)
            elif f.number == 13 or (f.number == 14 and f.value != 0):  # external_data, data_location
                raise self.fail(f"weight {name[:40]!r} lies in another file", "all weights in this file")
            elif f.number in (3, 6):  # segment, string_data
                raise self.fail(f"tensor {name[:40]!r} holds text or segments", "numbers in one piece")
        if dtype not in _BITS:
            raise self.fail(f"tensor {name[:40]!r} is of type {dtype}", "a number type that decoders use")
        values = self.count(dims, name)
        held = typed if raw is None else raw * 8 // _BITS[dtype]
        if held != values or (raw is not None and typed):
            raise self.fail(f"tensor {name[:40]!r} declares {values} values, holds {held}", "the same number")
        self.parameters += values
        return name

    def typed_values(self, f: Field) -> int:
        """Values in float_data (4), int32_data (5), int64_data (7), double_data (10) or uint64_data (11)."""
        if f.wire != BYTES:
            return 1
        return f.size // (4 if f.number == 4 else 8) if f.number in (4, 10) else self.wire.count_varints(f)

    def count(self, dims: list[int], name: str) -> int:
        """Number of values of a shape, which is bounded."""
        bounded = len(dims) <= MAX_RANK and all(0 <= n <= MAX_VALUES for n in dims)
        if not bounded or math.prod(dims) > MAX_VALUES:
            shown = " × ".join(map(str, dims[:6]))
            raise self.fail(f"tensor {name[:40]!r} declares {shown} values", f"at most {MAX_VALUES}")
        return math.prod(dims)

    def value_info(self, of: Field) -> TensorInfo:
        name, dtype = "", 0
        shape: list[int | None] = []
        for f in self.wire.message(of):
            if f.number == 1:
                name = self.wire.text(f)
            elif f.number == 2:  # type
                for kind in self.wire.message(f):
                    if kind.number != 1:
                        raise self.fail(f"{name[:40]!r} is no tensor", "tensors as inputs and outputs")
                    dtype, shape = self.tensor_type(kind)
        self.count([n for n in shape if n is not None], name)
        return TensorInfo(name, dtype, tuple(shape))

    def tensor_type(self, of: Field) -> tuple[int, list[int | None]]:
        dtype = 0
        shape: list[int | None] = []
        for f in self.wire.message(of):
            if f.number == 1:  # elem_type
                dtype = self.wire.integer(f)
            elif f.number == 2:  # shape
                shape = [self.dimension(d) for d in self.wire.message(f) if d.number == 1]
        return dtype, shape

    def dimension(self, of: Field) -> int | None:
        value: int | None = None
        for f in self.wire.message(of):
            value = self.wire.integer(f) if f.number == 1 else None
        return value
