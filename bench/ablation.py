"""What each part of a model's training is good for: short runs, each with one part left out.

    python bench/ablation.py --data DATASET [--data DATASET] --from RUN --out OUT --steps 300
    python bench/ablation.py --data FACES --from bundled --out OUT --steps 80
    python bench/ablation.py … --variant "as it is:" --variant "no KL: settings.kl_weight=0"

All runs start from the same weights and have the same budget; the second differs from the first in its seed
alone, and says how much a difference has to be to mean anything. OUT/table.md, OUT/table.csv and OUT/plot.png
compare them as `evaluate` measures; called again, an interrupted series goes on.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vaesynth.errors import SettingError, VaesynthError
from vaesynth_training import configuration
from vaesynth_training.series import Variant, markdown, run_series
from vaesynth_training.storage import Source
from vaesynth_training.train import Options

DRUMS = (
    "as it is:",
    "another seed: training.seed=1",
    "no hits: settings.hits_weight=0",
    "no KL: settings.kl_weight=0",
    "no free bits: settings.free_nats=0",
    "no warm-up of the KL: settings.kl_warm_up=0",
    "sides not weighed: settings.width_weight=0",
    "all resolutions in each step: settings.resolutions=5",
    "bars as they are: settings.rotated=0",
    "data as they come: training.balance=1",
    "no running mean: training.ema_decay=0",
)
FACES = (
    "as it is:",
    "another seed: training.seed=1",
    "likelihood alone: settings.detail=0",
    "detail of draws as well: settings.dream_detail=0.7",
    "an adversary as well: settings.adversary=0.4",
    "no KL: settings.kl.beta=0",
    "pictures as they are: settings.jitter=0",
    "no running mean: training.ema_decay=0",
)
PARTS = {"loop": ("drums", DRUMS), "image": ("faces", FACES)}
"""Configuration; name, and what is set for it; by the kind of the data."""


def variant(text: str) -> Variant:
    """`name: key=value key=value` as one run of the series.

    Raises:
        SettingError: it has no name.
    """
    name, _, settings = text.partition(":")
    folder = "-".join("".join(c if c.isalnum() else " " for c in name).split())
    if not folder:
        raise SettingError(f"--variant is {text!r}, expected a name, a colon and settings")
    return Variant(folder, tuple(settings.split()))


def build_parser() -> argparse.ArgumentParser:
    """The options of the script."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--data", action="append", required=True, metavar="DATASET", help="folder or URL; may be given again")
    add("--out", type=Path, required=True, metavar="OUT", help="folder for the runs and the table")
    add("--config", metavar="NAME|FILE", help="configuration (default: drums, or faces for pictures)")
    add("--from", dest="source", metavar="RUN", help="weights that all start from, or `bundled`")
    add("--steps", type=int, default=300, metavar="N", help="of each run (default: 300)")
    add("--items", type=int, default=64, metavar="N", help="to measure on (default: 64)")
    add("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE", help="for all runs")
    add("--variant", action="append", metavar="NAME: KEY=VALUE …", help="instead of the parts known here")
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the series, and print its table; returns 0, 2 after a mistake, or 128 + a signal's number."""
    o = build_parser().parse_args(arguments)
    common = ("training.minutes=null", "training.epochs=null", f"training.steps={o.steps}", *o.overrides)
    try:
        kind = Source.open(o.data[0]).kind
        config, parts = PARTS[kind]
        config = o.config or config
        variants = [variant(text) for text in o.variant or parts]
        for one in variants:  # a wrong name is told now, not after hours
            configuration.load(config, (*common, *one.overrides))
        base = Options(kind, tuple(o.data), o.out, config, common, source=o.source, device=o.device)
        code, rows = run_series(base, variants, o.items)
    except VaesynthError as e:
        print(f"ablation: {e}", file=sys.stderr)
        return 2
    print(markdown(rows), end="")
    return code


if __name__ == "__main__":
    sys.exit(main())
