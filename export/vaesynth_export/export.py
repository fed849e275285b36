"""A training run → checked decoder and encoder files, both or none."""

import errno
import itertools
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import torch

from vaesynth import metadata, providers, validate
from vaesynth.errors import ModelError, OutputError, SettingError
from vaesynth.models import DECODER_SUFFIX, ENCODER_SUFFIX
from vaesynth_training.model import Model
from vaesynth_training.run import Run

from . import card, descriptors, fidelity, graph, macros, parity, plane, portraits
from .quality import Decode, Latents

Weights = Literal["float32", "float16"]
LARGE_BYTES = 12_000_000
"""What a page should have to load at most; the bundled files keep to it."""
HEADLINE_LARGER_IS_BETTER = {"loop": False, "image": True}
"""What `score` in the records means: multi-resolution STFT distance of loops, PSNR of images."""


@dataclass(frozen=True)
class Settings:
    """What is exported, and how.

    Attributes:
        name: shown to people; None: the run's folder name.
        weights: variants to write; with several, all but float32 get their name into the file name.
        licence: of the weights; None: that of the data, if it has only one.
        authors: credits.
        stems: give the decoder the output `stems`, where the model has voices.
        seed: of the sheet's choice of items.
    """

    name: str | None = None
    weights: Sequence[Weights] = ("float32",)
    licence: str | None = None
    authors: Sequence[str] = ()
    stems: bool = True
    seed: int = 0


def export(run_folder: Path, out: Path, settings: Settings, say: Callable[[str], None] = print) -> list[Path]:
    """Export a run.

    Args:
        run_folder: a finished run.
        out: DIR/NAME; NAME.decoder.onnx and NAME.encoder.onnx are written into DIR.
        settings: see `Settings`.
        say: told, line by line, what was measured.

    Returns:
        The files written.

    Raises:
        SettingError: the run is missing or broken, or `out` is no name of a file.
        ParityError: ONNX Runtime gives other values than PyTorch, or a variant reconstructs worse; no file is
            written.
        ModelError: the result would break the contract; no file is written.
        OutputError: the files cannot be written.
    """
    run = Run.open(run_folder)
    # The name of the run itself is a good one; the files of any other folder's name would lie beside it.
    if out.is_dir() and out.name and out.resolve() != run_folder.resolve():
        raise SettingError(f"--out is {out}, a folder, expected DIR/NAME such as {out / 'mine'}")
    paths = {weights: _paths(out, weights, settings) for weights in settings.weights}
    for path in itertools.chain(*paths.values()):
        require_writable(path)
    model = run.model().eval().cpu()
    say(f"{run.name}: {type(model).__name__}, {run.kind}, {model.latent_dim} latent dimensions")
    means, _ = card.posterior(run, model.latent_dim)
    decoder = graph.DecoderGraph(model, settings.stems)
    protos = (graph.to_onnx(decoder), graph.to_onnx(graph.EncoderGraph(model)))
    sheet, directions = _pad(run, model, _decode(protos[0], decoder.outputs[0]), means, settings.seed, say)
    files: dict[Path, bytes] = {}
    for weights in settings.weights:
        text = card.build(
            run,
            model,
            sheet,
            directions,
            name=settings.name or run.name,
            licence=settings.licence,
            authors=settings.authors,
            weights=weights,
            stems=decoder.has_stems,
        )
        pair = [_with(proto, weights, text, model.exact) for proto in protos]
        names = [path.name for path in paths[weights]]
        _require_parity(model, decoder, pair, means, names, weights == "float16", say)
        files |= dict(zip(paths[weights], pair, strict=True))
    write_together(files, lambda path: _require_valid(path, say))
    for path, data in files.items():
        large = len(data) > LARGE_BYTES and "float16" not in settings.weights
        advice = f", over {LARGE_BYTES // 10**6} MB: --float16 halves it for a web page" if large else ""
        say(f"wrote {path} ({len(data) / 1e6:.2f} MB{advice})")
    return list(files)


def _paths(out: Path, weights: Weights, settings: Settings) -> list[Path]:
    """The decoder's and the encoder's file."""
    if out.name in ("", ".."):
        raise SettingError(f"--out is {out}, expected DIR/NAME")
    if out.suffix == ".onnx":
        raise SettingError(f"--out is {out}, expected DIR/NAME without an ending: both files get their own")
    suffix = f".{weights}" if weights != "float32" and len(settings.weights) > 1 else ""
    return [out.with_name(f"{out.name}{suffix}{end}") for end in (DECODER_SUFFIX, ENCODER_SUFFIX)]


def _decode(proto: onnx.ModelProto, output: str) -> Decode:
    """Decodes one by one with ONNX Runtime, which takes 0.7 of PyTorch's time: a pad takes some thousand."""
    session = providers.open_graph(proto.SerializeToString(), "the exported graph", "cpu")
    return lambda z: np.concatenate([session.run([output], {"z": row[None]})[0] for row in z])


def _pad(
    run: Run, model: Model, decode: Decode, means: Latents, seed: int, say: Callable[[str], None]
) -> tuple[plane.Plane, list[dict[str, object]]]:
    kinds = descriptors.of(model.geometry)
    sign = 1.0 if HEADLINE_LARGER_IS_BETTER[run.kind] else -1.0
    records = card.training_records(run)
    scores = [sign * s if isinstance(s := r.get("score"), int | float) else None for r in records]
    if run.kind == "image" and not 0 < len(means) <= plane.SHOW_ALL:
        sheet = portraits.build(decode, kinds, means, seed)
    else:
        sheet = plane.build(
            decode, kinds, means, scores=scores if len(scores) == len(means) else None, seed=seed
        )
    q = sheet.quality
    shown = f"{len(sheet.shown)} examples shown" if sheet.shown else "no photo shown"
    say(
        f"pad: x {sheet.map.x_label} (ρ {q.rho[0]:.2f}), y {sheet.map.y_label} (ρ {q.rho[1]:.2f}); "
        f"spread {q.spread:.2f} of the items', {q.territory:.0%} of points as near to items as items are, "
        f"largest step {q.step:.1f} × the median; {shown}"
    )
    directions = macros.choose(sheet, decode, kinds, model.latent_groups)
    say(f"macros: {', '.join(str(m['name']) for m in directions) or 'none'}")
    return sheet, directions


def _with(proto: onnx.ModelProto, weights: Weights, text: str, exact: Sequence[str]) -> bytes:
    stored = graph.with_half_weights(proto, exact) if weights == "float16" else proto
    return bytes(graph.with_metadata(stored, {metadata.KEY: text}).SerializeToString())


def _require_parity(
    model: Model,
    decoder: graph.DecoderGraph,
    pair: Sequence[bytes],
    means: Latents,
    names: Sequence[str],
    half: bool,
    say: Callable[[str], None],
) -> None:
    points = parity.decoder_points(model.latent_dim, means)
    found = parity.compare_decoder(pair[0], model, decoder.outputs, points)
    with torch.no_grad():
        items = {f"decoded {what}": model.decode(torch.from_numpy(z)).numpy() for what, z in points.items()}
    noise = np.random.default_rng(1).uniform(0, 1, (4, *graph.item_shape(model))).astype(np.float32)
    encoded = parity.compare_encoder(pair[1], model, {**items, "noise": noise})
    for name, differences in zip(names, (found, encoded), strict=True):
        for difference in differences:
            say(f"{name}: {difference}")
        parity.require(differences, name, half)
    # The last are of training posteriors, where there are any.
    loss = fidelity.measure(pair, model, list(items.values())[-1])
    say(f"{names[0]} and its encoder: {loss}")
    fidelity.require(loss, names[0])


def _require_valid(path: Path, say: Callable[[str], None]) -> None:
    for finding in validate.validate(path):
        if not finding.passed:
            raise ModelError(f"{finding.name}: {finding.detail}")


def require_writable(path: Path) -> None:
    """Tell before the work, not after it, that a file cannot be written; leaves nothing behind.

    Only trying tells: permissions do not count for root, and not for file systems that take no files.

    Raises:
        OutputError: a folder has the name, or the folder above is no folder or takes no such file.
    """
    try:
        if path.is_dir():
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = next(parent for parent in path.parents if parent.exists())
        with tempfile.NamedTemporaryFile(prefix=f".{path.stem}.", suffix=".part.onnx", dir=folder):
            pass
    except OSError as e:
        raise OutputError(f"{path}: cannot be written ({e.strerror or e}), expected a writable folder") from e


def write_together(files: dict[Path, bytes], check: Callable[[Path], None]) -> None:
    """Write all files or none: each beside its place, checked there, then all moved.

    Raises:
        OutputError: a file cannot be written.
        ModelError: `check` refuses one.
    """
    parts: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part.onnx", dir=path.parent)
            parts[path] = Path(part)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            check(parts[path])
        for path, part_path in parts.items():
            os.chmod(part_path, 0o644)  # mkstemp's files are private
            os.replace(part_path, path)
    except OSError as e:
        raise OutputError(f"{path}: cannot be written ({e.strerror or e}), expected a writable folder") from e
    finally:
        for part_path in parts.values():
            part_path.unlink(missing_ok=True)
