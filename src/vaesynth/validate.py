"""Does a model file keep the contract (docs/format.md)? All that reading and running it can tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import onnx_file, providers
from .decoder import Decoder, expected_outputs, read_metadata
from .encoder import Encoder
from .errors import ModelError
from .geometry import PAPER_LOOP, LoopGeometry
from .metadata import ModelMetadata
from .onnx_file import OnnxFile

POINTS = 16
TOLERANCE = 1e-4
"""Largest difference between one and several items a batch, between one and several threads, and between the
stems' sum and the audio.
"""
THREADS = 4
"""As many as a host may use. ONNX Runtime's parallel `ScatterND` loses what is added twice to one place."""
MAX_ASTRAY = 1e-3
"""Largest difference between an example's z and that of its pad position; their numbers are rounded."""
MAX_SHARP_SEAMS = 0.5
"""Share of loops whose seam may be their sharpest place: a downbeat may fall on it, a fault always does."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Finding:
    """One rule of the contract: whether the file keeps it, and what was found."""

    name: str
    passed: bool
    detail: str


def validate(path: Path, provider: str | None = "cpu") -> list[Finding]:
    """Check a decoder or encoder file against format 1.

    A file that cannot be read or opened gives one finding that tells why; nothing is raised for a bad file.

    Args:
        path: the file.
        provider: where it is run; see `providers.open_graph`.

    Raises:
        SettingError: there is no provider of that name.
    """
    path = Path(path)
    try:
        file = onnx_file.read(path)
    except ModelError as e:
        return [Finding("file", False, str(e))]
    return validate_file(file, path, provider)


def validate_file(file: OnnxFile, path: Path, provider: str | None = "cpu") -> list[Finding]:
    """As `validate`, for a file that has been read from `path`, or adopted from another tool, already."""
    try:
        metadata = read_metadata(file)
    except ModelError as e:
        return [Finding("file", False, str(e))]
    size = f"{file.size / 1e6:.2f} MB, opset {file.opset}, {sum(file.operators.values())} nodes"
    findings = [
        Finding("file", True, f"{size}, {file.parameters:,} values"),
        Finding("metadata", True, f"format 1, {metadata.kind}, {metadata.name!r}"),
    ]
    encodes = "z" not in [i.name for i in file.inputs]
    try:
        checks = _encoder_checks(path, provider) if encodes else _decoder_checks(file, path, provider)
        findings.extend(checks)
    except ModelError as e:
        findings.append(Finding("graph", False, str(e)))
    return findings


def _decoder_checks(file: OnnxFile, path: Path, provider: str | None) -> Iterator[Finding]:
    decoder = Decoder.of(file, path, provider)
    m = decoder.metadata
    yield _examples(m)
    outputs = ", ".join(str(o.name) for o in decoder.file.outputs)
    yield Finding("graph", True, f"z [batch, {m.latent_dim}] → {outputs}, as the metadata declare")
    z = probe_latents(m)
    names = [name for name in expected_outputs(m) if decoder.file.output(name) is not None]
    # One at a time, so that few of many large items are held.
    each = [decoder.decode(row[None])[0] for row in z]
    yield _batches(z, each, decoder.decode)
    again = Decoder.of(file, path, provider)
    same = all(
        np.array_equal(decoder.decode(row[None])[0], item)
        and np.array_equal(again.decode(row[None])[0], item)
        for row, item in zip(z[:3], each, strict=False)
    )
    yield Finding(
        "determinism", same, "the same z gives the same values" if same else "the same z gives other values"
    )
    yield _threads(file, provider, names[0], z, each)
    low = -1 if m.kind == "loop" else 0
    least, most = min(float(x.min()) for x in each), max(float(x.max()) for x in each)
    yield Finding(
        "range", low <= least and most <= 1, f"values from {least:.3f} to {most:.3f}, expected {low} to 1"
    )
    alive = float(np.mean([np.ptp(x) > 1e-3 for x in each]))
    yield Finding("signal", alive > 0, f"{alive:.0%} of the points give more than silence or one colour")
    if isinstance(m.geometry, LoopGeometry):
        yield _seam(each, m.geometry)
    if "stems" in names:
        yield _stems(decoder, z[:4])


def _encoder_checks(path: Path, provider: str | None) -> Iterator[Finding]:
    encoder = Encoder.open(path, None, provider)
    m = encoder.metadata
    name = encoder.file.inputs[0].name
    yield Finding(
        "graph", True, f"{name} → mean, log_variance [batch, {m.latent_dim}], as the metadata declare"
    )
    shape = next(iter(expected_outputs(m).values()))
    x = np.random.default_rng(0).uniform(0, 0.5, (3, *shape)).astype(np.float32)

    def run(items: Array) -> Array:
        arrays = encoder.session.run(["mean", "log_variance"], {name: items})
        return np.stack(arrays, 1)

    each = [run(item[None])[0] for item in x]
    finite = all(np.isfinite(e).all() for e in each)
    yield Finding(
        "range", finite, "mean and log variance are finite" if finite else "mean or log variance holds NaN"
    )
    yield _batches(x, each, run)
    same = np.array_equal(run(x[:1])[0], each[0])
    yield Finding("determinism", same, "the same input gives the same values" if same else "values change")


def probe_latents(metadata: ModelMetadata) -> Array:
    """Latents to try, `(POINTS, latent_dim)`: the pad's corners and centre, then draws from the prior."""
    corners = [metadata.pad.point(x, y) for x, y in ((-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0))]
    draws = np.random.default_rng(0).standard_normal((POINTS - len(corners), metadata.latent_dim))
    return np.concatenate([corners, draws]).astype(np.float32)


def _examples(metadata: ModelMetadata) -> Finding:
    """Whether every training item that the file names lies where it says."""
    astray = {
        e["name"]: float(np.abs(metadata.pad.point(e["x"], e["y"]) - np.asarray(e["z"])).max())
        for e in metadata.values["examples"]
    }
    worst = max(astray, key=lambda name: astray[name], default=None)
    detail = f"{len(astray)} on the pad"
    if worst is not None:
        detail += f"; z of {worst[:40]!r} differs from its place's by {astray[worst]:.1e}"
        detail += f", expected at most {MAX_ASTRAY:g}"
    return Finding("examples", worst is None or astray[worst] <= MAX_ASTRAY, detail)


def _batches(x: Array, each: list[Array], run: Callable[[Array], Array]) -> Finding:
    """Whether three items at once come out as they do alone."""
    together = run(np.ascontiguousarray(x[:3]))
    difference = max(float(np.abs(a - b).max()) for a, b in zip(together, each, strict=False))
    return Finding(
        "batch",
        difference <= TOLERANCE,
        f"three at once differ from singles by {difference:.1e}, expected at most {TOLERANCE:g}",
    )


def _threads(file: OnnxFile, provider: str | None, output: str, z: Array, each: list[Array]) -> Finding:
    """Whether several threads, which most hosts use, give what one gives."""
    session, _ = providers.open_session(file.data, provider, THREADS)
    found = (session.run([output], {"z": row[None]})[0] for row in z)
    difference = max(float(np.abs(a[0] - b).max()) for a, b in zip(found, each, strict=True))
    return Finding(
        "threads",
        difference <= TOLERANCE,
        f"{THREADS} threads differ from one by {difference:.1e}, expected at most {TOLERANCE:g}",
    )


def _stems(decoder: Decoder, z: Array) -> Finding:
    rest = max(
        float(np.abs(decoder.decode_stems(row[None]).sum(1) - decoder.decode(row[None])).max()) for row in z
    )
    voices = ", ".join(decoder.metadata.voices)
    return Finding(
        "stems",
        rest <= TOLERANCE,
        f"{voices}: their sum differs from audio by {rest:.1e}, expected at most {TOLERANCE:g}",
    )


def seam_is_sharpest(audio: Array) -> bool:
    """Whether the step from a loop's end to its start is sharper than every other step in it.

    Sharpness is the second difference, large where a waveform is broken, small where it is only loud.

    Args:
        audio: `(channels, frames)`.
    """
    bend = np.abs(np.diff(np.concatenate([audio[:, -2:], audio, audio[:, :2]], 1), n=2, axis=1)).max(0)
    return bool(bend[:2].max() > bend[2:-2].max())  # the first two reach across the seam


def _seam(items: list[Array], geometry: LoopGeometry) -> Finding:
    share = float(np.mean([seam_is_sharpest(x) for x in items]))
    exempt = geometry == PAPER_LOOP
    detail = (
        f"the seam is the sharpest place of {share:.0%} of the loops, expected at most {MAX_SHARP_SEAMS:.0%}"
    )
    return Finding(
        "seam",
        exempt or share <= MAX_SHARP_SEAMS,
        detail + (" (the paper's own network is exempt)" if exempt else ""),
    )
