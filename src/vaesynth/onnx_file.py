"""Reading an ONNX file without trusting it: metadata, inputs, outputs and everything that could hurt.

ONNX is a protocol buffer (https://protobuf.dev/programming-guides/encoding, schema onnx/onnx.proto). This reader walks the
few fields that matter, so that the core needs no `onnx` package, and refuses a file before ONNX Runtime sees it where it
points outside itself, declares more than it holds, or is no plain graph of standard operators.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import ModelError

MAX_FILE_BYTES = 128 * 2**20
MAX_OPSET = 20
MAX_VALUES = 2**26
"""Most values that a declared tensor may have."""
MAX_NODES = 50_000
MAX_FIELDS = 2_000_000
MAX_METADATA_BYTES = 5 * 2**20
MAX_DEPTH = 12

FLOAT = 1
# Bits of one element by TensorProto.DataType: float, uint8, int8, uint16, int16, int32, int64, bool, float16, double, uint32,
# uint64, bfloat16. Text (8), complex and the 8- and 4-bit floats have no place in a decoder.
_BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_NOT_DETERMINISTIC = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


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
        data: its bytes.
        metadata: the graph's `metadata_props`.
        inputs: graph inputs, without those that are only defaults of initialisers.
        outputs: graph outputs.
        opset: version of the `ai.onnx` operator set.
        producer: name of the tool that wrote the file.
        operators: operator → how many nodes use it.
        parameters: number of stored values.
    """

    where: str
    data: bytes = field(repr=False)
    metadata: Mapping[str, str]
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    opset: int
    producer: str
    operators: Mapping[str, int]
    parameters: int

    def output(self, name: str) -> TensorInfo | None:
        """The output of that name, or None."""
        return next((o for o in self.outputs if o.name == name), None)


def read(path: Path) -> OnnxFile:
    """The checked file at `path`.

    Raises:
        ModelError: the file cannot be read, is no ONNX file, or is one that is unsafe to load.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ModelError(f"{path}: is a folder, expected an ONNX file")
        if size > MAX_FILE_BYTES:
            raise ModelError(f"{path.name}: has {size / 2**20:.0f} MB, expected at most {MAX_FILE_BYTES // 2**20} MB")
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
        return _Reader(data, where).model()
    except (_WireError, UnicodeDecodeError) as e:
        raise ModelError(f"{where}: is no ONNX file ({e}), expected a protocol buffer of one graph") from e


class _WireError(Exception):
    """The bytes are no protocol buffer of the expected kind."""


@dataclass(frozen=True)
class _Field:
    """One field of a message: its number, wire type, and either an integer or where its bytes lie."""

    number: int
    wire: int
    value: int = 0
    start: int = 0
    stop: int = 0


@dataclass
class _Tensor:
    """What one TensorProto declares and holds."""

    name: str = ""
    dims: list[int] = field(default_factory=list)
    dtype: int = 0
    stored: int = 0
    raw: int | None = None


class _Reader:
    def __init__(self, data: bytes, where: str) -> None:
        self.data, self.where = data, where
        self.fields_left, self.nodes, self.parameters = MAX_FIELDS, 0, 0
        self.operators: dict[str, int] = {}

    def fail(self, what: str, expected: str) -> ModelError:
        return ModelError(f"{self.where}: {what}, expected {expected}")

    # -- wire format ---------------------------------------------------------------------------------------------------

    def varint(self, at: int, stop: int) -> tuple[int, int]:
        value = shift = 0
        while at < stop and shift < 70:
            byte = self.data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & (2**64 - 1), at
            shift += 7
        raise _WireError("a number is cut off")

    def fields(self, start: int, stop: int) -> Iterator[_Field]:
        at = start
        while at < stop:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise _WireError(f"more than {MAX_FIELDS} fields")
            tag, at = self.varint(at, stop)
            number, wire = tag >> 3, tag & 7
            if number == 0:
                raise _WireError("a field has number 0")
            if wire == _VARINT:
                value, at = self.varint(at, stop)
                yield _Field(number, wire, value)
                continue
            if wire == _BYTES:
                size, at = self.varint(at, stop)
            elif wire in (_FIXED64, _FIXED32):
                size = 8 if wire == _FIXED64 else 4
            else:
                raise _WireError(f"wire type {wire}")
            if size > stop - at:
                raise _WireError("a field is cut off")
            yield _Field(number, wire, 0, at, at + size)
            at += size

    def message(self, of: _Field) -> Iterator[_Field]:
        if of.wire != _BYTES:
            raise _WireError(f"field {of.number} is no message")
        return self.fields(of.start, of.stop)

    def text(self, of: _Field) -> str:
        if of.wire != _BYTES:
            raise _WireError(f"field {of.number} is no text")
        return self.data[of.start:of.stop].decode()

    def integers(self, of: _Field) -> Iterator[int]:
        """One integer, or several packed; signed 64 bit."""
        if of.wire == _VARINT:
            yield of.value - 2**64 if of.value >= 2**63 else of.value
            return
        if of.wire != _BYTES:
            raise _WireError(f"field {of.number} holds no integers")
        at = of.start
        while at < of.stop:
            value, at = self.varint(at, of.stop)
            self.fields_left -= 1
            if self.fields_left < 0:
                raise _WireError(f"more than {MAX_FIELDS} values")
            yield value - 2**64 if value >= 2**63 else value

    # -- messages of onnx.proto ----------------------------------------------------------------------------------------

    def model(self) -> OnnxFile:
        metadata: dict[str, str] = {}
        graphs: list[_Field] = []
        opsets: dict[str, int] = {}
        producer, spent = "", 0
        for f in self.fields(0, len(self.data)):
            if f.number == 2:
                producer = self.text(f)[:100]
            elif f.number == 7:
                graphs.append(f)
            elif f.number == 8:
                domain, version = self.opset(f)
                opsets[domain] = max(version, opsets.get(domain, 0))
            elif f.number == 14:
                spent += f.stop - f.start
                if spent > MAX_METADATA_BYTES:
                    raise self.fail(f"metadata has {spent} bytes", f"at most {MAX_METADATA_BYTES}")
                key, value = self.entry(f)
                if key in metadata:
                    raise self.fail(f"metadata holds {key[:40]!r} twice", "each key once")
                metadata[key] = value
            elif f.number in (20, 25):
                raise self.fail("the file holds functions or training graphs", "one plain graph")
        if len(graphs) != 1:
            raise _WireError(f"{len(graphs)} graphs")
        foreign = sorted(d for d in opsets if d not in ("", "ai.onnx"))
        if foreign:
            raise self.fail(f"operator domain is {foreign[0][:40]!r}", "ai.onnx alone")
        opset = max(opsets.values(), default=0)
        if not 1 <= opset <= MAX_OPSET:
            raise self.fail(f"opset is {opset}", f"1 to {MAX_OPSET}")
        inputs, outputs = self.graph(graphs[0])
        return OnnxFile(self.where, self.data, metadata, inputs, outputs, opset, producer, self.operators, self.parameters)

    def opset(self, of: _Field) -> tuple[str, int]:
        domain, version = "", 0
        for f in self.message(of):
            if f.number == 1:
                domain = self.text(f)
            elif f.number == 2:
                version = next(self.integers(f), 0)
        return domain, version

    def entry(self, of: _Field) -> tuple[str, str]:
        key = value = ""
        for f in self.message(of):
            if f.number == 1:
                key = self.text(f)
            elif f.number == 2:
                value = self.text(f)
        return key, value

    def graph(self, of: _Field) -> tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
        inputs: list[TensorInfo] = []
        outputs: list[TensorInfo] = []
        constants: set[str] = set()
        for f in self.message(of):
            if f.number == 1:
                self.node(f)
            elif f.number == 5:
                constants.add(self.tensor(f))
            elif f.number == 11:
                inputs.append(self.value(f))
            elif f.number == 12:
                outputs.append(self.value(f))
            elif f.number == 13:
                self.value(f)
            elif f.number == 15:
                raise self.fail("a weight is sparse", "dense weights")
        return tuple(i for i in inputs if i.name not in constants), tuple(outputs)

    def node(self, of: _Field) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.fail(f"the graph has over {MAX_NODES} nodes", "at most that")
        operator = domain = ""
        for f in self.message(of):
            if f.number == 4:
                operator = self.text(f)
            elif f.number == 7:
                domain = self.text(f)
            elif f.number == 5:
                self.attribute(f)
        if domain not in ("", "ai.onnx"):
            raise self.fail(f"operator {operator[:40]!r} is of domain {domain[:40]!r}", "ai.onnx alone")
        if operator in _NOT_DETERMINISTIC:
            raise self.fail(f"operator is {operator}", "a deterministic graph")
        self.operators[operator] = self.operators.get(operator, 0) + 1

    def attribute(self, of: _Field) -> None:
        tensors = 0
        for f in self.message(of):
            if f.number in (6, 11):
                # If, Loop and Scan: their work has no bound that could be told ahead.
                raise self.fail("a node holds a graph of its own", "a graph without control flow")
            if f.number in (22, 23):
                raise self.fail("a constant is sparse", "dense constants")
            if f.number in (5, 10):
                tensors += f.number == 5
                self.tensor(f)
        if tensors > 1:
            raise _WireError("an attribute holds two tensors")

    def tensor(self, of: _Field) -> str:
        """Check one stored tensor; what it declares must be what it holds. Returns its name."""
        t = _Tensor()
        for f in self.message(of):
            if f.number == 1:
                t.dims += self.integers(f)
            elif f.number == 2:
                t.dtype = next(self.integers(f), 0)
            elif f.number == 8:
                t.name = self.text(f)
            elif f.number == 9:
                if t.raw is not None or f.wire != _BYTES:
                    raise _WireError("a tensor holds its data twice")
                t.raw = f.stop - f.start
            elif f.number in (4, 5, 7, 10, 11):
                t.stored += self.stored_values(f)
            elif f.number == 13 or (f.number == 14 and f.value != 0):
                raise self.fail(f"weight {t.name[:40]!r} lies in another file", "all weights in this file")
            elif f.number in (3, 6):
                raise self.fail(f"tensor {t.name[:40]!r} holds text or segments", "numbers in one piece")
        if t.dtype not in _BITS:
            raise self.fail(f"tensor {t.name[:40]!r} is of type {t.dtype}", "a number type of the ONNX standard")
        values = self.size(t.dims, t.name)
        held = t.stored if t.raw is None else t.raw * 8 // _BITS[t.dtype]
        if held != values or (t.raw is not None and t.stored):
            raise self.fail(f"tensor {t.name[:40]!r} declares {values} values and holds {held}", "as many as it holds")
        self.parameters += values
        return t.name

    def stored_values(self, of: _Field) -> int:
        """Number of values in one typed data field (float_data 4, int32_data 5, int64_data 7, double_data 10, uint64_data 11)."""
        if of.wire != _BYTES:
            return 1
        if of.number in (4, 10):
            return (of.stop - of.start) // (4 if of.number == 4 else 8)
        # Every varint ends in the only byte below 0x80.
        return sum(byte < 0x80 for byte in memoryview(self.data)[of.start:of.stop])

    def size(self, dims: list[int], name: str) -> int:
        if len(dims) > MAX_DEPTH or any(n < 0 or n > MAX_VALUES for n in dims) or math.prod(dims) > MAX_VALUES:
            shown = " × ".join(map(str, dims[:6]))
            raise self.fail(f"tensor {name[:40]!r} declares {shown} values", f"at most {MAX_VALUES} values")
        return math.prod(dims)

    def value(self, of: _Field) -> TensorInfo:
        name, dtype, shape = "", 0, []
        for f in self.message(of):
            if f.number == 1:
                name = self.text(f)
            elif f.number == 2:
                for kind in self.message(f):
                    if kind.number != 1:
                        raise self.fail(f"{name[:40]!r} is no tensor", "tensors as inputs and outputs")
                    for part in self.message(kind):
                        if part.number == 1:
                            dtype = next(self.integers(part), 0)
                        elif part.number == 2:
                            shape = [self.dimension(d) for d in self.message(part) if d.number == 1]
        self.size([n for n in shape if n is not None], name)
        return TensorInfo(name, dtype, tuple(shape))

    def dimension(self, of: _Field) -> int | None:
        value = None
        for f in self.message(of):
            if f.number == 1:
                value = next(self.integers(f), 0)
            elif f.number == 2:
                value = None
        return value
