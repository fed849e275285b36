"""`python -m vaesynth_export RUN --out DIR/NAME`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from vaesynth.errors import VaesynthError, in_words

PROGRAM = "python -m vaesynth_export"
DESCRIPTION = """\
Turn a training run into an instrument: NAME.decoder.onnx, which plays anywhere by itself, and
NAME.encoder.onnx, which finds the place of new loops in it. Both are compared with PyTorch and checked
against the format before they are written."""
EPILOGUE = """\
examples:
  python -m vaesynth_export runs/mine --out models/mine --name "My loops" --licence CC-BY-4.0
  python -m vaesynth_export runs/mine --out models/mine --float16        half the size
  vaesynth play --model models/mine.decoder.onnx

docs/format.md describes the files. Exit codes: 0 done, 2 a mistake to mend, 130 stopped by Ctrl-C."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", type=Path, help="folder of a training run")
    parser.add_argument(
        "--out", metavar="DIR/NAME", type=Path, required=True, help="where to write, without suffix"
    )
    parser.add_argument("--name", help="name shown to people (default: the name of the run)")
    parser.add_argument(
        "--licence", help="licence of the weights (default: that of the data, if it has only one)"
    )
    parser.add_argument(
        "--author",
        metavar="NAME",
        action="append",
        default=[],
        dest="authors",
        help="somebody to credit; may be given several times",
    )
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument(
        "--float16", action="store_true", help="store the weights in half precision: half the size"
    )
    weights.add_argument(
        "--both",
        action="store_true",
        help="write a single and a half precision variant (NAME and NAME.float16)",
    )
    parser.add_argument(
        "--no-stems",
        action="store_false",
        dest="stems",
        help="leave out the separate voices, where the model has any",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the choice of items for the pad (default: 0)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Export a run; returns the exit code."""
    options = build_parser().parse_args(arguments)
    from .export import Settings, Weights, export

    weights: tuple[Weights, ...] = ("float16",) if options.float16 else ("float32",)
    if options.both:
        weights = ("float32", "float16")
    try:
        export(
            options.run,
            options.out,
            Settings(options.name, weights, options.licence, options.authors, options.stems, options.seed),
        )
    except VaesynthError as e:
        print(f"{PROGRAM}: {e}", file=sys.stderr)
        return 2
    except OSError as e:
        print(f"{PROGRAM}: {f'{e.filename}: ' if e.filename else ''}{in_words(e)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0
