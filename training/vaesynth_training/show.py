"""What an evaluation shows: plots, sounds, and the sections of its page."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from vaesynth.errors import OutputError
from vaesynth.geometry import LoopGeometry
from vaesynth.wav import write_audio

from . import page, plots
from .imputation import Imputed
from .studies import Paths
from .traversal import Traversal

STEPS, WALK, SHOWN, HEARD = 9, 5, 8, 4
"""Points of a path between two items and of a walk along a dimension; items in a picture; imputed ones."""

Sections = list[tuple[str, str]]
Sound = Callable[[str, Tensor], str]


@dataclass(frozen=True)
class Findings:
    """What was measured, and the tensors behind it.

    Attributes:
        figures: all figures.
        names: of the items.
        x, decoded: items and their reconstructions.
        samples: of the prior.
        paths: between items.
        walks: along dimensions.
        imputed: items with a half filled in.
    """

    figures: dict[str, Any]
    names: Sequence[str]
    x: Tensor
    decoded: Tensor
    samples: Tensor
    paths: Paths
    walks: Traversal
    imputed: Imputed


def loops(part: Path, geometry: LoopGeometry, found: Findings) -> Sections:
    """Write plots and sounds of loops into the folder `part`.

    Returns:
        (heading, HTML) of each study.

    Raises:
        OutputError: a file cannot be written.
    """
    rate, n = geometry.sample_rate, min(SHOWN, len(found.x))

    def sound(name: str, loop: Tensor) -> str:
        file = part / "audio" / f"{name}.wav"
        try:
            file.parent.mkdir(exist_ok=True)
        except OSError as e:
            raise OutputError(f"{file.parent} cannot be made ({e.strerror})") from e
        write_audio(file, loop.T.numpy(), rate, bits=16)
        return page.player(f"audio/{name}.wav")

    plots.save(
        plots.loops([("original", found.x[:n]), ("reconstruction", found.decoded[:n])], rate, found.names),
        part / "reconstruction.png",
    )
    plots.save(plots.loops([("prior", found.samples[:n])], rate), part / "generation.png")
    return [
        ("Reconstruction", _reconstructed_loops(found, sound)),
        (
            "Samples of the prior",
            page.picture("generation.png", "waveforms and mel spectrograms")
            + page.table(
                ["sample", "sound"],
                [[str(i), sound(f"prior-{i}", s)] for i, s in enumerate(found.samples[: 2 * SHOWN])],
            ),
        ),
        *_loop_paths(part, found, rate, sound),
        ("One dimension at a time", _loop_walks(part, found, rate, sound)),
        ("The second half, made from the first", _imputed_loops(part, found, rate, sound)),
    ]


def images(part: Path, found: Findings) -> Sections:
    """As `loops`, for images."""
    x, decoded, samples = found.x, found.decoded, found.samples
    rows = [
        (label, items[i : i + 12])
        for i in range(0, min(len(x), 36), 12)
        for label, items in (("original", x), ("reconstruction", decoded))
    ]
    plots.save(plots.images(rows), part / "reconstruction.png")
    plots.save(
        plots.images([("", samples[i : i + 12]) for i in range(0, min(len(samples), 48), 12)]),
        part / "generation.png",
    )
    sections = [
        ("Reconstruction", page.picture("reconstruction.png", "originals above reconstructions")),
        ("Samples of the prior", page.picture("generation.png", "images decoded from the prior")),
    ]
    for kind, decoded_paths in found.paths.decoded.items():
        if decoded_paths:
            plots.save(plots.images([("", p) for p in decoded_paths]), part / f"interpolation-{kind}.png")
            sections.append(
                (f"Interpolation, {kind}", page.picture(f"interpolation-{kind}.png", "paths between items"))
            )
    walks = found.walks
    plots.save(plots.images(list(zip(walks.labels, walks.decoded, strict=True))), part / "traversal.png")
    halves = [("known", found.imputed.known), *found.imputed.filled.items()]
    halves.append(("truth", x[: len(found.imputed.known)]))
    plots.save(plots.images(halves), part / "imputation.png")
    sections.append(
        (
            "One dimension at a time",
            page.picture("traversal.png", "a dimension a row") + _walk_table(found, {}),
        )
    )
    sections.append(
        (
            "The lower half, made from the upper",
            page.picture("imputation.png", "a way a row") + _imputation_table(found),
        )
    )
    return sections


def _reconstructed_loops(found: Findings, sound: Sound) -> str:
    rows = found.figures["per_item"]
    return page.picture("reconstruction.png", "waveforms and mel spectrograms") + page.table(
        ["item", "original", "reconstruction", "MR-STFT", "onset correlation"],
        [
            [
                html.escape(found.names[i]),
                sound(f"original-{i}", found.x[i]),
                sound(f"reconstruction-{i}", found.decoded[i]),
                f"{rows[i]['mr_stft']:.3f}",
                f"{rows[i]['onset_correlation']:.3f}",
            ]
            for i in range(min(len(found.x), 2 * SHOWN))
        ],
    )


def _loop_paths(part: Path, found: Findings, rate: int, sound: Sound) -> Sections:
    pairs = [f"{found.names[i]} → {found.names[j]}" for i, j in found.paths.pairs]
    sections = []
    for kind, decoded_paths in found.paths.decoded.items():
        body = ""
        if decoded_paths:
            file = f"interpolation-{kind}.png"
            shown = [p[:: (STEPS - 1) // 4] for p in decoded_paths]
            plots.save(plots.loops([(kind, p) for p in shown], rate), part / file)
            body = page.picture(file, "waveforms and mel spectrograms along the path") + page.table(
                ["pair", "start to end, one after another"],
                [
                    [html.escape(pair), sound(f"{kind}-{i}", _in_a_row(p))]
                    for i, (pair, p) in enumerate(zip(pairs, shown, strict=True))
                ],
            )
        sections.append((f"Interpolation, {kind}", body))
    return sections


def _loop_walks(part: Path, found: Findings, rate: int, sound: Sound) -> str:
    walks = found.walks
    plots.save(plots.loops(list(zip(walks.labels, walks.decoded, strict=True)), rate), part / "traversal.png")
    players = {
        label: sound(f"traversal-{i}", _in_a_row(walk))
        for i, (label, walk) in enumerate(zip(walks.labels, walks.decoded, strict=True))
    }
    picture = page.picture("traversal.png", "waveforms and mel spectrograms, a dimension a row")
    return picture + _walk_table(found, players)


def _walk_table(found: Findings, players: dict[str, str]) -> str:
    rows = zip(found.walks.labels, found.figures["traversal"]["dimensions"], strict=True)
    return page.table(
        ["dimension", "nats", "change from end to end", "largest step / mean step", ""],
        [
            [label, *(f"{row[k]:.2f}" for k in ("nats", "change", "evenness")), players.get(label, "")]
            for label, row in rows
        ],
    )


def _imputed_loops(part: Path, found: Findings, rate: int, sound: Sound) -> str:
    known, filled = found.imputed.known, found.imputed.filled
    rows = [("known", known), *filled.items(), ("truth", found.x[: len(known)])]
    rows = [(label, items[:HEARD]) for label, items in rows]
    plots.save(plots.loops(rows, rate, found.names), part / "imputation.png")
    return (
        page.picture("imputation.png", "waveforms and mel spectrograms, a way a row")
        + _imputation_table(found)
        + page.table(
            ["item", *(label for label, _ in rows)],
            [
                [html.escape(found.names[i])]
                + [sound(f"imputed-{i}-{label}", items[i]) for label, items in rows]
                for i in range(len(rows[0][1]))
            ],
        )
    )


def _imputation_table(found: Findings) -> str:
    figures = {k: v for k, v in found.figures["imputation"].items() if isinstance(v, dict)}
    measures = list(next(iter(figures.values())))
    return page.table(
        ["missing half", *measures],
        [[way, *(f"{values[m]:.3f}" for m in measures)] for way, values in figures.items()],
    )


def _in_a_row(decoded: Tensor) -> Tensor:
    """Loops `(steps, channels, frames)` one after another: `(channels, steps · frames)`."""
    return decoded.transpose(0, 1).flatten(1)
