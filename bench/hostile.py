"""Feed the reader mutated model files, and print what became of them.

    python bench/hostile.py [--count 300] [--seed 0] [--json OUT]

Each file goes to a child process that opens it as the instrument does, decodes a point of its pad and tells
what happened. A child has 3 GB of address space at most; its peak resident memory is measured, and an audit
hook tells of every file that it opens. `refused` is one sentence, `played` a decode within full scale.
Anything else is a fault.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MEMORY_LIMIT_MB = 1024
ADDRESS_SPACE = 3 << 30
SECONDS = 60


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `refused`, `played`, or a fault, such as `crashed` or `opened FILE`."""

    mutation: str
    result: str
    detail: str


def child() -> None:
    """Open the files named on standard input, one a line; answer with one JSON line each."""
    import resource

    import numpy as np

    from vaesynth.decoder import Decoder
    from vaesynth.errors import VaesynthError
    from vaesynth.models import find

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    # Everything that is imported or read once is so before the hook listens.
    good = Decoder.open(find("faces"))
    good.decode_image(good.metadata.pad.point(0, 0))
    allowed, opened = "", list[str]()

    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str) and arguments[0] != allowed:
            opened.append(arguments[0])

    sys.addaudithook(audit)
    for line in sys.stdin:
        allowed = line.rstrip("\n")
        opened.clear()
        try:
            decoder = Decoder.open(Path(allowed))
            z = decoder.metadata.pad.point(0.3, -0.3)
            if decoder.metadata.kind == "image":
                result, fine = "played", decoder.decode_image(z).dtype == np.uint8
            else:
                audio = decoder.decode_loop(z).audio
                result, fine = "played", bool(np.isfinite(audio).all() and np.abs(audio).max() <= 1)
            detail = "" if fine else "beyond full scale"
            result = result if fine else "out of bounds"
        except VaesynthError as error:
            result, detail = "refused", str(error)
            if len(detail.splitlines()) != 1:
                result = "not one sentence"
        except Exception as error:
            result, detail = "traceback", f"{type(error).__name__}: {error}"
        elsewhere = [name for name in opened if not name.startswith(("/proc/", "/sys/"))]
        if elsewhere:
            result, detail = f"opened {elsewhere[0]}", detail
        print(json.dumps([result, detail[:300], peak_mb()]), flush=True)


def peak_mb() -> int:
    """Peak resident memory of this process in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


class Child:
    """A child process that reads model files; begun anew when it has died."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.peak = 0

    def ask(self, path: Path) -> tuple[str, str]:
        """What became of the file at `path`: a result and its detail."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [sys.executable, __file__, "--child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        answer = self._line()
        if answer is None:
            self.close()
            return "hung", f"no answer in {SECONDS} s"
        if not answer:
            return "crashed", f"exit status {self.process.wait()}"
        try:
            result, detail, peak = json.loads(answer)
        except ValueError:
            self.close()
            return 'spoke', answer
        self.peak = max(self.peak, peak)
        return result, detail

    def _line(self) -> str | None:
        import select

        assert self.process is not None
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        return self.process.stdout.readline() if ready else None

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


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


def run(count: int, seed: int) -> tuple[list[Outcome], int]:
    """The outcomes of `count` files, and the peak of a reading process's memory in MB."""
    process, outcomes = Child(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        for name, data in mutants(count, seed):
            path.write_bytes(data)
            outcomes.append(Outcome(name, *process.ask(path)))
    process.close()
    return outcomes, process.peak


def main() -> int:
    """Print the table; 1 where a file did anything but be refused or play."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the outcomes here, too")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child()
        return 0
    outcomes, peak = run(options.count, options.seed)
    print("| mutation | files | refused | played | faults |\n|---|---|---|---|---|")
    for mutation in dict.fromkeys(o.mutation for o in outcomes):
        found = Counter(o.result for o in outcomes if o.mutation == mutation)
        total, refused, played = sum(found.values()), found["refused"], found["played"]
        print(f"| {mutation} | {total} | {refused} | {played} | {total - refused - played} |")
    faults = [o for o in outcomes if o.result not in ("refused", "played")]
    for fault in faults:
        print(f"{fault.mutation}: {fault.result}: {fault.detail}")
    print(f"\npeak memory of a reading process: {peak} MB (limit {MEMORY_LIMIT_MB})")
    if options.json:
        options.json.write_text(json.dumps({"peak_mb": peak, "outcomes": [asdict(o) for o in outcomes]}))
    return 1 if faults or peak > MEMORY_LIMIT_MB else 0


if __name__ == "__main__":
    sys.exit(main())
