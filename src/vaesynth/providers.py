"""ONNX Runtime sessions: which provider computes, on one thread, within a bounded amount of memory."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from .errors import ModelError, SettingError

if TYPE_CHECKING:
    import onnxruntime as ort

# From 1.29 on, ONNX Runtime on Linux tells its maker which models are loaded on which machine, unless this is
# set before it is imported, which in this package is done here alone.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""Short name → ONNX Runtime's name, in the order in which they are tried."""

MAX_ARENA_BYTES = 512 * 2**20
"""Most that all sessions of this process allocate on the CPU together; a hostile graph hits it and fails."""
MAX_FOLDED_BYTES = 64 * 2**20
"""Upper bound of one constant that ONNX Runtime computes ahead while it loads a graph."""


@dataclass(frozen=True)
class Session:
    """An open ONNX Runtime session.

    Attributes:
        session: ONNX Runtime's own; its `run` releases the GIL.
        provider: short name of the provider in use (a key of `PROVIDERS`).
        notice: one sentence where this is not the provider that was asked for or tried first.
    """

    session: ort.InferenceSession
    provider: str
    notice: str | None = None

    def run(self, outputs: list[str], inputs: dict[str, Any], first: bool = False) -> list[Any]:
        """Outputs of the graph, in the order asked for.

        With `first`, memory that no run uses goes back to the system afterwards, which costs the next one
        some time. ONNX Runtime's first run of a graph learns how its memory is best laid out, and is the only
        one to lay it out as it did: what it took would lie idle (15 MB for the bundled drums).
        """
        if first and self.provider == "cpu":
            with contextlib.suppress(Exception):  # a build without arenas; a fault of the graph comes again
                return list(self.session.run(outputs, inputs, _shrinking()))
        halt = _halt.get()
        if halt is None:
            return list(self.session.run(outputs, inputs))
        with halt.running():
            return list(self.session.run(outputs, inputs, halt.options))


class Halt:
    """Ends what sessions run in its `with`, from another thread: they fail, and so do those that follow."""

    def __init__(self) -> None:
        import onnxruntime as ort

        self.options = ort.RunOptions()
        self._over = threading.Event()
        self._over.set()

    def __enter__(self) -> Self:
        self._before = _halt.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _halt.reset(self._before)

    def now(self) -> None:
        """End them, at the next operator of the graph."""
        self.options.terminate = True

    def wait(self, seconds: float) -> None:
        """Wait until none of them runs, up to `seconds`."""
        self._over.wait(seconds)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """One of them runs in the body."""
        self._over.clear()
        try:
            yield
        finally:
            self._over.set()


def _shrinking() -> ort.RunOptions:
    """Options of a run after which the CPU's arena shrinks to what is in use."""
    import onnxruntime as ort

    options = ort.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


_halt: ContextVar[Halt | None] = ContextVar("halt", default=None)


@functools.cache
def _bound_memory() -> None:
    """Register one arena of bounded size for all CPU sessions of this process."""
    import onnxruntime as ort

    memory = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    # Extending by what is asked for, not by powers of two, keeps small models small.
    arena = ort.OrtArenaCfg({"max_mem": MAX_ARENA_BYTES, "arena_extend_strategy": 1})
    try:
        ort.create_and_register_allocator(memory, arena)
    except Exception:  # the program that embeds us has registered its own
        return


def available() -> list[str]:
    """Short names of the providers that this ONNX Runtime offers, in the order in which they are tried."""
    import onnxruntime as ort

    offered = ort.get_available_providers()
    return [name for name, full in PROVIDERS.items() if full in offered]


def overwritten() -> str | None:
    """One sentence where the graphics build of ONNX Runtime is installed, but another build lies over it.

    All builds fill the same folder, and pip lets the last one win (docs/design/gpu.md).
    """
    for build, name in (("onnxruntime-gpu", "cuda"), ("onnxruntime-directml", "directml")):
        try:
            importlib.metadata.version(build)
        except importlib.metadata.PackageNotFoundError:
            continue
        if name not in available():
            return (
                f"{build} is installed, but another build of ONNX Runtime lies over it; "
                f"`pip install --force-reinstall --no-deps {build}` brings {name} back."
            )
    return None


def provider_name(text: str) -> str:
    """Short name of a provider given by its short or by ONNX Runtime's name.

    Raises:
        SettingError: there is no such provider.
    """
    for name, full in PROVIDERS.items():
        if text.lower() in (name, full.lower()):
            return name
    raise SettingError(f"provider is {text!r}, expected one of {', '.join(PROVIDERS)}")


def _options(provider: str, threads: int) -> ort.SessionOptions:
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # failures come back as exceptions, and are told in our words
    options.enable_mem_pattern = provider != "directml"  # which DirectML does not support
    for key, value in (
        ("session.intra_op.allow_spinning", "0"),  # a waiting thread must not heat a core that audio needs
        ("session.inter_op.allow_spinning", "0"),
        ("session.use_env_allocators", "1"),
        ("optimization.constant_folding_max_output_size_in_bytes", str(MAX_FOLDED_BYTES)),
    ):
        options.add_session_config_entry(key, value)
    return options


def _open(graph: bytes, provider: str, threads: int) -> ort.InferenceSession:
    import onnxruntime as ort

    # TensorFloat-32 would cost three decimal digits against the CPU.
    settings = {"use_tf32": "0"} if provider == "cuda" else {}
    chain: list[Any] = [(PROVIDERS[provider], settings)]
    if provider != "cpu":
        chain.append(PROVIDERS["cpu"])
    # The runtime by itself would try again on the CPU and print about it; `open_graph` does so in words.
    session = ort.InferenceSession(graph, _options(provider, threads), providers=chain, enable_fallback=0)
    # ONNX Runtime itself drops a provider whose libraries are missing, without an exception.
    if session.get_providers()[0] != PROVIDERS[provider]:
        raise RuntimeError("its libraries could not be loaded")
    # Held by ONNX Runtime's Python for a change of providers later on, which we never ask for.
    session._model_bytes = None
    return session


def reason(error: Exception) -> str:
    """First line of an ONNX Runtime error, without its prefix and source position."""
    line = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return line.split(" : ")[-1].strip().rstrip(".")[:200]


def open_graph(graph: bytes, where: str, provider: str | None = None, threads: int = 1) -> Session:
    """A session on the provider asked for, or on the first of CUDA, CoreML, DirectML, CPU that works.

    Args:
        graph: the bytes of an ONNX file that `onnx_file.read` has checked.
        where: the file's name, for messages.
        provider: a key or value of `PROVIDERS`; None: the first that works.
        threads: threads within one operator; one is fastest for a small decoder.

    Raises:
        ModelError: ONNX Runtime cannot load the graph on any provider.
        SettingError: there is no provider of that name.
    """
    _bound_memory()
    offered = available()
    asked = provider_name(provider) if provider is not None else None
    tried = [asked] if asked else [name for name in offered if name != "cpu"]
    notice = None
    if asked is None or asked not in (*offered, "cpu"):
        notice = overwritten()
    for name in tried:
        if name == "cpu":
            break
        if name not in offered:
            notice = notice or (
                f"Provider {name} is not in this ONNX Runtime (only {', '.join(offered)}); using cpu."
            )
            continue
        try:
            return Session(_open(graph, name, threads), name, notice)
        except Exception as e:  # providers raise what they like
            notice = f"Provider {name} failed ({reason(e)}); using cpu."
    try:
        return Session(_open(graph, "cpu", threads), "cpu", notice)
    except Exception as e:
        raise ModelError(
            f"{where}: the graph cannot be loaded ({reason(e)}), expected one that ONNX Runtime can run"
        ) from e


def open_session(
    source: Path | bytes, provider: str | None = None, threads: int = 1
) -> tuple[ort.InferenceSession, str]:
    """Session of an ONNX file (a path, or its bytes), and the short name of the provider really in use.

    Raises:
        ModelError: the file is no usable ONNX file.
        SettingError: there is no provider of that name.
    """
    from . import onnx_file

    file = onnx_file.check(source, "graph") if isinstance(source, bytes) else onnx_file.read(source)
    opened = open_graph(file.data, file.where, provider, threads)
    return opened.session, opened.provider
