"""`vaesynth render`: a place on the pad, a grid of them, or a take, as audio files."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import SettingError
from ..folders import make_folder
from .options import add_facts, add_model, add_provider, number, open_decoder, whole
from .shaping_options import add_shaping, check_shaping, shaping_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..decoder import Decoder
    from ..loop import Loop
    from ..metadata import ModelMetadata
    from ..shaping import Shaping

SUMMARY = "write the loop at a place on the pad, or a grid of them, into WAV or FLAC files"
LARGEST_GRID = 64
MODES = ("slices", "stretch", "repitch")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the file to write, .wav or .flac; with --grid the folder for the files",
    )
    parser.add_argument(
        "--midi",
        type=Path,
        metavar="FILE",
        help="write the groove as a MIDI file, .mid: the hits of each stem on General MIDI's drum notes, "
        "at the asked tempo; beside --out or instead of it",
    )
    parser.add_argument(
        "--take",
        type=Path,
        metavar="FILE",
        help="write what was recorded with this take, sample by sample (32-bit WAV, or FLAC); of the other "
        "options only --model and --provider count",
    )
    parser.add_argument(
        "--grid",
        type=whole(1, LARGEST_GRID),
        metavar="N",
        help="write N × N places from edge to edge of the pad, each a WAV with place and tempo in its name",
    )
    add_model(parser)
    parser.add_argument(
        "--x", type=number(-1, 1), metavar="X", help="from -1, left, to 1, right (default: 0)"
    )
    parser.add_argument(
        "--y", type=number(-1, 1), metavar="Y", help="from -1, below, to 1, above (default: 0)"
    )
    parser.add_argument(
        "--chain",
        type=_places,
        default=[],
        metavar='"X,Y X,Y …"',
        help="instead of --x and --y: several places, a bar of each in turn; --bars counts all of them",
    )
    parser.add_argument(
        "--macro",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="move a macro of the model (see `vaesynth info`); may be given several times",
    )
    parser.add_argument(
        "--bars", type=whole(1, 9999), default=4, metavar="N", help="how many bars (default: 4)"
    )
    parser.add_argument(
        "--bpm", type=number(40, 240), metavar="BPM", help="tempo, 40 to 240 (default: the model's own)"
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="slices",
        help="how the loop follows a tempo that is not its own: slices moves its hits and keeps each "
        "as it is, stretch keeps the pitch of all, repitch plays faster or slower "
        "(default: slices)",
    )
    parser.add_argument(
        "--rate", type=whole(8_000, 192_000), metavar="HZ", help="sample rate (default: the model's)"
    )
    parser.add_argument(
        "--bits",
        type=int,
        choices=(16, 24, 32),
        default=24,
        help="depth; 32 is floating point, WAV only (default: 24)",
    )
    add_provider(parser)
    add_shaping(parser)
    add_facts(parser, bpm=False)


def run(options: argparse.Namespace) -> int:
    """Render and write the files, and say what they are."""
    from .. import models
    from ..terminal import printable

    if options.take:
        if options.out is None or options.midi or options.grid:
            raise SettingError("--take needs --out and none of --midi and --grid, expected one file to write")
        from .render_take import render_take

        print(printable(render_take(options)))
        return 0
    path = models.find(options.model) if options.model else models.bundled("loop")
    _check_outputs(options)
    macros, shaping = dict(map(_macro, options.macro)), shaping_of(options)
    decoder = open_decoder(path, options, "loop")
    check_shaping(options, decoder.metadata, max(1, len(options.chain)))
    _check_macros(macros, decoder.metadata)
    if options.grid:
        for x, y in _grid(options.grid):
            loop = _render(decoder, x, y, options, macros, shaping)
            out = options.out / _name(decoder.metadata.name, x, y, options.bpm or loop.bpm)
            make_folder(options.out)
            _write(out, loop, options.bits)
            print(printable(told(out, loop, decoder)), flush=True)
    elif options.out:
        x, y = options.chain[0] if options.chain else _place(options)
        loop = _render(decoder, x, y, options, macros, shaping, options.chain[1:])
        _write(options.out, loop, options.bits)
        print(printable(told(options.out, loop, decoder)))
    if options.midi:
        print(printable(_write_midi(decoder, options, macros, shaping)))
    if decoder.notice:
        print(printable(decoder.notice))
    return 0


def _check_outputs(options: argparse.Namespace) -> None:
    if options.out is None and (options.midi is None or options.grid):
        raise SettingError("there is neither --out nor --midi, expected a file to write")
    if options.midi and (options.grid or options.chain):
        raise SettingError("--midi is given beside --grid or --chain, expected one place on the pad for it")
    if options.grid and options.chain:
        raise SettingError("--chain is given beside --grid, expected one of them")
    for name in ("x", "y"):
        if getattr(options, name) is not None and (options.grid or options.chain):
            beside = "--grid" if options.grid else "--chain"
            raise SettingError(f"--{name} is given beside {beside}, expected one of them")
    if options.grid and options.out.exists() and not options.out.is_dir():
        raise SettingError(f"--out is {options.out}, a file, expected a folder for the files of --grid")


def _place(options: argparse.Namespace) -> tuple[float, float]:
    return options.x or 0.0, options.y or 0.0


def _write_midi(decoder: "Decoder", options: argparse.Namespace, macros: dict[str, float],
                shaping: "Shaping") -> str:
    """Write the groove of the place, without what is muted; returns what it is, in words."""
    from ..exports import sounding_strokes
    from ..latent_controls import LatentControls
    from ..midi_file import write_groove
    from ..swing import STRAIGHT
    from ..tempo import check_bpm
    from ..terminal import counted

    controls = LatentControls(decoder.metadata).at(*_place(options))
    for name, value in macros.items():
        controls = controls.with_macro(name, value)
    loop, voices = decoder.decode_loop(controls.latent()), decoder.metadata.voices
    strokes, bpm = sounding_strokes(loop, voices, shaping, STRAIGHT), check_bpm(options.bpm or loop.bpm)
    write_groove(options.midi, strokes, bpm, beats=loop.beats, total_beats=options.bars * loop.beats_per_bar,
                 beats_per_bar=loop.beats_per_bar, name=decoder.metadata.name, voices=voices)
    struck = {stroke.voice for stroke in strokes}
    return (f"{options.midi}: {options.bars} bar{'s' if options.bars > 1 else ''} at {bpm:.4g} BPM, "
            f"{len(strokes)} hits of {len(struck)} voices in a loop of {counted(loop.beats, 'beat')}")


def _render(decoder: "Decoder", x: float, y: float, options: argparse.Namespace, macros: dict[str, float],
            shaping: "Shaping", chain: "Sequence[tuple[float, float]]" = ()) -> "Loop":
    from ..render import render
    from ..tempo import TempoMode

    return render(
        decoder,
        x,
        y,
        bars=options.bars,
        bpm=options.bpm,
        sample_rate=options.rate,
        mode=TempoMode(options.mode),
        macros=macros,
        shaping=shaping,
        chain=chain,
    )


def _grid(size: int) -> list[tuple[float, float]]:
    """The places of a grid, row by row from the upper left; of size 1 the middle."""
    line = [0.0] if size == 1 else [2 * n / (size - 1) - 1 for n in range(size)]
    return [(x, y) for y in reversed(line) for x in line]


def _name(model: str, x: float, y: float, bpm: float) -> str:
    """A file's name that any system takes, and from which `vaesynth prepare` reads the tempo."""
    plain = re.sub(r"[^\w-]+", "-", model).strip("-")[:60] or "loop"
    return f"{plain} x{x:+.2f} y{y:+.2f} {bpm:.6g}bpm.wav"


def render_stand_in(model: Path, out: Path, bars: int, provider: str | None) -> str:
    """Render the middle of the pad; returns what was written, in words.

    Raises:
        ModelError: the file is no playable model.
        OutputError: the file cannot be written.
    """
    from ..decoder import Decoder
    from ..render import render

    decoder = Decoder.open(model, provider, kind="loop")
    loop = render(decoder, bars=bars)
    _write(out, loop, 24)
    return told(out, loop, decoder)


def told(out: Path, loop: "Loop", decoder: "Decoder") -> str:
    """What was rendered: the file, its length, tempo and rate, and what decoded it."""
    bars = loop.beats // loop.beats_per_bar
    return (
        f"{out}: {bars} bar{'s' if bars > 1 else ''} of {decoder.metadata.name}, "
        f"{loop.frames / loop.sample_rate:.2f} s at {loop.bpm:.4g} BPM and {loop.sample_rate} Hz, "
        f"decoded by {decoder.provider}"
    )


def _write(out: Path, loop: "Loop", bits: Literal[16, 24, 32]) -> None:
    from ..wav import write_audio

    write_audio(out, loop.audio, loop.sample_rate, bits)


def _places(text: str) -> list[tuple[float, float]]:
    coordinate = number(-1, 1)
    try:
        if not text.split():
            raise ValueError
        places = [tuple(map(coordinate, part.split(","))) for part in text.split()]
        return [(x, y) for x, y in places]
    except (ValueError, argparse.ArgumentTypeError):
        raise argparse.ArgumentTypeError(
            f"is {text!r}, expected places X,Y from -1 to 1 with spaces between them"
        ) from None


def _macro(text: str) -> tuple[str, float]:
    name, sign, value = text.rpartition("=")
    try:
        if not sign:
            raise ValueError
        return name, float(value)
    except ValueError:
        raise SettingError(f"--macro is {text!r}, expected NAME=VALUE with a number as value") from None


def _check_macros(values: dict[str, float], metadata: "ModelMetadata") -> None:
    """Refuse what a session, whose model may change, would hold within the range."""
    for macro in metadata.values.get("macros", ()):
        value, low, high = values.get(macro["name"], macro["default"]), macro["min"], macro["max"]
        if not low <= value <= high:
            raise SettingError(f"--macro {macro['name']!r} is {value:g}, expected {low:g} to {high:g}")
