"""Decoders of other tools: with the facts that they lack they become instruments of format 1.

The graph is wrapped, not changed: `z` leads to its own input under whatever name, and its audio is given the
shape and the name of the contract. The result is an ordinary model file, which all of vaesynth can open.
"""

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from . import metadata, models, onnx_file, providers
from .errors import ModelError, OutputError, SettingError
from .geometry import LoopGeometry
from .onnx_file import FLOAT, OnnxFile, TensorInfo
from .wire import VARINT, Field, WireReader, encode, message

REACH = 2.0
"""The pad spans the first two latents this far either way: most of what N(0, 1) draws."""
WHOLE = 0.05
"""How far from a whole number the beats may be that follow from a tempo."""

# Fields of onnx.proto: of ModelProto, GraphProto, NodeProto, TensorProto.
GRAPH, PROPERTIES = 7, 14
NODE, INITIALIZER, INPUT, OUTPUT = 1, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_OPERATOR = 1, 2, 4
TENSOR_DIMS, TENSOR_TYPE, TENSOR_NAME, TENSOR_INT64 = 1, 2, 8, 7
INT64 = 7
OWN = "own/"
"""Put before every name of the wrapped graph, so that none can clash with ours."""


@dataclass(frozen=True)
class Facts:
    """What a decoder without metadata does not say of its loops.

    Attributes:
        sample_rate: in Hz.
        beats: length of a loop; None: as many as `bpm` gives.
        bpm: tempo at which the loops are decoded; not needed where `beats` is known.
        beats_per_bar: meter.
    """

    sample_rate: int
    beats: int | None = None
    bpm: float | None = None
    beats_per_bar: int = 4


def adopt(file: OnnxFile, facts: Facts) -> OnnxFile:
    """The decoder as a file of format 1.

    It must take one float32 `[batch, latent_dim]` and give float32 `[batch, frames]` or `[batch, channels,
    frames]`, as its only output or as the one named `audio`; a batch of one is enough. How long its loops are
    is found by decoding one.

    Raises:
        ModelError: the graph is of another form, or fails.
        SettingError: the facts do not fit, or the file has its own.
    """
    if metadata.KEY in file.metadata:
        raise SettingError(f"{file.where}: has metadata of its own, expected no --sample-rate or --beats")
    latent_dim, output = _input(file), _output(file)
    channels, frames = _decode_one(file, latent_dim, output)
    geometry = LoopGeometry(
        facts.sample_rate, channels, frames, _beats(facts, frames, file.where), facts.beats_per_bar
    )
    text = json.dumps(_metadata(file, latent_dim, geometry))
    metadata.parse(text, file.where)
    graph = _Wrapper(file).graph(latent_dim, output.name, geometry)
    parts = [_copy(file, f) for f in WireReader(file.data).fields() if f.number != GRAPH]
    entry = message((1, metadata.KEY), (2, text))
    return onnx_file.check(b"".join(parts) + message((GRAPH, graph), (PROPERTIES, entry)), file.where)


def keep(file: OnnxFile) -> Path:
    """Write an adopted file into the user's cache, for those that open models by path; returns where it is.

    Raises:
        OutputError: it cannot be written.
    """
    folder = Path(platformdirs.user_cache_dir("vaesynth", appauthor=False)) / "adopted"
    folder /= hashlib.sha256(file.data).hexdigest()[:16]
    path = folder / f"{models.model_name(Path(file.where))}{models.DECODER_SUFFIX}"
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            part.write_bytes(file.data)
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as e:
        raise OutputError(f"{path}: cannot be written ({e.strerror or e}), expected a writable cache") from e
    return path


def _input(file: OnnxFile) -> int:
    """Number of latent dimensions that the only input takes."""
    if len(file.inputs) == 1:
        latent = file.inputs[0]
        batch, *dims = latent.shape or (0,)
        if latent.dtype == FLOAT and batch in (None, 1) and len(dims) == 1 and dims[0]:
            return dims[0]
    found = ", ".join(f"{i.name[:40]} {i}" for i in file.inputs) or "none"
    raise ModelError(f"{file.where}: graph inputs are {found}, expected one float32 [batch, latent_dim]")


def _output(file: OnnxFile) -> TensorInfo:
    output = file.outputs[0] if len(file.outputs) == 1 else file.output("audio")
    if output is None:
        names = ", ".join(o.name[:40] for o in file.outputs) or "none"
        raise ModelError(f"{file.where}: graph outputs are {names}, expected one, or one named audio")
    return output


def _decode_one(file: OnnxFile, latent_dim: int, output: TensorInfo) -> tuple[int, int]:
    """Channels and frames of a loop."""
    session = providers.open_graph(file.data, file.where, "cpu")
    try:
        z = np.zeros((1, latent_dim), np.float32)
        audio = np.asarray(session.run([output.name], {file.inputs[0].name: z})[0])
    except Exception as e:
        raise ModelError(f"{file.where}: decoding failed ({providers.reason(e)}), expected audio") from e
    if audio.dtype != np.float32 or audio.ndim not in (2, 3) or len(audio) != 1:
        raise ModelError(
            f"{file.where}: {output.name[:40]} comes out as {audio.dtype} {audio.shape}, "
            "expected float32 (batch, channels, frames) or (batch, frames)"
        )
    return (1 if audio.ndim == 2 else audio.shape[1]), audio.shape[-1]


def _beats(facts: Facts, frames: int, where: str) -> int:
    if facts.beats is not None:
        return facts.beats
    if facts.bpm is None:
        raise SettingError(f"{where}: its tempo is unknown, expected --beats or --bpm beside --sample-rate")
    seconds = frames / facts.sample_rate
    beats = facts.bpm * seconds / 60
    if round(beats) < 1 or abs(beats - round(beats)) > WHOLE:
        raise SettingError(
            f"{where}: --bpm {facts.bpm:g} gives {beats:.2f} beats in {seconds:.3f} s, "
            "expected a whole number (or --beats)"
        )
    return round(beats)


def _metadata(file: OnnxFile, latent_dim: int, geometry: LoopGeometry) -> dict[str, Any]:
    axes = np.zeros((2, latent_dim))
    np.fill_diagonal(axes, REACH)
    return {
        "format": metadata.FORMAT,
        "kind": "loop",
        "name": models.model_name(Path(file.where))[: metadata.MAX_LABEL],
        "sample_rate": geometry.sample_rate,
        "channels": geometry.channels,
        "frames": geometry.frames,
        "bpm": geometry.bpm,
        "beats": geometry.beats,
        "beats_per_bar": geometry.beats_per_bar,
        "latent_dim": latent_dim,
        "latent_mean": [0.0] * latent_dim,
        "latent_std": [1.0] * latent_dim,
        "pad": {
            "origin": [0.0] * latent_dim,
            "x_axis": axes[0].tolist(),
            "y_axis": axes[1].tolist(),
            "x_label": "latent 1",
            "y_label": "latent 2" if latent_dim > 1 else "nothing",
        },
        "macros": [],
        "examples": [],
        "pair": hashlib.sha256(file.data).hexdigest(),
        "scores": {},
        "trained": {},
        "licence": "unknown",
        "data_licence": "unknown",
        "authors": [],
    }


def _copy(file: OnnxFile, f: Field) -> bytes:
    """A field as it stands in the file."""
    return encode(f.number, f.value if f.wire == VARINT else file.data[f.start : f.stop], f.wire)


class _Wrapper:
    """Builds the graph round a foreign one."""

    def __init__(self, file: OnnxFile) -> None:
        self.file, self.wire = file, WireReader(file.data)

    def graph(self, latent_dim: int, output: str, geometry: LoopGeometry) -> bytes:
        """The new GraphProto: the old nodes and weights under names of their own, between `z` and `audio`."""
        (graph,) = (f for f in WireReader(self.file.data).fields() if f.number == GRAPH)
        shape = (geometry.channels, geometry.frames)
        parts = [
            message((2, "adopted")),
            message((NODE, _node("Identity", ["z"], f"{OWN}{self.file.inputs[0].name}"))),
        ]
        for f in self.wire.message(graph):
            if f.number == NODE:
                parts.append(message((NODE, self.renamed(f, (NODE_INPUT, NODE_OUTPUT)))))
            elif f.number == INITIALIZER:
                parts.append(message((INITIALIZER, self.renamed(f, (TENSOR_NAME,)))))
        weight = message((TENSOR_DIMS, 3), (TENSOR_TYPE, INT64), (TENSOR_NAME, "shape"))
        weight += message(*((TENSOR_INT64, n) for n in (-1, *shape)))
        parts += [
            message((INITIALIZER, weight)),
            message((NODE, _node("Reshape", [OWN + output, "shape"], "audio"))),
            message((INPUT, _tensor("z", (latent_dim,)))),
            message((OUTPUT, _tensor("audio", shape))),
        ]
        return b"".join(parts)

    def renamed(self, of: Field, names: tuple[int, ...]) -> bytes:
        """A node or weight with `OWN` before its names; an empty name, an input left out, stays empty."""
        parts = []
        for f in self.wire.message(of):
            if f.number in names:
                text = self.wire.text(f)
                parts.append(message((f.number, OWN + text if text else "")))
            else:
                parts.append(_copy(self.file, f))
        return b"".join(parts)


def _node(operator: str, inputs: list[str], output: str) -> bytes:
    return message(*((NODE_INPUT, i) for i in inputs), (NODE_OUTPUT, output), (NODE_OPERATOR, operator))


def _tensor(name: str, shape: tuple[int, ...]) -> bytes:
    """ValueInfoProto of a float32 `[batch, *shape]`."""
    dims = [message((2, "batch")), *(message((1, n)) for n in shape)]
    kind = message((1, FLOAT), (2, message(*((1, d) for d in dims))))
    return message((1, name), (2, message((1, kind))))
