"""Feed the reader mutated model files, and print what became of them.

    python bench/hostile.py [--count 300] [--seed 0] [--json OUT]

Each file goes to a child process that opens it as the instrument does, decodes a point of its pad and tells
what happened. A child has 3 GB of address space at most; its peak resident memory is measured, and an audit
hook tells of every file that it opens. `refused` is one sentence, `played` a decode within full scale.
Anything else is a fault.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mutations import mutants

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
    faces, drums = (Decoder.open(find(name)) for name in ("faces", "drums"))
    faces.decode_image(faces.metadata.pad.point(0, 0))
    drums.decode_loop(drums.metadata.pad.point(0, 0))
    with contextlib.suppress(VaesynthError):
        Decoder.open(Path(__file__))
    del faces, drums
    # The interpreter looks at its own libraries whenever an error makes it import something.
    libraries = [str(Path(p).resolve()) for p in (sys.base_prefix, sys.prefix, *sys.path) if p]
    own = ("/proc/self/status", "/proc/cpuinfo", "/sys/devices/", *libraries)
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
        elsewhere = [name for name in opened if not name.startswith(own)]
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
            return "spoke", answer
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


def run(count: int, seed: int) -> tuple[list[Outcome], int]:
    """The outcomes of `count` files, and the peak of a reading process's memory in MB."""
    process, outcomes = Child(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.onnx"
        # What mutants name as their weights is there, so that a reader who follows them finds something.
        (Path(folder) / "weights.bin").write_bytes(bytes(16 << 20))
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
