"""`python -m vaesynth_training pretrain`: the drum model's halves, as a run that `drums --from` takes."""

import argparse
import dataclasses
import itertools
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from vaesynth.errors import SettingError
from vaesynth.folders import make_folder
from vaesynth.geometry import NATIVE_LOOP

from .. import configuration
from ..configuration import Configuration
from ..models import build
from ..models.drums.groove import pattern_of
from ..models.drums.model import DrumVae
from ..models.drums.voices import VOICES
from ..render.cli import validation_kits
from ..render.options import add_options, recipe_of
from ..render.pairs import Plan
from ..render.work import Inputs
from ..run import CONFIG, WEIGHTS, Run, write_tensors, write_text
from .grooves import fit_draws, fit_grooves
from .kits import OneShotEncoder, Shots, fit_kits, gather
from .reader import READER, KitReader

PATTERNS = 40_000
"""Grooves that are learnt from, drawn beforehand."""

KITS = 2_000
"""Kits that are learnt from, drawn beforehand: 1.8 GB of memory."""


def build_parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m vaesynth_training pretrain",
        description="Pretrain the drum model: grooves from MIDI, kits from one-shots.",
        epilog="Go on with: python -m vaesynth_training render --kits RUN …, whose bars know their kits, "
        "then with drums --from RUN --data BARS --out NEXT_RUN",
    )
    add = parser.add_argument
    add("--grooves", type=Path, required=True, help="folder with grooves.csv and MIDI files")
    add(
        "--oneshots",
        type=Path,
        action="append",
        required=True,
        help="folder with oneshots.csv and samples; may be given again",
    )
    add("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    add("--config", default="drums", metavar="NAME|FILE", help="configuration of the model (%(default)s)")
    add("--splits", type=Path, metavar="FILE", help="JSON with validation_kits, which are not heard")
    add("--from", metavar="RUN", type=Path, dest="source", help="go on with a pretrained run's weights")
    add("--minutes", type=float, default=60.0, metavar="M", help="minutes for the kits (%(default)g)")
    add("--steps", type=int, default=10_000, metavar="N", help="steps for the grooves (%(default)s)")
    add("--draws", type=int, metavar="N", help="steps for what is drawn of them (an eighth of --steps)")
    add("--voices", metavar="NAME,…", help="voices that the minutes are for (all)")
    add_options(parser)
    add("--cache", type=Path, help="folder for decoded samples (the user's cache)")
    add("--force", action="store_true", help="replace a run")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0.

    Raises:
        VaesynthError: an option, the data or the output cannot be used.
    """
    options = build_parser().parse_args(arguments)
    if (options.out / CONFIG).exists() and not options.force:
        raise SettingError(f"{options.out} already holds a run, expected a new one (--force replaces it)")
    if options.draws is None:
        options.draws = options.steps // 8
    for name in ("minutes", "steps", "draws"):
        if not 0 <= getattr(options, name) < math.inf:
            raise SettingError(f"--{name} is {getattr(options, name):g}, expected 0 or more")
    voices = _voices(options.voices)
    torch.manual_seed(options.seed)
    config, model, encoder = _begun(options.source) if options.source else _anew(options.config)
    held_out = tuple(validation_kits(options.splits)) if options.splits else ()
    oneshots = tuple(options.oneshots)
    plan = Inputs(oneshots, options.grooves, options.cache, held_out, recipe_of(options)).plan()
    plan.check("train")
    # Before hours of work, not after them.
    make_folder(options.out)
    if options.steps or options.draws:
        patterns = torch.stack([pattern_of(hits) for hits in _grooves(plan, PATTERNS)])
        for fit, steps in ((fit_grooves, options.steps), (fit_draws, options.draws)):
            if steps:
                fit(model.encoder.groove, model.groove_decoder, patterns, steps, 0.03, _log)
    if options.minutes:
        pool = gather(_kits(plan), KITS)
        fit_kits(model.kit_decoder, encoder, pool, options.minutes, 1e-4, _log, voices)
    write_tensors(options.out / WEIGHTS, model.state_dict())
    write_tensors(options.out / READER, encoder.state_dict())
    write_text(options.out / CONFIG, configuration.dump(config))
    return 0


def _anew(config_name: str) -> tuple[Configuration, DrumVae, OneShotEncoder]:
    config = dataclasses.replace(configuration.load(config_name), geometry=NATIVE_LOOP)
    if config.model != "drums":
        raise SettingError(f"{config_name} configures {config.model}, expected drums")
    model = build(config.model, config.settings, NATIVE_LOOP)
    assert isinstance(model, DrumVae)
    return config, model, OneShotEncoder()


def _begun(source: Path) -> tuple[Configuration, DrumVae, OneShotEncoder]:
    run = Run.open(source)
    model = run.model()
    if not isinstance(model, DrumVae):
        raise SettingError(f"{source} is a run of {run.config.model}, expected drums")
    return run.config, model, KitReader(source).encoder


def _voices(text: str | None) -> list[int]:
    names = [voice.name for voice in VOICES]
    chosen = names if text is None else text.split(",")
    if unknown := [name for name in chosen if name not in names]:
        raise SettingError(f"--voices has {unknown[0]!r}, expected some of {', '.join(names)}")
    return [names.index(name) for name in chosen]


def _grooves(plan: Plan, count: int) -> Iterator[list[tuple[float, int, float]]]:
    quads = (plan.quad("train", number) for number in itertools.count())
    items = (item for quad in quads for item in list(quad)[::2])
    for item in itertools.islice(items, count):
        yield [(hit.position, hit.voice, hit.velocity) for hit in item.groove.hits]


def _kits(plan: Plan) -> Iterator[Shots]:
    """The kits of the plan's items; voices that the groove does not play give their main sound."""
    for number in itertools.count():
        for item in itertools.islice(plan.quad("train", number), 2):
            yield item.kit.one_shots(item.groove.hits)


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
