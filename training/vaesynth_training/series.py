"""A series of runs that differ in little, measured alike: one table and one plot."""

import contextlib
import csv
import dataclasses
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from . import plots
from .metrics import HEADLINE
from .run import CARD, write_text
from .train import Options, train

TABLE, PLOT, FIGURES = "table", "plot.png", "evaluation/metrics.json"


@dataclass(frozen=True)
class Variant:
    """One run of a series.

    Attributes:
        name: of its folder and row.
        overrides: `key=value` settings on top of the series' own.
        config: another configuration than the series', which then starts from nothing.
    """

    name: str
    overrides: tuple[str, ...] = ()
    config: str | None = None


Row = dict[str, Any]


def run_series(base: Options, variants: Sequence[Variant], items: int = 64) -> tuple[int, list[Row]]:
    """Train and evaluate each variant on the same data in `base.out`/NAME, and write table and plot beside.

    A variant that has finished is neither trained nor measured again; one that was interrupted goes on.

    Args:
        base: what all have in common; its `resume` and `force` do not matter.
        variants: the runs, in the table's order.
        items: items to measure on, at most.

    Returns:
        0, or 128 + a signal's number where one ended the series early; and the rows so far.

    Raises:
        VaesynthError: as `train` and `evaluate`.
    """
    from .evaluate import evaluate

    rows: list[Row] = []
    for number, variant in enumerate(variants, 1):
        out = base.out / variant.name
        print(f"[{number}/{len(variants)}] {variant.name}", file=sys.stderr, flush=True)
        if not (out / CARD).is_file():
            code = train(
                dataclasses.replace(
                    base,
                    out=out,
                    resume=True,
                    config=variant.config or base.config,
                    source=None if variant.config else base.source,
                    overrides=(*base.overrides, *variant.overrides),
                )
            )
            if code:
                return code, rows
        if not _is_measured(out, items):
            with contextlib.redirect_stdout(sys.stderr):
                evaluate(out, base.data, items=items)
        rows.append({"run": variant.name} | read_row(out))
        write_table(base.out, rows)
    headline = HEADLINE[base.kind]
    plots.save(rate_distortion(rows, headline), base.out / PLOT)
    return 0, rows


def _is_measured(run: Path, items: int) -> bool:
    """Whether the run as it is now was evaluated on as many items."""
    metrics, card = run / FIGURES, run / CARD
    if not metrics.is_file() or metrics.stat().st_mtime_ns < card.stat().st_mtime_ns:
        return False
    return bool(json.loads(metrics.read_text(encoding="utf-8")).get("limit") == items)


def read_row(run: Path) -> Row:
    """The figures of an evaluated run that a table compares; those of the bound are None without one."""
    figures = json.loads((run / FIGURES).read_text(encoding="utf-8"))
    card = json.loads((run / CARD).read_text(encoding="utf-8"))
    bound: Mapping[str, Any] = figures["bound"] or {}
    return dict(figures["reconstruction"]) | {
        "nats": bound.get("kl"),
        "log_likelihood": bound.get("log_likelihood"),
        "elbo": bound.get("elbo"),
        "active_units": figures["latent"]["active_units"],
        "prior_nearest": figures["generation"]["nearest"]["prior"],
        "spread_ratio": figures["generation"]["spread_ratio"],
        "steps": card["steps"],
        "minutes": card["minutes"],
    }


def write_table(folder: Path, rows: Sequence[Row]) -> None:
    """The rows as `table.csv` and `table.md`. Raises as `write_text` does."""
    text = io.StringIO()
    names = list(rows[0])
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(folder / f"{TABLE}.csv", text.getvalue())
    write_text(folder / f"{TABLE}.md", markdown(rows))


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""

    def cell(value: Any) -> str:
        if value is None:
            return "–"
        if isinstance(value, float):
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
        return str(value)

    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([cell(row[name]) for name in names] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rate_distortion(rows: Sequence[Row], measure: str) -> Figure:
    """Distortion against nats, and active units of each run. Runs without a bound are level lines.

    Args:
        rows: of `read_row`, with `run`.
        measure: column for the upright axis.
    """
    figure = Figure((10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    for row in rows:
        if row["nats"] is None:
            left.axhline(row[measure], linestyle="--", linewidth=1, color="0.5")
            left.annotate(row["run"], (1, row[measure]), xycoords=("axes fraction", "data"),
                          ha="right", va="bottom", fontsize=7)  # fmt: skip
        else:
            left.plot(row["nats"], row[measure], "o", color="C0")
            left.annotate(row["run"], (row["nats"], row[measure]), xytext=(4, 4),
                          textcoords="offset points", fontsize=7)  # fmt: skip
    left.set(xlabel="KL to the prior (nats an item)", ylabel=measure, title="distortion against nats")
    right.bar([row["run"] for row in rows], [row["active_units"] for row in rows])
    right.set(title="active units", ylabel="dimensions in use")
    right.tick_params(axis="x", labelrotation=45, labelsize=7)
    return figure
