"""`vaesynth info`: what a model file says of itself."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .options import add_facts, add_provider, checked_file, provider_of

if TYPE_CHECKING:
    from ..decoder import Decoder
    from ..encoder import Encoder
    from ..metadata import ModelMetadata

SUMMARY = "show what a model file says of itself"
MAX_LISTED = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument(
        "file", metavar="FILE|NAME", help="a decoder or encoder file, or the name of an instrument"
    )
    parser.add_argument("--json", action="store_true", help="all of it as JSON, for programs")
    add_provider(parser)
    add_facts(parser)


def run(options: argparse.Namespace) -> int:
    """Open the file, so that what is shown has been checked, and print its metadata."""
    from .. import models
    from ..terminal import columns, printable

    path = models.find(options.file)
    part = _open(path, options)
    file = part.file
    if options.json:
        graph = {
            "inputs": {i.name: i.shape for i in file.inputs},
            "outputs": {o.name: o.shape for o in file.outputs},
            "opset": file.opset,
            "producer": file.producer,
            "parameters": file.parameters,
            "operators": dict(file.operators),
        }
        values = {
            "file": str(path),
            "bytes": file.size,
            "provider": part.session.provider,
            "graph": graph,
            "metadata": dict(part.metadata.values),
        }
        print(json.dumps(values, indent=2, allow_nan=False))
        return 0
    print(printable(str(path)))
    rows = [
        *describe(part.metadata),
        ("graph", f"{file.parameters / 1e6:.2f} M values, {file.size / 1e6:.2f} MB, opset {file.opset}"),
        ("inputs", ", ".join(f"{i.name} {i}" for i in file.inputs)),
        ("outputs", ", ".join(f"{o.name} {o}" for o in file.outputs)),
        ("provider", part.session.provider),
    ]
    print(columns(rows, indent="  "))
    if part.session.notice:
        print(printable(part.session.notice))
    return 0


def _open(path: Path, options: argparse.Namespace) -> "Decoder | Encoder":
    """The file as what its graph is: a decoder takes z."""
    from ..decoder import Decoder
    from ..encoder import Encoder

    file, provider = checked_file(path, options), provider_of(options)
    if any(i.name == "z" for i in file.inputs):
        return Decoder.of(file, path, provider)
    return Encoder.open(path, None, provider)


def describe(metadata: "ModelMetadata") -> Iterator[tuple[str, str]]:
    """The metadata as (title, text) rows, those that are empty left out."""
    values = metadata.values
    rows = [
        ("name", metadata.name),
        ("kind", metadata.kind),
        ("gives", _gives(metadata)),
        ("latent", _latent(metadata)),
        ("pad", f"x: {metadata.pad.x_label}, y: {metadata.pad.y_label}"),
        ("macros", _list([f"{m['name']} {m['min']:g} to {m['max']:g}" for m in values["macros"]])),
        ("voices", ", ".join(metadata.voices)),
        ("examples", _list([e["name"] for e in values["examples"]])),
        ("trained", _facts(values["trained"])),
        ("scores", _facts(values["scores"])),
        ("licence", values["licence"]),
        ("data licence", values["data_licence"]),
        ("authors", ", ".join(values["authors"])),
    ]
    return (row for row in rows if row[1])


def _gives(metadata: "ModelMetadata") -> str:
    if metadata.kind == "image":
        return f"images of {metadata.values['width']} × {metadata.values['height']} pixels"
    from ..terminal import counted

    g = metadata.loop
    channels = "mono" if g.channels == 1 else "stereo"
    return (
        f"{counted(g.beats, 'beat')} at {g.bpm:g} BPM in {g.beats_per_bar}/4, "
        f"{g.seconds:.3f} s ({g.frames} frames) at {g.sample_rate} Hz {channels}"
    )


def _latent(metadata: "ModelMetadata") -> str:
    groups = [f"{name} {start} to {stop - 1}" for name, (start, stop) in metadata.latent_groups.items()]
    return f"{metadata.latent_dim} dimensions" + (f": {', '.join(groups)}" if groups else "")


def _list(texts: list[str]) -> str:
    more = f" and {len(texts) - MAX_LISTED} more" if len(texts) > MAX_LISTED else ""
    return ", ".join(texts[:MAX_LISTED]) + more


def _facts(facts: Mapping[str, Any]) -> str:
    """A flat object in words; what is nested is left to `--json`."""
    shown = [
        f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}"
        for k, v in facts.items()
        if isinstance(v, int | float | str)
    ]
    return ", ".join(shown)
