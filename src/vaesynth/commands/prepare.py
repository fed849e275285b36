"""`vaesynth prepare`: a folder of loops or pictures → a data set."""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SettingError
from ..geometry import NATIVE_LOOP, PAPER_LOOP, ImageGeometry
from ..terminal import printable

if TYPE_CHECKING:
    from ..prepare.image import Frame
    from ..prepare.report import Report
    from ..prepare.sources import Choice

SUMMARY = "turn a folder of loops or pictures into a data set to train on"
PAPER_SIDE = 70
OF_LOOPS = ("bars", "tempo", "octave", "tempi")
OF_FACES = ("size", "grey", "align")
"""Options that one kind has alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--loops", type=Path, metavar="DIR", help="folder of WAV, AIFF, FLAC, OGG or MP3 files")
    kind.add_argument("--faces", type=Path, metavar="DIR", help="folder of JPEG, PNG or WebP files")
    parser.add_argument("--out", type=Path, required=True, metavar="DATASET", help="the data set to write")
    parser.add_argument("--force", action="store_true", help="replace the data set when it exists already")
    parser.add_argument("--geometry", choices=("native", "paper"), default="native",
                        help="native: bars of 2 s at 48 kHz stereo, or 128 pixels; paper: as in the paper "
                             "of 2018, 30,000 mono samples of each 44.1 kHz file, or 70 grey pixels a side")

    which = parser.add_argument_group("which files, and what is known of them")
    which.add_argument("--table", type=Path, metavar="CSV",
                       help="what is known of each file: columns file, source, licence, split, and for loops "
                            "tempo, bars, start_sample, n_samples, time_signature (default: the loops.csv or "
                            "faces.csv beside the files)")
    which.add_argument("--where", nargs="+", default=[], metavar="COLUMN=VALUE",
                       help="only files whose row in the table has these values")
    which.add_argument("--only", nargs="+", default=[], metavar="NAME",
                       help="only these files or sources; * and ? stand for anything")
    which.add_argument("--exclude", nargs="+", default=[], metavar="NAME", help="not these files or sources")
    which.add_argument("--validation", nargs="+", default=[], metavar="SHARE|NAME",
                       help="keep for validation: a share such as 0.1, or these files or sources")
    which.add_argument("--source", default="", metavar="TEXT", help="whom to credit, unless the table says")
    which.add_argument("--licence", default="", metavar="TEXT", help="the licence, unless the table says")

    loops = parser.add_argument_group("loops")
    loops.add_argument("--bars", type=int, choices=(1, 2, 4), help="bars per item (default 1)")
    loops.add_argument("--tempo", type=float, metavar="BPM", help="tempo of every file, whatever names say")
    loops.add_argument("--octave", choices=("auto", "double", "half"),
                       help="correct tempi that come from names or from the sound: 70 to 140, or 140 to 70")
    loops.add_argument("--tempi", type=Path, metavar="CSV",
                       help="tempi of single files: columns file and tempo, or any timing column of --table; "
                            "goes before all else")

    faces = parser.add_argument_group("pictures")
    faces.add_argument("--size", type=int, metavar="PIXELS", help="side of the square images (default 128)")
    faces.add_argument("--grey", action="store_true", help="without colour")
    faces.add_argument("--align", action="store_true",
                       help="find the face of each photo and bring its eyes to one place (extra: faces)")


def run(options: argparse.Namespace) -> int:
    """Prepare the folder, print what became of each file; returns the exit code."""
    report, facts = _loops(options) if options.loops is not None else _faces(options)
    print(report.to_text(facts))
    if report.remark:
        print(printable(report.remark))
    print(report.summary())
    return 0


def _loops(options: argparse.Namespace) -> tuple["Report", Sequence[str]]:
    from ..prepare.loops import prepare_loops
    _refuse(options, OF_FACES, "--loops", "--faces")
    if options.geometry == "paper":
        _refuse(options, OF_LOOPS, "--geometry paper", "--geometry native")
    bars = options.bars or 1
    native = replace(NATIVE_LOOP, frames=bars * NATIVE_LOOP.frames, beats=bars * NATIVE_LOOP.beats)
    report = prepare_loops(
        options.loops, options.out, PAPER_LOOP if options.geometry == "paper" else native, bpm=options.tempo,
        octave=options.octave or "auto", tempi=options.tempi, choice=_choice(options),
        validation=options.validation, overwrite=options.force, progress=_progress())
    return report, ("split", "tempo", "tempo_source")


def _faces(options: argparse.Namespace) -> tuple["Report", Sequence[str]]:
    from ..prepare.faces import prepare_faces
    from ..prepare.image import centre_crop, plain_resize
    _refuse(options, OF_LOOPS, "--faces", "--loops")
    paper = options.geometry == "paper"
    side = options.size if options.size is not None else PAPER_SIDE if paper else 128
    if not 8 <= side <= 4096:
        raise SettingError(f"--size {side}: is out of range, expected 8 to 4096")
    frame: Frame = plain_resize if paper else centre_crop
    if options.align:
        from ..prepare.photo import EyesFrame
        frame = EyesFrame()
    report = prepare_faces(
        options.faces, options.out, ImageGeometry(side, side), grey=options.grey or paper, frame=frame,
        choice=_choice(options), validation=options.validation,
        overwrite=options.force, progress=_progress())
    return report, ("split",)


def _refuse(options: argparse.Namespace, names: Sequence[str], given: str, expected: str) -> None:
    """Raise where options are given that would not count."""
    for name in names:
        if getattr(options, name) not in (None, False):
            raise SettingError(f"--{name} is given beside {given}, expected it beside {expected} alone")


def _choice(options: argparse.Namespace) -> "Choice":
    from ..prepare.sources import Choice
    where = {}
    for condition in options.where:
        column, sign, value = condition.partition("=")
        if not sign or not column:
            raise SettingError(f"--where {condition}: names no value, expected COLUMN=VALUE")
        where[column] = value
    return Choice(options.table, where, options.only, options.exclude, options.source, options.licence)


def _progress() -> Callable[[int, int, str], None] | None:
    if not sys.stderr.isatty():
        return None

    def show(number: int, count: int, file: str) -> None:
        last = number + 1 == count
        line = f"\r\x1b[K{number + 1}/{count} {printable(file)[:60]}"
        print(line, end="\r\x1b[K" if last else "", file=sys.stderr, flush=True)
    return show
