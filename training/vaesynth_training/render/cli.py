"""`python -m vaesynth_training render`: a data set of bars rendered from grooves and kits."""

import argparse
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from vaesynth.dataset import DatasetWriter
from vaesynth.errors import DatasetError, SettingError, in_words
from vaesynth.geometry import NATIVE_LOOP

from .options import add_options, recipe_of
from .pairs import QUAD
from .work import Inputs, rendered


def build_parser() -> argparse.ArgumentParser:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m vaesynth_training render",
        description="Render one-bar drum loops (48 kHz stereo, 120 BPM) from MIDI grooves and kits of "
        "one-shots, with every hit known, as a data set to train on. The same seed gives the same bytes.",
        epilog="Items come in quads: two grooves on two kits each. Kits and grooves that are held out for "
        "validation are never heard in training items.",
    )
    parser.add_argument("--grooves", type=Path, required=True, help="folder with grooves.csv and MIDI files")
    parser.add_argument(
        "--oneshots",
        type=Path,
        action="append",
        required=True,
        help="folder with oneshots.csv and samples; may be given again",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DATASET", help="data set to write")
    parser.add_argument(
        "--bars-count", type=int, default=6_000, metavar="N", help="training bars (%(default)s)"
    )
    parser.add_argument(
        "--validation-count", type=int, metavar="N", help="validation bars (a fifteenth of those)"
    )
    parser.add_argument(
        "--splits", type=Path, metavar="FILE", help="JSON with validation_kits; none: no validation"
    )
    add_options(parser)
    parser.add_argument(
        "--kits", type=Path, metavar="RUN", help="pretrained run: records the kits' latents beside the bars"
    )
    parser.add_argument(
        "--part", default="1/1", metavar="I/N", help="render only every N-th quad, from the I-th"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument("--cache", type=Path, help="folder for decoded samples (the user's cache)")
    parser.add_argument("--force", action="store_true", help="replace an existing data set")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns 0.

    Raises:
        VaesynthError: an option, the data or the output cannot be used.
    """
    options = build_parser().parse_args(arguments)
    recipe = recipe_of(options)
    part, parts = _part(options.part)
    counts = {"train": options.bars_count, "validation": options.validation_count}
    if counts["validation"] is None:
        counts["validation"] = counts["train"] // 15 if options.splits else 0
    for split, count in counts.items():
        if count < 0:
            raise SettingError(f"the number of {split} bars is {count}, expected 0 or more")
    if counts["validation"] and not options.splits:
        raise SettingError("validation bars need --splits FILE, which names the kits to hold out")
    if options.workers < 1:
        raise SettingError(f"--workers is {options.workers}, expected 1 or more")
    held_out = validation_kits(options.splits) if options.splits else []
    about = {"made_by": "vaesynth_training render", "recipe": recipe.as_json(), "part": options.part}
    with DatasetWriter(options.out, "loop", NATIVE_LOOP, overwrite=options.force, about=about) as writer:
        inputs = Inputs(
            tuple(options.oneshots), options.grooves, options.cache, tuple(held_out), recipe, options.kits
        )
        plan = inputs.plan()
        jobs = []
        for split, count in counts.items():
            if count:
                plan.check(split)
                jobs += [(split, quad, count) for quad in range(part - 1, math.ceil(count / QUAD), parts)]
        credited: Counter[tuple[str, str, str]] = Counter()
        started = time.monotonic()
        for done, items in enumerate(rendered(inputs, plan, jobs, options.workers), 1):
            for key, payload, record in items:
                writer.add_encoded(key, payload, record)
                credited.update((c["kit"], c["source"], c["licence"]) for c in record["kits"])
                groove = (
                    record["groove_file"] or "(programmed)",
                    record["groove_source"],
                    record["groove_licence"],
                )
                credited[groove] += 1
            _progress(done, len(jobs), time.monotonic() - started)
        writer.write_table(
            {"file": name, "source": source, "licence": licence, "bars": bars}
            for (name, source, licence), bars in sorted(credited.items())
        )
    print(
        f"{options.out}: {writer.items['train']} training bars, {writer.items['validation']} validation bars"
    )
    return 0


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise SettingError(f"--part is {text!r}, expected I/N with I from 1 to N")
    return int(part), int(parts)


def validation_kits(file: Path) -> list[str]:
    try:
        names = json.loads(file.read_text(encoding="utf-8"))["validation_kits"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = in_words(error)
        raise DatasetError(f"{file} cannot be read as JSON with a list validation_kits: {reason}") from error
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DatasetError(f"{file}: validation_kits is no list of kit names")
    return names


def _progress(done: int, total: int, seconds: float) -> None:
    if sys.stderr.isatty() or done == total or done % 100 == 0:
        left = seconds / done * (total - done)
        end = "\n" if done == total or not sys.stderr.isatty() else ""
        print(f"\rquad {done}/{total}, {left:.0f} s left ", end=end, file=sys.stderr, flush=True)
