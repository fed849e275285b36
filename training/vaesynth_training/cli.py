"""The training side's command line: `python -m vaesynth_training COMMAND …`."""

import argparse
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from vaesynth.errors import VaesynthError, in_words

PROGRAM = "python -m vaesynth_training"

DESCRIPTION = "Train variational autoencoders on drum loops and faces, and measure them."

EPILOGUE = """\
From a folder of loops to an instrument:
  vaesynth prepare --loops LOOPS --out DATASET                          cut the loops into bars
  python -m vaesynth_training drums --data DATASET --out RUN --minutes 60
  python -m vaesynth_training evaluate RUN --data DATASET               figures, sounds, listening page
  python -m vaesynth_export RUN --out my-drums                          one .onnx file to play
  vaesynth play --model my-drums.decoder.onnx

Learn your own ten loops over a coffee, starting from the bundled instrument:
  python -m vaesynth_training drums --from bundled --data MY_LOOPS --out RUN --minutes 10

Ctrl-C (or SIGTERM) ends a run after the running step and saves it; --resume goes on.
To watch a run: tensorboard --logdir RUN
Exit codes: 0 done, 2 a mistake to mend, 130 or 143 stopped by a signal and saved."""

TRAIN_EPILOGUE = """\
Examples:
  {program} {kind} --data DATASET --out RUN --minutes 60
  {program} {kind} --data DATASET --out RUN --minutes 120 --resume      an hour more
  {program} {kind} --data DATASET --out RUN --config paper_{kind}
  {program} {kind} --data MINE --out RUN --from bundled --minutes 10
  {program} {kind} --data DATASET --out RUN --set training.batch_size=16 --set optimiser.learning_rate=1e-4
  torchrun --nproc-per-node 4 -m vaesynth_training {kind} --data DATASET --out RUN --minutes 600

Configurations: {configurations}
Settings and their meaning: training/vaesynth_training/configuration.py, and the dataclass of each model."""


DELEGATED = {
    "oneshots": (".oneshots", "take loops apart into kits of one-shots"),
    "render": (".render.cli", "build a data set from MIDI grooves and kits of one-shots"),
    "pretrain": (".pretrain.cli", "pretrain the halves of the drum model: grooves and kits"),
    "sweep": (".sweep", "train under several β, and compare: distortion against nats"),
}
"""Commands with a parser of their own: module and summary."""


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; each sets `run` in the parsed options."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_training(commands, "drums", "loop", "train a model of drum loops")
    _add_training(commands, "faces", "image", "train a model of faces")
    evaluate = commands.add_parser(
        "evaluate",
        help="measure a run: reconstruction, generation, interpolation",
        description="Measure a run, and write plots, sounds and a listening page into RUN/evaluation.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    evaluate.add_argument("run_folder", metavar="RUN", type=Path, help="folder of a finished run")
    evaluate.add_argument(
        "--data",
        metavar="DATASET",
        type=_place,
        action="append",
        required=True,
        help="data set to measure on; may be given again",
    )
    evaluate.add_argument(
        "--split",
        choices=("validation", "train"),
        help="which items (default: validation, or train where there are no others)",
    )
    evaluate.add_argument(
        "--items", metavar="N", type=_positive_int, default=64, help="at most N items (default: 64)"
    )
    evaluate.add_argument("--seed", metavar="S", type=int, default=0, help="seed of the samples (default: 0)")
    evaluate.add_argument("--out", metavar="DIR", type=Path, help="where to write (default: RUN/evaluation)")
    evaluate.set_defaults(run=_evaluate)
    compare = commands.add_parser(
        "compare",
        help="measure sounds or pictures from anywhere against a data set",
        description="For each file print its nearest training item and the distance from it, as JSON.",
    )
    compare.add_argument(
        "files", metavar="FILE", type=Path, nargs="+", help="sound or picture of the data's geometry"
    )
    compare.add_argument(
        "--data", metavar="DATASET", type=_place, action="append", required=True, help="data set"
    )
    compare.set_defaults(run=_compare)
    for name, (_, summary) in DELEGATED.items():
        commands.add_parser(name, help=summary, add_help=False)
    return parser


def _add_training(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, kind: str, summary: str
) -> None:
    configurations = sorted(p.stem for p in Path(__file__).with_name("configs").glob("*.yaml"))
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]} on data sets made by vaesynth prepare.",
        epilog=TRAIN_EPILOGUE.format(
            program=PROGRAM, kind=name, configurations=", ".join(configurations) or "none yet"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_train, kind=kind)
    add = parser.add_argument
    add(
        "--data",
        metavar="DATASET",
        type=_place,
        action="append",
        required=True,
        help="data set, a folder or a URL (s3://…, https://…); may be given again",
    )
    add("--out", metavar="RUN", type=Path, required=True, help="folder of the run")
    add("--config", metavar="NAME|FILE", help=f"configuration, by name or as a YAML file (default: {name})")
    add(
        "--from",
        metavar="RUN",
        dest="source",
        help="start from a run's weights, or from the `bundled` instrument's",
    )
    add(
        "--resume",
        action="store_true",
        help="go on with the run in RUN, where there is one, with its model and settings",
    )
    budget = parser.add_argument_group(
        "budget (the first to be spent ends the run; any of these replaces the configuration's)"
    )
    budget.add_argument(
        "--minutes", metavar="M", type=_positive, help="minutes of training in all, resumed ones included"
    )
    budget.add_argument("--steps", metavar="N", type=_positive_int, help="optimisation steps in all")
    budget.add_argument(
        "--epochs", metavar="N", type=_positive_int, help="passes over the training items in all"
    )
    add(
        "--seed",
        metavar="S",
        type=int,
        help="seed of weights, noise and order (default: the configuration's)",
    )
    add(
        "--set",
        metavar="KEY=VALUE",
        dest="overrides",
        action="append",
        default=[],
        help="change one setting; may be given again",
    )
    add(
        "--device",
        choices=("auto", "cpu", "cuda", "mps"),
        default="auto",
        help="where to compute (default: the best there is)",
    )
    add(
        "--devices",
        metavar="N",
        type=_positive_int,
        default=1,
        help="devices on each machine (torchrun sets this itself)",
    )
    add("--nodes", metavar="N", type=_positive_int, default=1, help="machines (torchrun sets this itself)")
    add("--force", action="store_true", help="start anew in a folder that already holds a run")


def _place(text: str) -> Path | str:
    """A folder, or a URL as it stands: a path would fold its slashes."""
    return text if "://" in text else Path(text)


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return value


def _positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value


def _train(o: argparse.Namespace) -> int:
    from .train import Options, train

    overrides: list[str] = []
    if any((o.minutes, o.steps, o.epochs)):
        overrides = [
            f"training.{name}={getattr(o, name) or 'null'}" for name in ("minutes", "steps", "epochs")
        ]
    if o.seed is not None:
        overrides.append(f"training.seed={o.seed}")
    return train(
        Options(
            o.kind,
            tuple(o.data),
            o.out,
            o.config,
            (*overrides, *o.overrides),
            o.resume,
            o.source,
            o.device,
            o.devices,
            o.nodes,
            o.force,
        )
    )


def _evaluate(o: argparse.Namespace) -> int:
    from .evaluate import evaluate

    return evaluate(o.run_folder, tuple(o.data), split=o.split, items=o.items, seed=o.seed, out=o.out)


def _compare(o: argparse.Namespace) -> int:
    from .compare import compare

    return compare(o.files, o.data)


def one_sentence(error: VaesynthError) -> str:
    """The error's message, without the traceback that PyTorch puts round errors of its worker processes."""
    lines = str(error).strip().splitlines() or [""]
    return re.sub(r"^[\w.]*Error: ", "", lines[-1]) if "DataLoader worker" in lines[0] else " ".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0, 2 after a mistake that was told in one sentence, or 128 + a signal's number.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if arguments and arguments[0] in DELEGATED:
            return int(importlib.import_module(DELEGATED[arguments[0]][0], __package__).main(arguments[1:]))
        options = build_parser().parse_args(arguments)
        return int(options.run(options))
    except VaesynthError as e:
        print(f"{PROGRAM}: {one_sentence(e)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as e:
        if (e.name or "").partition(".")[0] in ("vaesynth", "vaesynth_training"):
            raise
        print(
            f"{PROGRAM}: {e.name} is missing, expected the extra train (pip install 'vaesynth[train]')",
            file=sys.stderr,
        )
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as e:
        print(f"{PROGRAM}: {f'{e.filename}: ' if e.filename else ''}{in_words(e)}", file=sys.stderr)
        return 2
