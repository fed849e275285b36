"""The command line: `vaesynth COMMAND …`."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Protocol, cast

from . import __version__
from .errors import VaesynthError
from .terminal import printable

SECTIONS = {
    "From loops to sound": ("prepare", "play", "render"),
    "Around it": ("models", "info", "validate", "face", "devices", "bench"),
}

DESCRIPTION = "The latent drum instrument: play the space between drum loops on an XY pad."

TRAINING = """\
To make an instrument of your own (needs the extras train and export):
  python -m vaesynth_training --help    train and evaluate on a data set
  python -m vaesynth_export --help      turn a training run into one model file"""

EXAMPLES = """\
Examples:
  vaesynth play                                       play the bundled instrument
  vaesynth play --model my.decoder.onnx --buffer 128  play your own, with less delay
  vaesynth render --x 0.3 --y -0.5 --bars 4 --bpm 128 --out loop.wav
  vaesynth prepare --loops LOOPS --out DATASET        the first step to an instrument of your own

`vaesynth COMMAND --help` tells more about a command.
Exit codes: 0 done, 2 a mistake to mend, 130 stopped by Ctrl-C."""


class Command(Protocol):
    """What a module of `vaesynth.commands` offers."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options to its parser."""

    def run(self, options: argparse.Namespace) -> int:
        """Do the work; returns the exit code."""


def _load(name: str) -> Command:
    return cast(Command, importlib.import_module(f".commands.{name}", __package__))


def build_parser() -> argparse.ArgumentParser:
    """The parser with all subcommands; each sets `run` in the parsed options."""
    commands = {name: _load(name) for names in SECTIONS.values() for name in names}
    overview = [
        "\n".join([f"{title}:", *(f"  {name:<10}{commands[name].SUMMARY}" for name in names)])
        for title, names in SECTIONS.items()
    ]
    parser = argparse.ArgumentParser(
        prog="vaesynth",
        usage="vaesynth [-h] [--version] COMMAND …",
        description="\n\n".join([DESCRIPTION, *overview]),
        epilog=f"{TRAINING}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"vaesynth {__version__}")
    # The overview above replaces argparse's flat list, which knows no sections.
    subparsers = parser.add_subparsers(
        prog="vaesynth", dest="command", metavar="COMMAND", required=True, help=argparse.SUPPRESS
    )
    for name, command in commands.items():
        summary = command.SUMMARY
        subparser = subparsers.add_parser(name, description=f"{summary[0].upper()}{summary[1:]}.")
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the words after `vaesynth`; those of the process by default.

    Returns:
        The exit code: 0 done, 2 an error that the user can mend (one sentence on stderr), 130 interrupted.
    """
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets a substitute, not a traceback.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    options = build_parser().parse_args(arguments)
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except VaesynthError as e:
        return _fail(str(e))
    except BrokenPipeError:
        # The reader (`| head`) has gone; without this the interpreter complains once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as e:
        return _fail(f"{e.filename}: {e.strerror}" if e.filename and e.strerror else str(e))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130


def _fail(sentence: str) -> int:
    print(f"vaesynth: error: {printable(sentence)}", file=sys.stderr)
    return 2
