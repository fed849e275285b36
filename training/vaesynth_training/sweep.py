"""`python -m vaesynth_training sweep`: the same data and model under several β, in one table and plot."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from vaesynth.errors import SettingError

BETAS = (0.1, 0.3, 1.0, 3.0, 10.0)
KEYS = ("kl.beta", "kl_weight")
"""Where models keep the weight of the KL, among their settings."""


def build_parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m vaesynth_training sweep",
        description="Train one configuration under several weights of the KL term, evaluate every run alike, "
        "and write OUT/table.csv, OUT/table.md and OUT/plot.png: distortion against nats, and active units.",
        epilog="Example, with the plain autoencoder and linear PCA beside the β-VAEs:\n"
        "  python -m vaesynth_training sweep drums --data SET --config paper_drums --out OUT \\\n"
        "      --also paper_drums_ae --also pca\n"
        "A sweep that was interrupted goes on when it is called again.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("kind", choices=("drums", "faces"), help="what the data are")
    add("--data", metavar="DATASET", action="append", required=True, help="data set, a folder or a URL")
    add("--out", metavar="OUT", type=Path, required=True, help="folder for the runs, the table and the plot")
    add("--config", metavar="NAME|FILE", help="configuration (default: the kind's own)")
    add("--from", metavar="RUN", dest="source", help="start each run from a run's weights, or from `bundled`")
    add("--beta", metavar="B", type=float, action="append", help=f"a weight; may be given again (default: "
        f"{', '.join(f'{b:g}' for b in BETAS)})")  # fmt: skip
    add("--key", metavar="KEY", help="the setting that is the weight (default: the model's own, such as "
        "settings.kl.beta)")  # fmt: skip
    add("--also", metavar="NAME|FILE", action="append", default=[],
        help="another configuration to set beside them, as it is; may be given again")  # fmt: skip
    add("--minutes", metavar="M", type=float, help="minutes of training of each run")
    add("--steps", metavar="N", type=int, help="steps of each run")
    add("--epochs", metavar="N", type=int, help="passes over the training items of each run")
    add("--seed", metavar="S", type=int, help="seed of each run")
    add("--set", metavar="KEY=VALUE", dest="overrides", action="append", default=[],
        help="change one setting of the runs; may be given again")  # fmt: skip
    add("--items", metavar="N", type=int, default=64, help="items to measure on, at most (default: 64)")
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="where to compute")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; prints the table.

    Returns:
        0, or 128 + the number of the signal that ended it early.

    Raises:
        VaesynthError: an option, the data or an output cannot be used.
    """
    o = build_parser().parse_args(arguments)
    betas = tuple(o.beta or BETAS)
    if any(not 0 <= beta < float("inf") for beta in betas) or len(set(betas)) < len(betas):
        raise SettingError(
            f"--beta is {', '.join(map(str, betas))}, expected different numbers, none below 0"
        )
    from . import configuration
    from .run import require_no_dataset
    from .series import Variant, markdown, run_series
    from .train import Options

    require_no_dataset(o.out)

    kind = {"drums": "loop", "faces": "image"}[o.kind]
    budget = [f"training.{n}={getattr(o, n) or 'null'}" for n in ("minutes", "steps", "epochs")]
    common = [*(budget if any((o.minutes, o.steps, o.epochs)) else ())]
    common += [f"training.seed={o.seed}"] if o.seed is not None else []
    key = o.key or weight_key(o.config or o.kind)
    variants = [Variant(f"beta-{beta:g}", (*o.overrides, f"{key}={beta}")) for beta in betas]
    variants += [Variant(Path(config).stem, (), config) for config in o.also]
    for variant in variants:  # a mistake in the last is told before the first is trained
        if variant.config or not o.source:
            overrides = (*common, *variant.overrides)
            configuration.load(variant.config or o.config or o.kind, overrides)
    base = Options(kind, tuple(o.data), o.out, o.config, tuple(common), source=o.source, device=o.device)
    code, rows = run_series(base, variants, o.items)
    if rows:
        print(markdown(rows), end="")
    return code


def weight_key(config: str) -> str:
    """The key of the KL's weight among a configuration's settings.

    Raises:
        SettingError: its model has none.
    """
    from . import configuration

    settings = configuration.load(config).settings
    for key in KEYS:
        head, _, rest = key.partition(".")
        if hasattr(settings, head) and (not rest or hasattr(getattr(settings, head), rest)):
            return f"settings.{key}"
    raise SettingError(f"{config}: its model has no weight of the KL, expected one (name it with --key)")
